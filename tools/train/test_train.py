#!/usr/bin/python3
"""Tests of the quantisers, the bit errors and the export; no training, a few seconds.

Run: tools/train/test_train.py
"""

import tempfile
import unittest
from pathlib import Path

import numpy
import torch

import bit_errors
import data
import export
import onnx_graph
import quantize
from evaluate import Evaluation
from networks import FashionNet
from onnx_network import OPERATORS, OnnxNetwork

NORMAL, RQUANT = quantize.scheme_of("normal"), quantize.scheme_of("rquant")


def random_network() -> FashionNet:
    """A network none of whose parameters is zero or one, as after training."""
    torch.manual_seed(7)
    network = FashionNet()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return network


class Quantisers(unittest.TestCase):
    def codes(self, values: list, scheme: str, bits: int) -> list:
        tensor = torch.tensor(values)
        return quantize.encode(tensor, quantize.scheme_of(scheme), bits,
                               quantize.range_of(tensor)).tolist()

    def test_normal_truncates_toward_zero_in_twos_complement(self) -> None:
        # q = 1, 127 steps: 0.5 -> 63.5 -> 63; -0.5 -> -63 = 0xc1; -1 -> -127 = 0x81;
        # 0.999 -> 126.873 -> 126.
        self.assertEqual(self.codes([1.0, 0.5, -0.5, -1.0, 0.0, 0.999], "normal", 8),
                         [127, 63, 0xC1, 0x81, 0, 126])

    def test_rquant_rounds_to_nearest_even_with_offset_127(self) -> None:
        # Range [0, 2], n = w - 1: 1.5 -> 63.5 -> 64 (even) + 127; 0.5 -> -63.5 -> -64 + 127;
        # the ends are 0 and 254.
        self.assertEqual(self.codes([0.0, 2.0, 1.0, 1.5, 0.5], "rquant", 8),
                         [0, 254, 127, 191, 63])

    def test_four_bits_hold_seven_steps_each_way(self) -> None:
        self.assertEqual(self.codes([-1.0, 1.0, 0.5], "normal", 4), [9, 7, 3])
        self.assertEqual(self.codes([-1.0, 1.0, 0.5], "rquant", 4), [0, 14, 11])  # 3.5 -> 4, + 7

    def test_the_largest_weight_meets_the_last_code_whatever_its_value(self) -> None:
        for value in torch.rand(2000, generator=torch.Generator().manual_seed(1)).tolist():
            self.assertEqual(self.codes([value, -value / 3], "normal", 8)[0], 127)

    def test_every_code_decodes_to_its_closed_form(self) -> None:
        every = torch.arange(256, dtype=torch.int32)
        normal = quantize.decode(every, NORMAL, 8, quantize.Range(-2.54, 1.0))
        signed = numpy.arange(256).astype(numpy.uint8).view(numpy.int8)
        numpy.testing.assert_allclose(normal.numpy(), 0.02 * signed, rtol=1e-6)
        rquant = quantize.decode(every, RQUANT, 8, quantize.Range(-1.0, 1.54))
        numpy.testing.assert_allclose(rquant.numpy(), -1.0 + 0.01 * numpy.arange(256),
                                      rtol=1e-5, atol=1e-7)

    def test_what_comes_back_is_within_a_step_or_half_a_step(self) -> None:
        values = torch.randn(10000, generator=torch.Generator().manual_seed(2))
        span = quantize.range_of(values)
        steps = {NORMAL: max(-span.low, span.high) / 127,
                 RQUANT: (span.high - span.low) / 254 / 2}
        for scheme, limit in steps.items():
            back = quantize.decode(quantize.encode(values, scheme, 8, span), scheme, 8, span)
            self.assertLessEqual((back - values).abs().max().item(), limit * 1.0001)

    def test_a_constant_tensor_survives_even_with_bit_errors(self) -> None:
        for value in (0.0, -0.25):
            tensor = torch.full((4,), value)
            span = quantize.range_of(tensor)
            codes = quantize.encode(tensor, RQUANT, 8, span)
            back = quantize.decode(codes ^ 128, RQUANT, 8, span)
            self.assertTrue(torch.equal(back, tensor))
        zeros = torch.zeros(4)
        span = quantize.range_of(zeros)
        back = quantize.decode(quantize.encode(zeros, NORMAL, 8, span) ^ 128, NORMAL, 8, span)
        self.assertTrue(torch.equal(back, zeros))


