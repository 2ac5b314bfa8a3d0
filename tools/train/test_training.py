#!/usr/bin/python3
"""Tests of training: a toy of two epochs shows that each option has its effect. Some seconds.

Run: tools/train/test_training.py
"""

import tempfile
import unittest
from pathlib import Path
from typing import Optional, Sequence

import numpy
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import data
import export
import onnx_graph
from checkpoint import Checkpoint, CheckpointError
from layers import EPSILON, BatchNorm, ConvNorm, GroupNorm, Norm, Residual
from memory import Errors, Memory, RandomErrors
from networks import NETWORKS, ConvNet
from onnx_network import OnnxNetwork
from pattern import PatternError, PatternErrors
from training import Lesson, Recipe, Trainer, error_on, learning_rate, with_teaching

PLAIN = Recipe(epochs=2, batch=32, rate=0.05, schedule="linear", drops=(), decay=5e-4, shift=0,
               cut_out=0, smoothing=0.0, clip=None, randbet="fixed", half_precision=False,
               teaching=0.5, temperature=2.0)
QUANTIZERS = ("normal", "normal,network", "rquant,signed,truncate", "rquant,truncate", "rquant")


def toy_images(count: int = 192) -> data.Images:
    """Noise on one of four colours, so that classes can be told apart."""
    generator = torch.Generator().manual_seed(3)
    labels = torch.arange(count) % 4
    colours = torch.tensor([[200, 60, 60], [60, 200, 60], [60, 60, 200], [150, 150, 30]])
    noise = torch.randint(-50, 50, (count, 3, 32, 32), generator=generator)
    images = (colours[labels].view(-1, 3, 1, 1) + noise).clamp(0, 255)
    return data.Images(images.to(torch.uint8), labels)


def toy_network(norm: Norm = GroupNorm) -> ConvNet:
    torch.manual_seed(7)
    layers = [ConvNorm(3, 8, norm, pool=True), Residual(8, 16, norm, stride=2),
              Residual(16, 16, norm, relu_inside=True)]
    network = ConvNet(layers, 16, 4, last_pool=8)
    return network.to(memory_format=torch.channels_last)


def memory_of(quantizer: str = "rquant", bits: int = 8, store: str = "parameters") -> Memory:
    return Memory(quantizer, bits, store, zero_has_code=True)


def random_errors(rate: float) -> RandomErrors:
    return RandomErrors(rate, torch.Generator().manual_seed(5), every_bit=False)


def toy_trainer(recipe: Recipe = PLAIN, errors: Optional[Errors] = None,
                memory: Optional[Memory] = None, norm: Norm = GroupNorm,
                teachers: Sequence[OnnxNetwork] = ()) -> Trainer:
    return Trainer(toy_network(norm), memory or memory_of(), errors, recipe, 1, teachers)


def trained(*args: object, **kwargs: object) -> nn.Module:
    trainer = toy_trainer(*args, **kwargs)
    trainer.run(toy_images(), after_epoch=lambda: None)
    return trainer.network


def flat(network: nn.Module) -> Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()])


