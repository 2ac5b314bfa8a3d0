#!/usr/bin/python3
"""Evaluates networks with random bit errors in their weights: a second opinion on the C++ engine.

Prints for each network its test error with float weights, with quantised weights, and for each bit
error rate the mean and standard deviation over chips. A chip is one pattern of bit errors, nested
over rates: what is wrong at a rate is wrong at every higher one. Chip k is the same pattern for all
networks of one shape and no pattern is one that a network was trained with.

"error" counts the images wrong under bit errors, "robust" those wrong with or without (as the
published code of Stutz et al. does). "95 %" is the interval of the mean error over chips (Student's
t).

What is stored are the codes of the file, or those that a quantiser makes of its floats; bit width,
quantiser and which parameters are stored then come from the file's metadata.

With --faults the errors are not drawn: they are those of Brownout's own chips, from files that
`brownout faults` wrote.

examples:
  tools/train/evaluate.py inference/zoo/fashion-*.onnx --ber 0.001 0.01 --chips 50
  tools/train/evaluate.py --data cifar-10 inference/zoo/cifar10-rquant.onnx --faults chip0.csv
"""

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Callable, Dict, List, NamedTuple

import libraries  # before torch
import numpy
import torch
from torch import Tensor

import bit_errors
import data
import quantize
from onnx_network import NetworkError, OnnxNetwork
from pattern import PatternError, PatternErrors

CHIP_SEEDS = 1_000_000  # chip k is drawn from seed CHIP_SEEDS + k: far from the seeds of training

# 97.5 % points of Student's t by degrees of freedom. Between entries the next smaller one serves,
# and makes the interval a little too wide.
T_975 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262,
         19: 2.093, 29: 2.045, 39: 2.023, 49: 2.010, 99: 1.984}


class Stored(NamedTuple):
    """One parameter tensor as the memory holds it."""

    codes: Tensor  # int32 in [0, 2^bits)
    bits: int
    values_of: Callable[[Tensor], Tensor]


def quantised(value: Tensor, scheme: quantize.Scheme, bits: int) -> Stored:
    """A float tensor as a quantiser stores it."""
    span = quantize.range_of(value)
    return Stored(quantize.encode(value, scheme, bits, span), bits,
                  lambda codes: quantize.decode(codes, scheme, bits, span))


class Evaluation:
    """One network, stored in m-bit codes, on one set of images."""

    def __init__(self, path: Path, images: data.Images) -> None:
        self.network = OnnxNetwork(path)
        facts = self.network.metadata
        try:
            store = facts["brownout.store"]
            if not self.network.codes:
                scheme = quantize.scheme_of(facts["brownout.quantizer"])
                bits = int(facts["brownout.bits"])
        except KeyError as missing:
            raise NetworkError(f"{path}: no metadata {missing.args[0]}; "
                               "expected a network of tools/train")
        self.inputs = data.to_input(images.images)
        self.labels = images.labels
        # A kernel has several inputs per output; a bias or a scale one number per channel.
        self.stored: Dict[str, Stored] = {}
        for name, value in self.network.parameters.items():
            if store != "parameters" and value.numel() <= max(value.shape):
                continue
            if not self.network.codes:
                self.stored[name] = quantised(value, scheme, bits)
            elif name in self.network.codes:
                codes = self.network.codes[name]
                self.stored[name] = Stored(codes.patterns(), codes.bits, codes.values_of)

    def cells(self) -> int:
        return sum(tensor.codes.numel() * tensor.bits for tensor in self.stored.values())

    def read(self, masks: Dict[str, Tensor]) -> Dict[str, Tensor]:
        """Parameters as read back with the bits of `masks` wrong; without a mask, right."""
        codes = {name: tensor.codes ^ masks[name].view_as(tensor.codes) if name in masks
                 else tensor.codes for name, tensor in self.stored.items()}
        return self.values_of(codes)

    def values_of(self, codes: Dict[str, Tensor]) -> Dict[str, Tensor]:
        """Parameters of which those that are stored have these codes."""
        read = {name: self.stored[name].values_of(wrong) for name, wrong in codes.items()}
        return {**self.network.parameters, **read}

    def thresholds(self, chip: int) -> Dict[str, Tensor]:
        generator = torch.Generator().manual_seed(CHIP_SEEDS + chip)
        return {name: bit_errors.draw_thresholds(tensor.codes.numel(), tensor.bits, generator)
                for name, tensor in self.stored.items()}

    def logits(self, parameters: Dict[str, Tensor]) -> Tensor:
        return torch.cat([self.network.logits(part, parameters) for part in self.inputs.split(50)])

    def wrong(self, parameters: Dict[str, Tensor]) -> Tensor:
        return self.logits(parameters).argmax(dim=1) != self.labels


def interval95(values: List[float]) -> float:
    """Half width of the 95 % interval of the mean."""
    freedom = len(values) - 1
    if freedom < 1:
        return float("nan")
    t = T_975[max(known for known in T_975 if known <= freedom)]
    return t * float(numpy.std(values, ddof=1)) / len(values) ** 0.5


