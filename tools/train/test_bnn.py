#!/usr/bin/python3
"""Tests of binarised networks and their export; no training, a few seconds.

Run: tools/train/test_bnn.py
"""

import argparse
import ctypes
import os
import resource
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import libraries  # before torch
import numpy
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper

import bnn
import bnn_export
import checkpoint
import train_bnn


def small_network(shape: str = "vgg3") -> bnn.Network:
    """A network whose batch norms have statistics and factors of both signs and zero."""
    torch.manual_seed(3)
    network = bnn.Network(shape, bnn.Input(1, 28), 5, 19, 10, 1)
    with torch.no_grad():
        for _ in range(3):
            network(torch.randint(0, 256, (64, 1, 28, 28), dtype=torch.uint8))
        for layer in network.layers[:-1]:
            layer.norm.weight.uniform_(-1, 1)
            layer.norm.bias.uniform_(-1, 1)
            layer.norm.weight[1] = 0
    return network.eval()


class Networks(unittest.TestCase):
    def test_flips_come_at_their_rate_and_gradients_pass_through(self) -> None:
        flips = bnn.Flips(1)
        flips.rate = 0.05
        weight = torch.full((100_000,), 0.3, requires_grad=True)
        signs = flips.of(weight)
        # 5,000 expected, standard deviation 69: wrong once in 10^6 runs at 4.9 of them.
        self.assertAlmostEqual((signs < 0).sum().item(), 5000, delta=340)
        signs.sum().backward()
        self.assertTrue(torch.all(weight.grad.abs() == 1))

    def test_an_unfolded_convolution_is_a_convolution(self) -> None:
        torch.manual_seed(5)
        for channels, side in ((1, 3), (2, 3), (3, 5), (2, 1)):
            images = torch.randint(-127, 128, (2, channels, 6, 9)).float()
            weight = torch.randint(0, 2, (7, channels, side, side)).float() * 2 - 1
            found = bnn.unfolded_convolution(images, weight)
            self.assertTrue(torch.equal(found, F.conv2d(images, weight, padding=side // 2)))

    def test_zero_counts_as_plus(self) -> None:
        self.assertEqual(bnn.Flips(1).of(torch.tensor([0.0, -0.0, -1e-9])).tolist(), [1, 1, -1])

    def test_modified_hinge_is_the_mean_over_classes(self) -> None:
        scores = torch.tensor([[100.0, -200.0]])
        # max(0, 128 - 100) / 128 and max(0, 128 - 200) / 128.
        loss = bnn.modified_hinge(scores, torch.tensor([0]), torch.tensor(1.0), 128)
        self.assertAlmostEqual(loss.item(), 28 / 128 / 2, places=6)

    def test_pixels_are_whole_and_cover_their_range(self) -> None:
        every = torch.arange(256, dtype=torch.uint8)
        for pixels in bnn.PIXELS.values():
            seen = pixels.of(every)
            self.assertEqual((seen[0], seen[-1]), pixels)
            self.assertTrue(torch.all(seen == seen.round()))
            self.assertEqual(seen.abs().max(), pixels.most)
        self.assertTrue(torch.equal(bnn.PIXELS["bytes"].of(every), every.float()))

    def test_a_failing_bit_of_the_first_layer_leaves_a_background_that_is_zero(self) -> None:
        black = torch.zeros((1, 1, 28, 28), dtype=torch.uint8)
        for name, harmless in (("bytes", True), ("signed", False)):
            first = small_network().layers[0]
            background = bnn.PIXELS[name].of(black)
            before = first.product(background)
            with torch.no_grad():
                first.weight[:, :, 1, 1].neg_()
            self.assertEqual(torch.equal(first.product(background), before), harmless)


class Checkpoints(unittest.TestCase):
    def arguments(self, *more: str) -> argparse.Namespace:
        with mock.patch.object(sys, "argv", ["train_bnn.py", "--out", "x.onnx", "--channels", "3",
                                             "--hidden", "8", *more]):
            return train_bnn.parse_arguments()

    def test_only_the_same_training_goes_on(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "c.pt"
            began = self.arguments("--epochs", "1")
            training = train_bnn.Training(began)
            training.epoch = 1
            checkpoint.Checkpoint(path, train_bnn.identity(began)).save(training)
            more = self.arguments("--epochs", "2", "--checkpoint", str(path))
            kept = checkpoint.Checkpoint(path, train_bnn.identity(more))
            self.assertEqual(train_bnn.begun(more, kept).epoch, 1)
            for option in (("--pixels", "bytes"), ("--flips", "0.1"), ("--loss", "mhl")):
                other = self.arguments(*option)
                kept = checkpoint.Checkpoint(path, train_bnn.identity(other))
                with self.assertRaisesRegex(checkpoint.CheckpointError, option[0][2:]):
                    train_bnn.begun(other, kept)

    def test_another_training_starts_from_the_weights_of_one_of_its_shape(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "c.pt"
            first = train_bnn.Training(self.arguments("--seed", "2"))
            first.epoch = 5
            checkpoint.Checkpoint(path, {}).save(first)
            options = ("--pixels", "bytes", "--init", str(path))
            second = train_bnn.begun(self.arguments(*options), None)
            self.assertEqual(second.epoch, 0)
            self.assertEqual(second.network.image.pixels, bnn.PIXELS["bytes"])
            for one, other in zip(first.network.layers, second.network.layers):
                self.assertTrue(torch.equal(one.weight, other.weight))
            wider = self.arguments("--hidden", "9", "--init", str(path))
            with self.assertRaisesRegex(checkpoint.CheckpointError, "not of a binarised network"):
                train_bnn.begun(wider, None)
            torch.save({"identity": {}, "state": {"parameters": 1}}, path)
            with self.assertRaisesRegex(checkpoint.CheckpointError, "not of a binarised network"):
                train_bnn.begun(self.arguments(*options), None)


class Libraries(unittest.TestCase):
    def chosen(self, flags: set, environment: dict) -> str:
        with mock.patch.dict(os.environ, environment, clear=True), \
                mock.patch.object(libraries, "processor_flags", return_value=flags):
            libraries.choose_kernels()
            return os.environ.get("OPENBLAS_CORETYPE", "")

    def test_kernels_for_avx512_are_chosen_where_they_run_and_nothing_else_is_asked_for(self) -> None:
        self.assertEqual(self.chosen(libraries.AVX512 | {"sse2"}, {}), "SKYLAKEX")
        self.assertEqual(self.chosen({"avx512f", "avx2"}, {}), "")
        self.assertEqual(self.chosen(set(), {}), "")
        self.assertEqual(self.chosen(libraries.AVX512, {"OPENBLAS_CORETYPE": "HASWELL"}), "HASWELL")


    @unittest.skipIf(any(name.startswith("MALLOC_") for name in os.environ), "malloc has settings")
    def test_large_blocks_are_kept(self) -> None:
        # A block that went back to the system costs a fault for each of its 12,800 pages.
        def faults_of_a_block() -> int:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
            block = c.malloc(50 << 20)
            ctypes.memset(block, 1, 50 << 20)
            c.free(block)
            return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

        c = ctypes.CDLL(None)
        c.malloc.restype, c.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
        c.free.restype, c.free.argtypes = None, [ctypes.c_void_p]
        faults_of_a_block()
        self.assertLess(faults_of_a_block(), 1000)


class Export(unittest.TestCase):
    def test_thresholds_say_what_batch_norm_and_sign_say_of_every_sum(self) -> None:
        for layer in small_network().layers[:-1]:
            most = layer.weight[0].numel() * (127 if layer.weight.shape[1] == 1 else 1)
            factor, summand = bnn_export.thresholds(layer.norm, most)
            sums = torch.arange(-most, most + 1).float().view(-1, 1).repeat(1, len(factor))
            shape = sums.shape + (1, 1) if layer.kernel else sums.shape
            plus = (layer.norm(sums.view(shape)) >= 0).view(sums.shape)
            self.assertTrue(torch.equal(plus, sums * factor + summand >= 0))
            self.assertFalse(torch.any(sums * factor + summand == 0))

    def test_weights_are_bits_lowest_first(self) -> None:
        network = small_network()
        model = bnn_export.to_onnx(network, {"brownout.seed": "1"})
        packed = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
        for depth, layer in enumerate(network.layers, start=1):
            bits = numpy.unpackbits(packed[f"layer{depth}.packed"].ravel(), bitorder="little")
            expected = (layer.weight.detach().numpy().ravel() >= 0).astype(numpy.uint8)
            self.assertTrue(numpy.array_equal(bits[: expected.size], expected))
            self.assertLess(bits.size - expected.size, 8)

    def test_pixels_are_those_of_the_network(self) -> None:
        for pixels in bnn.PIXELS.values():
            network = bnn.Network("fc", bnn.Input(1, 1, pixels), 0, 2, 2, 1).eval()
            seen: list = []
            network.layers[0].register_forward_pre_hook(lambda _, inputs: seen.extend(inputs))
            network(torch.tensor([[[[0]]], [[[255]]]], dtype=torch.uint8))
            self.assertEqual(seen[0].flatten().tolist(), list(pixels))
            model = bnn_export.to_onnx(network, {})
            constants = {node.name: numpy_helper.to_array(node.attribute[0].t)
                         for node in model.graph.node if node.op_type == "Constant"}
            self.assertEqual(constants["span"], pixels.white - pixels.black)
            self.assertEqual(constants.get("middle", 0), -pixels.black)
            quantizer = next(n for n in model.graph.node if n.name == "pixels")
            signs = {a.name: a.i for a in quantizer.attribute if a.name != "rounding_mode"}
            self.assertEqual(set(signs.values()), {int(pixels.black < 0)})

    def test_every_shape_is_a_valid_model(self) -> None:
        for shape in ("vgg3", "vgg7", "fc"):
            onnx.checker.check_model(bnn_export.to_onnx(small_network(shape), {}))

    def test_arguments_of_checkpoints_are_left_out(self) -> None:
        self.assertEqual(bnn_export.without_checkpoint(["--a", "1", "--checkpoint", "x", "--b"]),
                         ["--a", "1", "--b"])


if __name__ == "__main__":
    unittest.main()
