#!/usr/bin/python3
"""Trains one network of the zoo on Fashion-MNIST and writes it as ONNX.

Three things can make the network robust against bit errors in its weights, each on top of the one
before:

  --quantizer rquant   a quantiser whose codes lose less to a flipped bit (see quantize.py)
  --clip W             after each step every parameter is clipped to [-W, W]: the range of a tensor,
                       which decides how far a flipped bit moves a weight, stays small, and the
                       network has to spread what it knows over many weights
  --ber P              random bit error training: each batch is also seen through a fresh pattern
                       of bit errors at rate P, and the two gradients are averaged

Training is always quantisation-aware: forward passes use the quantised weights, gradients go
straight through to the float weights, and the float weights are what is written.

example:
  tools/train/train.py --quantizer rquant --clip 0.15 --ber 0.01 --seed 1 --out randbet.onnx
"""

import argparse
import shlex
import sys
import time
from pathlib import Path
from typing import Dict, Iterator, Optional, Sequence, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.stateless import functional_call

import bit_errors
import data
import export
import quantize
from networks import Network
from onnx_network import NetworkError

LOSS_BEFORE_ERRORS = 1.75  # bit errors join once the clean loss of a batch is under this
PERTURBED_GRADIENT_LIMIT = 0.05

Parameters = Dict[str, Tensor]


class Memory:
    """The weight memory as training sees it.

    Parameters go in as floats and come back quantised, with bit errors where wanted.
    """

    def __init__(self, scheme: str, bits: int, store: str, seed: int) -> None:
        self.scheme = scheme
        self.bits = bits
        self.store = store
        self.generator = torch.Generator().manual_seed(seed)

    def holds(self, value: Tensor) -> bool:
        """Kernels always; biases and normalisation only where all parameters are stored."""
        return self.store == "parameters" or value.dim() > 1

    def read(self, network: nn.Module, ber: float) -> Parameters:
        """What the network computes with; gradients pass straight through to its parameters."""
        return {
            name: value + (self._stored(value.detach(), ber) - value.detach())
            if self.holds(value) else value
            for name, value in network.named_parameters()
        }

    def _stored(self, value: Tensor, ber: float) -> Tensor:
        span = quantize.range_of(value)
        codes = quantize.encode(value, self.scheme, self.bits, span)
        if ber > 0:
            drawn = bit_errors.draw_thresholds(codes.numel(), self.bits, self.generator)
            codes = codes ^ bit_errors.flip_mask(drawn, ber).view_as(codes)
        return quantize.decode(codes, self.scheme, self.bits, span)


def batches(part: data.Images, size: int, shift: int,
            generator: torch.Generator) -> Iterator[data.Images]:
    """One epoch in random order, augmented; the incomplete last batch is left out."""
    order = torch.randperm(len(part.labels), generator=generator)
    for chosen in order[: len(order) // size * size].split(size):
        yield data.Images(data.augment(part.images[chosen], shift, generator), part.labels[chosen])


def gradients(network: nn.Module, memory: Memory, ber: float, images: Tensor,
              labels: Tensor) -> Tuple[float, Sequence[Tensor]]:
    """Loss of one batch, and its gradients, with the parameters read at bit error rate `ber`."""
    loss = F.cross_entropy(functional_call(network, memory.read(network, ber), images), labels)
    return loss.item(), torch.autograd.grad(loss, list(network.parameters()))


def train_epoch(network: nn.Module, optimizer: torch.optim.Optimizer, memory: Memory,
                part: Iterator[data.Images], ber: float, clip: Optional[float]) -> str:
    """One pass over `part`; returns the mean losses in words."""
    clean_losses, perturbed_losses = [], []
    for images, labels in part:
        inputs = data.to_input(images).contiguous(memory_format=torch.channels_last)
        loss, grads = gradients(network, memory, 0, inputs, labels)
        clean_losses.append(loss)
        if ber > 0 and loss < LOSS_BEFORE_ERRORS:
            loss, perturbed = gradients(network, memory, ber, inputs, labels)
            perturbed_losses.append(loss)
            limit = PERTURBED_GRADIENT_LIMIT
            grads = [(clean + other.clamp(-limit, limit)) / 2
                     for clean, other in zip(grads, perturbed)]
        for parameter, grad in zip(network.parameters(), grads):
            parameter.grad = grad
        optimizer.step()
        if clip is not None:
            with torch.no_grad():
                for parameter in network.parameters():
                    parameter.clamp_(-clip, clip)
    words = f"loss {sum(clean_losses) / len(clean_losses):.4f}"
    if perturbed_losses:
        words += f", with bit errors {sum(perturbed_losses) / len(perturbed_losses):.4f}"
    return words


@torch.no_grad()
def error_on(network: nn.Module, parameters: Parameters, part: data.Images) -> float:
    wrong = 0
    for images, labels in zip(part.images.split(500), part.labels.split(500)):
        logits = functional_call(network, parameters, data.to_input(images))
        wrong += (logits.argmax(dim=1) != labels).sum().item()
    return wrong / len(part.labels)


def train(args: argparse.Namespace) -> Network:
    training = data.load(args.data, "train")
    test = data.load(args.data, "t10k")
    torch.manual_seed(args.seed)
    order = torch.Generator().manual_seed(args.seed)
    memory = Memory(args.quantizer, args.bits, args.store, args.seed)
    network = Network(len(data.CLASSES))
    if args.init is not None:
        export.load_parameters(network, args.init)
    network = network.to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(network.parameters(), lr=args.rate, momentum=0.9, nesterov=True,
                                weight_decay=args.decay)
    drops = [round(args.epochs * share) for share in args.drops]
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, drops, gamma=0.1)

    began = time.monotonic()
    for epoch in range(1, args.epochs + 1):
        part = batches(training, args.batch, args.shift, order)
        words = train_epoch(network, optimizer, memory, part, args.ber, args.clip)
        schedule.step()
        spent = time.monotonic() - began
        left = spent / epoch * (args.epochs - epoch)
        print(f"epoch {epoch}/{args.epochs}: {words}; {spent:.0f} s, {left:.0f} s left",
              file=sys.stderr, flush=True)

    floats = dict(network.named_parameters())
    print(f"{args.out}: test error {error_on(network, floats, test):.2%} with float weights, "
          f"{error_on(network, memory.read(network, 0), test):.2%} quantised; "
          f"trained in {spent:.0f} s")
    return network