class BitErrors(unittest.TestCase):
    CODES, BITS = 100_000, 8

    def setUp(self) -> None:
        generator = torch.Generator().manual_seed(3)
        self.thresholds = bit_errors.draw_thresholds(self.CODES, self.BITS, generator)

    def bits_of(self, mask: torch.Tensor) -> torch.Tensor:
        return (mask.unsqueeze(1) >> torch.arange(self.BITS)) & 1

    def test_each_bit_place_flips_at_the_rate_asked_for(self) -> None:
        # 5 standard deviations of the binomial, 8 places x 3 rates: false alarm 24 x 6e-7 = 1.4e-5.
        for rate in (0.001, 0.01, 0.25):
            flips = self.bits_of(bit_errors.flip_mask(self.thresholds, rate)).sum(dim=0)
            bound = 5 * (self.CODES * rate * (1 - rate)) ** 0.5
            for place in flips.tolist():
                self.assertLess(abs(place - self.CODES * rate), bound)

    def test_bits_of_one_code_flip_independently(self) -> None:
        # Codes with two flips or more at p = 1 %: 1 - .99^8 - 8 x .01 x .99^7 = 0.2690 %.
        # 5 standard deviations: false alarm 6e-7.
        flips = self.bits_of(bit_errors.flip_mask(self.thresholds, 0.01)).sum(dim=1)
        expected = 1 - 0.99**8 - 8 * 0.01 * 0.99**7
        bound = 5 * (self.CODES * expected * (1 - expected)) ** 0.5
        self.assertLess(abs((flips >= 2).sum().item() - self.CODES * expected), bound)

    def test_what_is_wrong_at_a_rate_is_wrong_at_every_higher_one(self) -> None:
        low = bit_errors.flip_mask(self.thresholds, 0.005)
        high = bit_errors.flip_mask(self.thresholds, 0.02)
        self.assertTrue(torch.equal(low & high, low))

    def test_rate_zero_flips_nothing_and_rate_one_everything(self) -> None:
        self.assertTrue((bit_errors.flip_mask(self.thresholds, 0.0) == 0).all())
        self.assertTrue((bit_errors.flip_mask(self.thresholds, 1.0) == 255).all())

    def test_the_sampler_that_skips_flips_each_place_at_the_rate(self) -> None:
        # 5 standard deviations of the binomial, 8 places x 3 rates: false alarm 24 x 6e-7 = 1.4e-5.
        count, generator = 100_000, torch.Generator().manual_seed(3)
        for rate in (0.001, 0.01, 0.25):
            mask = bit_errors.draw_flips(count, 8, rate, generator)
            flips = ((mask.unsqueeze(1) >> torch.arange(8)) & 1).sum(dim=0)
            bound = 5 * (count * rate * (1 - rate)) ** 0.5
            for place in flips.tolist():
                self.assertLess(abs(place - count * rate), bound)
        # Codes with two flips or more at 25 %: bits are independent. 5 standard deviations: 6e-7.
        pairs = (mask & (mask - 1) != 0).sum().item()
        expected = 1 - 0.75**8 - 8 * 0.25 * 0.75**7
        self.assertLess(abs(pairs - count * expected),
                        5 * (count * expected * (1 - expected)) ** 0.5)
        # One code of 4 bits, 4,000 times: neither its first bit nor its last is special. 5 standard
        # deviations, 4 places: 2.4e-6.
        few = torch.stack([bit_errors.draw_flips(1, 4, 0.5, generator) for _ in range(4000)])
        for place in range(4):
            self.assertLess(abs(((few >> place) & 1).sum().item() - 2000), 5 * 1000**0.5)
        self.assertTrue((bit_errors.draw_flips(99, 5, 0.0, generator) == 0).all())
        self.assertTrue((bit_errors.draw_flips(99, 5, 1.0, generator) == 31).all())


class Export(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "network.onnx"
        self.network = random_network()
        metadata = {"brownout.bits": "8", "brownout.quantizer": "rquant",
                    "brownout.store": "weights"}
        onnx_graph.write(export.to_onnx(self.network, metadata), self.path)

    def tearDown(self) -> None:
        self.folder.cleanup()

    def test_the_file_computes_the_same_logits(self) -> None:
        images = torch.rand(5, 1, 28, 28, generator=torch.Generator().manual_seed(4))
        file = OnnxNetwork(self.path)
        with torch.no_grad():
            expected = self.network(images)
        found = file.logits(images, file.parameters)
        numpy.testing.assert_allclose(found.numpy(), expected.numpy(), atol=1e-5)

    def test_max_pooling_is_that_of_pytorch_also_where_windows_overlap_or_do_not_fit(self) -> None:
        x = torch.randn(2, 3, 11, 8, generator=torch.Generator().manual_seed(5))
        for kernel, stride in (((2, 2), (2, 2)), ((3, 2), (2, 1)), ((2, 3), (4, 3))):
            found = OPERATORS["MaxPool"]({"kernel_shape": kernel, "strides": stride}, x)
            expected = torch.nn.functional.max_pool2d(x, kernel, stride)
            self.assertTrue(torch.equal(found, expected))

    def test_the_initialisers_are_the_trained_parameters_and_nothing_else(self) -> None:
        names = set(OnnxNetwork(self.path).parameters)
        expected = {f"conv{k}.weight" for k in range(1, 5)} | {"linear.weight", "linear.bias"}
        expected |= {f"norm{k}.{part}" for k in range(1, 5) for part in ("a", "offset")}
        self.assertEqual(names, expected)

    def test_a_network_that_starts_from_the_file_has_the_same_parameters(self) -> None:
        other = FashionNet()
        export.load_parameters(other, self.path)
        for (name, value), expected in zip(other.named_parameters(), self.network.parameters()):
            self.assertTrue(torch.equal(value, expected), name)

    def test_nothing_but_the_file_is_left_behind(self) -> None:
        self.assertEqual([path.name for path in self.path.parent.iterdir()], ["network.onnx"])

    def test_storing_weights_leaves_biases_and_normalisation_out(self) -> None:
        images = data.Images(torch.zeros(1, 1, 28, 28, dtype=torch.uint8),
                             torch.zeros(1, dtype=torch.int64))
        stored = set(Evaluation(self.path, images).stored)
        self.assertEqual(stored, {f"conv{k}.weight" for k in range(1, 5)} | {"linear.weight"})


if __name__ == "__main__":
    unittest.main()