def evaluate(path: Path, images: data.Images, rates: List[float], chips: int) -> None:
    job = Evaluation(path, images)
    total = sum(value.numel() for value in job.network.parameters.values())
    work = job.network.multiply_accumulates(job.inputs)
    print(f"{path.name}: {total} parameters, {work} multiply-accumulates an image, "
          f"{job.cells()} cells, {len(job.labels)} images")
    clean = job.wrong(job.read({}))
    float_error = job.wrong(job.network.parameters).float().mean()
    print(f"  clean: float {float_error:.2%}, quantised {clean.float().mean():.2%}", flush=True)

    errors: Dict[float, List[float]] = {rate: [] for rate in rates}
    robust: Dict[float, List[float]] = {rate: [] for rate in rates}
    observed: Dict[float, int] = {rate: 0 for rate in rates}
    began = last = time.monotonic()
    for chip in range(chips):
        thresholds = job.thresholds(chip)
        for rate in rates:
            masks = {name: bit_errors.flip_mask(drawn, rate) for name, drawn in thresholds.items()}
            observed[rate] += sum(int((drawn < rate).sum()) for drawn in thresholds.values())
            wrong = job.wrong(job.read(masks))
            errors[rate].append(wrong.float().mean().item())
            robust[rate].append((wrong | clean).float().mean().item())
        now = time.monotonic()
        if now - last > 20:
            last = now
            left = (now - began) / (chip + 1) * (chips - chip - 1)
            print(f"  chip {chip + 1}/{chips}, {left:.0f} s left", file=sys.stderr, flush=True)
    for rate in rates if chips else []:
        mean, plus = numpy.mean(errors[rate]), interval95(errors[rate])
        print(f"  p = {rate:.2%} (observed {observed[rate] / chips / job.cells():.3%}): "
              f"error {mean:.2%}, std {numpy.std(errors[rate], ddof=1):.2%}, "
              f"95 % [{mean - plus:.2%}, {mean + plus:.2%}]; "
              f"robust {numpy.mean(robust[rate]):.2%}, std {numpy.std(robust[rate], ddof=1):.2%}",
              flush=True)


def evaluate_faults(path: Path, images: data.Images, files: List[Path]) -> None:
    """Prints the error that each file of `brownout faults` causes, and how many images are wrong."""
    job = Evaluation(path, images)
    for file in files:
        wrong = job.wrong(job.values_of(PatternErrors(file).read(job.stored)))
        print(f"{path.name}, {file.name}: error {wrong.float().mean():.2%} ({int(wrong.sum())} of "
              f"{len(wrong)} wrong)", flush=True)


def write_logits(path: Path, images: data.Images, out: Path) -> None:
    """Logits of the float weights without bit errors, as HDF5.

    Data sets: `logits` float32 [N, 10] and `predictions` int64 [N].
    """
    import h5py

    job = Evaluation(path, images)
    logits = job.logits(job.network.parameters)
    temporary = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    try:
        with h5py.File(temporary, "w") as file:
            file["logits"] = logits.numpy()
            file["predictions"] = logits.argmax(dim=1).numpy()
        os.replace(temporary, out)
    finally:
        temporary.unlink(missing_ok=True)
    print(f"{out}: logits of {len(logits)} images")


def parse_arguments() -> argparse.Namespace:
    def rate(text: str) -> float:
        value = float(text)
        if not 0 <= value <= 1:
            raise argparse.ArgumentTypeError(f"{text}: expected a bit error rate from 0 to 1")
        return value

    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, nargs="+", metavar="MODEL.onnx")
    parser.add_argument("--ber", type=rate, nargs="+", default=[0.001, 0.005, 0.01, 0.025],
                        metavar="P", help="bit error rates, 0.01 for 1 %%; default %(default)s")
    parser.add_argument("--chips", type=int, default=50,
                        help="patterns of bit errors; default %(default)s; 0: only clean")
    parser.add_argument("--images", type=int, default=10000, metavar="N",
                        help="the first N of the 10,000 test images; default all")
    parser.add_argument("--faults", type=Path, nargs="+", metavar="FILE.csv",
                        help="instead of drawn errors those that 'brownout faults' wrote")
    parser.add_argument("--logits", type=Path, metavar="FILE.h5",
                        help="write the logits of one network (float weights, no bit errors) "
                             "instead of evaluating")
    parser.add_argument("--threads", type=int, default=1, help="of PyTorch; default %(default)s")
    parser.add_argument("--data", choices=data.DATA_SETS, default="fashion-mnist",
                        help="default %(default)s")
    parser.add_argument("--folder", type=Path, help="where the data set is")
    args = parser.parse_args()
    if args.logits and len(args.models) != 1:
        parser.error("--logits takes one network")
    if args.chips < 0 or args.chips == 1 or args.images < 1 or args.threads < 1:
        parser.error("--chips wants 0 or at least 2, --images and --threads at least 1")
    return args


def main() -> int:
    args = parse_arguments()
    torch.set_num_threads(args.threads)
    try:
        folder = args.folder or data.DATA_SETS[args.data].folder
        test = data.load(args.data, folder, "test")
        images = data.Images(test.images[: args.images], test.labels[: args.images])
        if args.logits:
            write_logits(args.models[0], images, args.logits)
        elif args.faults:
            for path in args.models:
                evaluate_faults(path, images, args.faults)
        else:
            for path in args.models:
                evaluate(path, images, args.ber, args.chips)
    except (data.DataError, NetworkError, PatternError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