def metadata(args: argparse.Namespace) -> Dict[str, str]:
    """What a reader of the file needs to store its parameters as in training and to remake it."""
    facts = {
        "brownout.bits": str(args.bits),
        "brownout.quantizer": args.quantizer,
        "brownout.store": args.store,
        "brownout.dataset": "fashion-mnist",
        "brownout.classes": ",".join(data.CLASSES),
        "brownout.seed": str(args.seed),
        "brownout.command": shlex.join(["tools/train/train.py", *sys.argv[1:]]),
    }
    if args.clip is not None:
        facts["brownout.clip"] = str(args.clip)
    if args.ber > 0:
        facts["brownout.train_ber"] = str(args.ber)
    return facts


def parse_arguments() -> argparse.Namespace:
    def positive(text: str) -> float:
        value = float(text)
        if not value > 0:
            raise argparse.ArgumentTypeError(f"{text}: expected a number above 0")
        return value

    def count(text: str) -> int:
        value = int(text)
        if value < 1:
            raise argparse.ArgumentTypeError(f"{text}: expected a whole number from 1")
        return value

    def rate(text: str) -> float:
        value = float(text)
        if not 0 <= value <= 1:
            raise argparse.ArgumentTypeError(f"{text}: expected a bit error rate from 0 to 1")
        return value

    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.onnx",
                        help="where the network goes")
    parser.add_argument("--quantizer", choices=quantize.SCHEMES, default="rquant",
                        help="default %(default)s")
    parser.add_argument("--bits", type=int, choices=range(2, 17), default=8, metavar="2..16",
                        help="bits of a stored parameter; default %(default)s")
    parser.add_argument("--clip", type=positive, metavar="W",
                        help="clip every parameter to [-W, W]; default: no clipping")
    parser.add_argument("--ber", type=rate, default=0.0, metavar="P",
                        help="bit error rate of random bit error training, 0.01 for 1 %%; "
                             "default %(default)s: no errors")
    parser.add_argument("--store", choices=("parameters", "weights"), default="parameters",
                        help="what the failing memory holds: all parameters, or only the kernels "
                             "of convolutions and linear layers; default %(default)s")
    parser.add_argument("--seed", type=int, default=1,
                        help="of initial weights, order, augmentation and bit errors; "
                             "default %(default)s")
    parser.add_argument("--epochs", type=count, default=15,
                        help="passes over the training images; default %(default)s")
    parser.add_argument("--init", type=Path, metavar="FILE.onnx",
                        help="start from this network of train.py; default: random")
    parser.add_argument("--drops", type=float, nargs="+", default=[0.4, 0.6, 0.8], metavar="SHARE",
                        help="shares of the epochs after which the learning rate drops to a tenth; "
                             "default %(default)s")
    parser.add_argument("--batch", type=count, default=128,
                        help="images per step; default %(default)s")
    parser.add_argument("--rate", type=positive, default=0.05,
                        help="learning rate at the start; default %(default)s")
    parser.add_argument("--decay", type=float, default=5e-4,
                        help="weight decay; default %(default)s")
    parser.add_argument("--shift", type=int, default=1, metavar="PIXELS",
                        help="augmentation: mirror, and move by up to so many pixels; "
                             "default %(default)s")
    parser.add_argument("--threads", type=count, default=1,
                        help="of PyTorch; results depend on it; default %(default)s")
    parser.add_argument("--data", type=Path, default=data.DEFAULT_FOLDER, metavar="FOLDER",
                        help="with the four idx .gz files; default %(default)s")
    return parser.parse_args()


def main() -> int:
    args = parse_arguments()
    torch.set_num_threads(args.threads)
    torch.use_deterministic_algorithms(True)
    if not args.out.parent.is_dir():
        print(f"{args.out}: cannot write, {args.out.parent} is not a folder", file=sys.stderr)
        return 1
    try:
        network = train(args)
        export.write(export.to_onnx(network, metadata(args)), args.out)
    except (data.DataError, NetworkError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