class Options(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.plain = flat(trained())

    def assert_trains_otherwise(self, network: nn.Module) -> None:
        self.assertGreater((flat(network) - self.plain).abs().max().item(), 1e-4)

    def test_training_learns_and_the_same_seed_gives_the_same_network(self) -> None:
        network = trained()
        self.assertTrue(torch.equal(flat(network), self.plain))
        images = toy_images()
        before = error_on(toy_network(), dict(toy_network().named_parameters()), images)
        after = error_on(network, dict(network.named_parameters()), images)
        self.assertLess(after, before - 0.2)

    def test_clipping_keeps_every_parameter_in_its_range(self) -> None:
        self.assertGreater(self.plain.abs().max().item(), 0.125)
        network = trained(PLAIN._replace(clip=0.125))
        self.assertLessEqual(flat(network).abs().max().item(), 0.125)

    def test_label_smoothing_cut_out_shift_and_schedule_change_what_is_learnt(self) -> None:
        for change in ({"smoothing": 0.1}, {"cut_out": 8}, {"shift": 2}, {"decay": 0.1},
                       {"schedule": "steps", "drops": (0.5,)}, {"half_precision": True}):
            self.assert_trains_otherwise(trained(PLAIN._replace(**change)))

    def test_each_quantiser_and_width_trains_otherwise(self) -> None:
        # Signed codes and unsigned ones differ under errors only.
        found = [flat(trained(errors=random_errors(0.02), memory=memory_of(name, 4)))
                 for name in QUANTIZERS]
        for k, one in enumerate(found):
            for other in found[:k]:
                self.assertFalse(torch.equal(one, other), QUANTIZERS[k])

    def test_bit_errors_join_in_and_change_what_is_learnt(self) -> None:
        for variant in ("fixed", "curricular", "alternating"):
            recipe = PLAIN._replace(randbet=variant)
            self.assert_trains_otherwise(trained(recipe, random_errors(0.02)))

    def test_a_network_learns_from_teachers_alone_what_they_know(self) -> None:
        teachers = [in_a_file(trained()), in_a_file(trained(PLAIN._replace(shift=2)))]
        alone = PLAIN._replace(teaching=1.0)
        trainer = toy_trainer(alone, teachers=teachers)
        unlabelled = data.Images(toy_images().images, torch.zeros(192, dtype=torch.int64))
        trainer.run(unlabelled, after_epoch=lambda: None)
        images = toy_images()
        parameters = dict(trainer.network.named_parameters())
        before = error_on(toy_network(), dict(toy_network().named_parameters()), images)
        self.assertLess(error_on(trainer.network, parameters, images), before - 0.2)
        found = [self.plain] + [flat(trained(PLAIN._replace(**change), teachers=teachers))
                                for change in ({}, {"teaching": 0.2}, {"temperature": 5.0})]
        for k, one in enumerate(found):
            for other in found[:k]:
                self.assertGreater((one - other).abs().max().item(), 1e-4)

    def test_what_teachers_say_counts_as_hinton_has_it(self) -> None:
        generator = torch.Generator().manual_seed(13)
        logits, said = (torch.randn(5, 4, generator=generator) for _ in range(2))
        logits.requires_grad_()
        recipe = PLAIN._replace(teaching=1.0, temperature=50.0)
        taught = F.softmax(said / recipe.temperature, dim=1)
        loss = with_teaching(torch.zeros(()), logits, taught, recipe)
        # At a high temperature its gradient is that of half the mean squared difference of the
        # logits, each centred ("Distilling the knowledge in a neural network", section 2.1).
        found, = torch.autograd.grad(loss, logits)
        with torch.no_grad():
            centred = [x - x.mean(dim=1, keepdim=True) for x in (logits, said)]
            torch.testing.assert_close(found, (centred[0] - centred[1]) / 4 / 5, rtol=0, atol=2e-3)
            whole = with_teaching(torch.tensor(3.0), logits, taught, recipe._replace(teaching=0.25))
            torch.testing.assert_close(whole, 0.75 * 3 + 0.25 * loss)

    def test_teachers_are_heard_with_bit_errors_too(self) -> None:
        teachers = [in_a_file(trained()), in_a_file(toy_network())]
        images = toy_images(32)
        inputs = data.to_input(images.images)
        for variant in ("fixed", "alternating"):
            recipe = PLAIN._replace(teaching=1.0, randbet=variant)
            trainers = [toy_trainer(recipe, random_errors(0.05), teachers=teachers)
                        for _ in range(2)]
            lesson = trainers[0]._lesson_of(inputs, images.labels)
            said = [F.softmax(teacher.logits(inputs, teacher.parameters) / recipe.temperature,
                              dim=1) for teacher in teachers]
            torch.testing.assert_close(lesson.taught, (said[0] + said[1]) / 2)
            zero = [torch.zeros_like(one) for one in trainers[0].network.parameters()]
            for trainer, taught in zip(trainers, (lesson.taught, lesson.taught.flip(1))):
                trainer._step_with_errors(zero, inputs, Lesson(lesson.labels, taught))
            one, two = (flat(trainer.network) for trainer in trainers)
            self.assertGreater((one - two).abs().max().item(), 1e-5, variant)

    def test_the_curriculum_ends_with_the_whole_rate(self) -> None:
        recipe = PLAIN._replace(randbet="curricular", epochs=8)
        trainer = toy_trainer(recipe, random_errors(0.02))
        rates = []
        for trainer.epochs_done in range(8):
            rates.append(trainer._errors_now().rate)
        self.assertAlmostEqual(rates[0], 0.001)
        self.assertTrue(all(a <= b for a, b in zip(rates, rates[1:])))
        self.assertTrue(all(abs(rate - 0.02) < 1e-12 for rate in rates[4:]))

    def test_an_alternating_step_with_errors_widens_no_range(self) -> None:
        trainer = toy_trainer(PLAIN._replace(randbet="alternating", rate=5.0), random_errors(0.05))
        images = toy_images(32)
        inputs = data.to_input(images.images)
        zero = [torch.zeros_like(parameter) for parameter in trainer.network.parameters()]
        before = trainer.memory.ranges(trainer.network)
        trainer._step_with_errors(zero, inputs, Lesson(images.labels, taught=None))
        after = trainer.memory.ranges(trainer.network)
        kernels = [name for name in before if name.endswith("conv.weight")]
        self.assertGreater(len(kernels), 3)
        for name in kernels:  # weight decay alone moves nothing out
            self.assertGreaterEqual(after[name].low, before[name].low - 1e-5, name)
            self.assertLessEqual(after[name].high, before[name].high + 1e-5, name)

    def test_batch_norm_learns_statistics_and_is_exported_with_them(self) -> None:
        network = trained(memory=memory_of(store="weights"), norm=BatchNorm)
        self.assertGreater(network.layers[0].norm.mean.abs().max().item(), 0.01)
        same_logits(self, network, memory_of(store="weights"))

    def test_group_norm_and_its_gradients_are_those_of_pytorch(self) -> None:
        generator = torch.Generator().manual_seed(11)
        for channels, side in ((8, 5), (24, 4), (6, 1)):
            with self.subTest(channels=channels, side=side):
                norm = GroupNorm(channels)
                for parameter in (norm.a, norm.offset):
                    parameter.data = torch.randn(channels, generator=generator)
                x = torch.randn(3, channels, side, side, generator=generator)
                x = (5 * x + 2).contiguous(memory_format=torch.channels_last).requires_grad_()
                weights = torch.randn(x.shape, generator=generator)
                theirs = F.group_norm(x, norm.groups, 1 + norm.a, norm.offset, EPSILON)
                of_what = [x, norm.a, norm.offset]
                expected = torch.autograd.grad((theirs * weights).sum(), of_what)
                found = torch.autograd.grad((norm(x) * weights).sum(), of_what)
                for ours, right in zip((norm(x), *found), (theirs, *expected)):
                    torch.testing.assert_close(ours, right, rtol=1e-4, atol=1e-4)
                if side > 1:
                    self.assertTrue(found[0].is_contiguous(memory_format=torch.channels_last))

    def test_learning_rates_are_those_of_the_schedules(self) -> None:
        linear = [learning_rate(PLAIN._replace(epochs=4), epoch, step, 10)
                  for epoch in range(4) for step in range(10)]
        self.assertAlmostEqual(max(linear), PLAIN.rate)
        self.assertEqual(linear.index(max(linear)), 9)
        self.assertLess(linear[-1], 0.04 * PLAIN.rate)
        steps = PLAIN._replace(schedule="steps", drops=(0.5, 0.75), epochs=8)
        rates = [learning_rate(steps, epoch, 0, 10) / steps.rate for epoch in range(8)]
        numpy.testing.assert_allclose(rates, [1, 1, 1, 1, 0.1, 0.1, 0.01, 0.01])


class Resuming(unittest.TestCase):
    def test_a_training_that_was_killed_ends_as_it_would_have(self) -> None:
        recipe = PLAIN._replace(shift=1, randbet="curricular")
        whole = trained(recipe, random_errors(0.02))
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = Checkpoint(Path(folder) / "toy.checkpoint", {"seed": "1"})
            first = toy_trainer(recipe, random_errors(0.02))
            self.assertFalse(checkpoint.resume(first))

            def die() -> None:
                checkpoint.save(first)
                raise KeyboardInterrupt

            with self.assertRaises(KeyboardInterrupt):
                first.run(toy_images(), die)
            second = toy_trainer(recipe, random_errors(0.02))
            self.assertTrue(checkpoint.resume(second))
            self.assertEqual(second.epochs_done, 1)
            second.run(toy_images(), lambda: None)
            self.assertTrue(torch.equal(flat(second.network), flat(whole)))

            other = Checkpoint(checkpoint.path, {"seed": "2"})
            with self.assertRaisesRegex(CheckpointError, r"other options \(seed\)"):
                other.resume(second)
            checkpoint.path.write_bytes(b"no checkpoint")
            with self.assertRaisesRegex(CheckpointError, "cannot read"):
                checkpoint.resume(second)


def in_a_file(network: nn.Module) -> OnnxNetwork:
    """`network` as a file with float parameters has it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "toy.onnx"
        onnx_graph.write(export.to_onnx(network.eval(), {}), path)
        return OnnxNetwork(path)


def same_logits(test: unittest.TestCase, network: nn.Module, memory: Memory) -> OnnxNetwork:
    """Checks that the file of `network` computes what the network does with quantised parameters;
    returns the file's network."""
    network.eval()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "toy.onnx"
        onnx_graph.write(export.to_onnx(network, {}, memory.file_codes(network)), path)
        file = OnnxNetwork(path)
    inputs = data.to_input(toy_images(8).images)
    with torch.no_grad():
        expected = nn.utils.stateless.functional_call(network, memory.read(network), inputs)
    found = file.logits(inputs, file.parameters)
    numpy.testing.assert_allclose(found.numpy(), expected.numpy(), atol=1e-4)
    return file


class FilesWithCodes(unittest.TestCase):
    def test_files_carry_the_codes_of_each_quantiser_and_width(self) -> None:
        network = toy_network()
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.add_(0.05 * torch.randn_like(parameter))
        for name in QUANTIZERS:
            for bits in (2, 4, 5, 8):
                memory = memory_of(name, bits)
                file = same_logits(self, network, memory)
                stored = memory.write(network)
                self.assertEqual(set(file.codes), set(stored))
                for parameter, tensor in stored.items():
                    self.assertEqual(file.codes[parameter].bits, bits)
                    self.assertTrue(torch.equal(file.codes[parameter].patterns().flatten(),
                                                tensor.codes.flatten()), (name, bits, parameter))

    def test_every_network_takes_its_images_and_writes_itself(self) -> None:
        for name, make in NETWORKS.items():
            network = make(10, GroupNorm)
            channels, side = network.image
            network.eval()
            images = torch.rand(2, channels, side, side)
            with torch.no_grad():
                expected = network(images)
            self.assertEqual(expected.shape, (2, 10))
            if name == "simplenet":
                continue  # 22 MB
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "network.onnx"
                onnx_graph.write(export.to_onnx(network, {}), path)
                file = OnnxNetwork(path)
            found = file.logits(images, file.parameters)
            numpy.testing.assert_allclose(found.numpy(), expected.numpy(), atol=1e-4)


class Patterns(unittest.TestCase):
    def test_a_pattern_sticks_and_inverts_bits_and_nothing_else(self) -> None:
        network, memory = toy_network(), memory_of()
        stored = memory.write(network)
        name = "layers.0.conv.weight"
        codes = stored[name].codes.flatten()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "faults.csv"
            # Element 3: bit 0 stuck at 1; 5: bit 7 stuck at 0; 9: bits 1 and 2 inverted.
            path.write_text("tensor,element,zeros,ones\n"
                            f'"{name}",3,1,255\n"{name}",5,0,127\n"{name}",9,6,249\n')
            pattern = PatternErrors(path)
            path.write_text('tensor,element,zeros,ones\n"other",3,1,255\n')
            with self.assertRaisesRegex(PatternError, "other"):
                PatternErrors(path).read(stored)
        read = pattern.read(stored)
        expected = codes.clone()
        expected[3], expected[5], expected[9] = codes[3] | 1, codes[5] & 127, codes[9] ^ 6
        self.assertTrue(torch.equal(read[name].flatten(), expected))
        for other in set(stored) - {name}:
            self.assertTrue(torch.equal(read[other], stored[other].codes))


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    unittest.main()
