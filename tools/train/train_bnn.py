#!/usr/bin/python3
"""Trains a binarised network (bnn.py says which) and writes it as ONNX (bnn_export.py says how).

Three losses, and flips on top of each:

  --loss crossentropy  of the scores times a learned scale
  --loss mhl           modified hinge: every score has to be at least --b on its side of zero
  --loss margin        cross-entropy where the true class has to lead by --b
  --flips P            each stored bit is inverted with probability P, anew for each batch

Adam; after each step every weight is clamped to [-1, 1]. The learning rate is halved every
--halve epochs. The file of --checkpoint lets an interrupted training go on where it was.

example:
  tools/train/train_bnn.py --network vgg3 --channels 24 --loss mhl --flips 0.05 --out bnn.onnx
"""

import argparse
import shlex
import sys
import time
from pathlib import Path
from typing import Dict, Iterator, Optional, Tuple

import libraries  # before torch
import torch
from torch import Tensor

import bnn
import bnn_export
import checkpoint
import data
import onnx_graph
from arguments import count, positive

RECALIBRATION_IMAGES = 20_000

DATA = {
    "fashion-mnist": data.DATA_SETS["fashion-mnist"],
    "kmnist": data.DataSet(Path("kmnist"), tuple("おきすつなはまやれを"), data.load_fashion),
    "cifar-10": data.DATA_SETS["cifar-10"],
}
INPUTS = {"cifar-10": bnn.Input(3, 32)}


def batches(part: data.Images, size: int,
            generator: torch.Generator) -> Iterator[Tuple[Tensor, Tensor]]:
    """One epoch in random order; the incomplete last batch is left out."""
    order = torch.randperm(len(part.labels), generator=generator)
    for chosen in order[: len(order) // size * size].split(size):
        yield part.images[chosen], part.labels[chosen]


@torch.no_grad()
def error_on(network: bnn.Network, part: data.Images, flips: float = 0.0) -> float:
    """Share of wrong images, each block of 500 read with flips of its own."""
    network.eval()
    network.flips.rate = flips
    wrong = sum((network(images).argmax(dim=1) != labels).sum().item()
                for images, labels in zip(part.images.split(500), part.labels.split(500)))
    network.train()
    return wrong / len(part.labels)


@torch.no_grad()
def recalibrate(network: bnn.Network, part: data.Images, flips: float) -> None:
    """Takes the statistics of batch norm anew, of the network as it is now.

    Training keeps a mean over its last batches, in each of which other weights had just changed
    their sign: that costs a percent or two, by chance.
    """
    network.flips.rate = flips
    for layer in network.layers:
        if layer.norm is not None:
            layer.norm.reset_running_stats()
            layer.norm.momentum = None  # the mean of all batches
    network.train()
    for images in part.images[:RECALIBRATION_IMAGES].split(500):
        network(images)


class Training:
    """A network, its optimiser and where they are; can be written to a file and read back."""

    def __init__(self, args: argparse.Namespace) -> None:
        torch.manual_seed(args.seed)
        image = INPUTS.get(args.data, bnn.Input(1, 28))._replace(pixels=bnn.PIXELS[args.pixels])
        self.network = bnn.Network(args.network, image, args.channels, args.hidden,
                                   len(DATA[args.data].classes), args.seed)
        self.order = torch.Generator().manual_seed(args.seed)
        # The scale is learned where the loss has no unit of its own.
        self.network.scale.requires_grad_(args.loss != "mhl" or args.learn_scale)
        if args.loss == "mhl" and not args.learn_scale:
            self.network.scale.data.fill_(1)
        learned = [p for p in self.network.parameters() if p.requires_grad]
        self.optimizer = torch.optim.Adam(learned, lr=args.rate)
        self.schedule = torch.optim.lr_scheduler.StepLR(self.optimizer, args.halve, gamma=0.5)
        self.epoch = 0
        self.seconds = 0.0

    def parts(self) -> Dict[str, object]:
        return {"network": self.network, "optimizer": self.optimizer, "schedule": self.schedule}

    def state(self) -> dict:
        state = {name: part.state_dict() for name, part in self.parts().items()}
        state.update(epoch=self.epoch, seconds=self.seconds, order=self.order.get_state(),
                     flips=self.network.flips.generator.get_state())
        return state

    def load_state(self, state: dict) -> None:
        for name, part in self.parts().items():
            part.load_state_dict(state[name])
        self.epoch, self.seconds = state["epoch"], state["seconds"]
        self.order.set_state(state["order"])
        self.network.flips.generator.set_state(state["flips"])

    def start_from(self, path: Path) -> None:
        """Takes the weights and batch norms of a checkpoint, not its optimiser nor its scale."""
        _, state = checkpoint.read(path)
        try:
            found = {**state["network"], "scale": self.network.scale.data}
            self.network.load_state_dict(found)
        except (KeyError, TypeError, RuntimeError):
            raise checkpoint.CheckpointError(f"{path}: not of a binarised network of this shape")

    def run_epoch(self, part: data.Images, args: argparse.Namespace) -> float:
        """One pass over `part`; returns the mean loss."""
        loss_of = bnn.LOSSES[args.loss]
        total, count = 0.0, 0
        self.network.flips.rate = args.flips
        for images, labels in batches(part, args.batch, self.order):
            loss = loss_of(self.network(images), labels, self.network.scale, args.b)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            with torch.no_grad():
                for layer in self.network.layers:
                    layer.weight.clamp_(-1, 1)
                self.network.scale.clamp_(min=1e-5)
            total, count = total + loss.item(), count + 1
        self.schedule.step()
        self.epoch += 1
        return total / count


def identity(args: argparse.Namespace) -> dict:
    """What decides the weights after an epoch. More epochs of the same are gone on to."""
    return checkpoint.identity_of(args, without=("out", "folder", "checkpoint", "epochs"))


def begun(args: argparse.Namespace, kept: Optional[checkpoint.Checkpoint]) -> Training:
    """A training where its checkpoint left it, or else at its beginning."""
    state = Training(args)
    if (kept is None or not kept.resume(state)) and args.init is not None:
        state.start_from(args.init)
    return state


def train(args: argparse.Namespace) -> bnn.Network:
    source = DATA[args.data]
    training, test = (source.load(args.folder or source.folder, part) for part in ("train", "test"))
    kept = checkpoint.Checkpoint(args.checkpoint, identity(args)) if args.checkpoint else None
    state = begun(args, kept)
    while state.epoch < args.epochs:
        began = time.monotonic()
        loss = state.run_epoch(training, args)
        state.seconds += time.monotonic() - began
        if kept is not None:
            kept.save(state)
        print(f"epoch {state.epoch}/{args.epochs}: loss {loss:.4f}, "
              f"test error {error_on(state.network, test):.2%}, "
              f"scale {state.network.scale.item():.4f}; {state.seconds:.0f} s",
              file=sys.stderr, flush=True)
    before = error_on(state.network, test)
    recalibrate(state.network, training, args.flips)
    print(f"batch norm taken anew: test error {before:.2%} before", file=sys.stderr)
    print(f"{args.out}: test error {error_on(state.network, test):.2%}, "
          f"with 1 % of the bits flipped {error_on(state.network, test, 0.01):.2%}, "
          f"with 5 % {error_on(state.network, test, 0.05):.2%}; trained in {state.seconds:.0f} s")
    return state.network


def metadata(args: argparse.Namespace) -> Dict[str, str]:
    """What a reader of the file needs to know of it and to remake it."""
    facts = {
        "brownout.dataset": args.data,
        "brownout.classes": ",".join(DATA[args.data].classes),
        "brownout.seed": str(args.seed),
        "brownout.loss": args.loss,
        "brownout.command": shlex.join(
            ["tools/train/train_bnn.py", *bnn_export.without_checkpoint(sys.argv[1:])]),
    }
    if args.loss != "crossentropy":
        facts["brownout.b"] = f"{args.b:g}"
    if args.flips > 0:
        facts["brownout.train_ber"] = f"{args.flips:g}"
    return facts


def parse_arguments() -> argparse.Namespace:
    def rate(text: str) -> float:
        value = float(text)
        if not 0 <= value <= 0.5:
            raise argparse.ArgumentTypeError(f"{text}: expected a bit error rate from 0 to 0.5")
        return value

    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.onnx",
                        help="where the network goes")
    parser.add_argument("--network", choices=("vgg3", "vgg7", "fc"), default="vgg3",
                        help="default %(default)s")
    parser.add_argument("--channels", type=count, metavar="N",
                        help="of the first convolution; default 64, 128 of vgg7")
    parser.add_argument("--hidden", type=count, metavar="N",
                        help="neurons of a hidden layer; default 2048, 1024 of vgg7")
    parser.add_argument("--data", choices=DATA, default="fashion-mnist",
                        help="default %(default)s")
    parser.add_argument("--folder", type=Path,
                        help="with the four idx .gz files, or the binary batches of CIFAR-10; "
                             "default: where the data set is looked for")
    parser.add_argument("--pixels", choices=bnn.PIXELS, default="signed",
                        help="what the first layer sees: numbers from -127 (black) to 127, or "
                             "bytes, where black is 0: without --flips networks then stand more "
                             "bit errors (docs/binarised-networks.md); default %(default)s")
    parser.add_argument("--loss", choices=bnn.LOSSES, default="crossentropy",
                        help="default %(default)s")
    parser.add_argument("--b", type=positive, default=128.0,
                        help="of mhl and margin, in units of the scores; default %(default)s")
    parser.add_argument("--learn-scale", action="store_true",
                        help="mhl: the scores are times a learned scale that starts at 0.001, "
                             "instead of being what they are")
    parser.add_argument("--flips", type=rate, default=0.0, metavar="P",
                        help="bit error rate in training, 0.05 for 5 %%; default %(default)s")
    parser.add_argument("--seed", type=int, default=1,
                        help="of initial weights, order and flips; default %(default)s")
    parser.add_argument("--epochs", type=count, default=12,
                        help="passes over the training images; default %(default)s")
    parser.add_argument("--batch", type=count, default=256,
                        help="images per step; default %(default)s")
    parser.add_argument("--rate", type=positive, default=1e-3,
                        help="learning rate at the start; default %(default)s")
    parser.add_argument("--halve", type=count, default=3, metavar="EPOCHS",
                        help="epochs after which the learning rate is halved; default %(default)s")
    parser.add_argument("--checkpoint", type=Path, metavar="FILE",
                        help="written after each epoch, and gone on from if it is there")
    parser.add_argument("--init", type=Path, metavar="FILE",
                        help="start from the weights of this checkpoint; default: random")
    parser.add_argument("--threads", type=count, default=1,
                        help="of PyTorch; results depend on it; default %(default)s")
    args = parser.parse_args()
    wide = args.network == "vgg7"
    args.channels = args.channels or (128 if wide else 64)
    args.hidden = args.hidden or (1024 if wide else 2048)
    return args


def main() -> int:
    args = parse_arguments()
    torch.set_num_threads(args.threads)
    torch.use_deterministic_algorithms(True)
    if not args.out.parent.is_dir():
        print(f"{args.out}: cannot write, {args.out.parent} is not a folder", file=sys.stderr)
        return 1
    try:
        network = train(args)
        onnx_graph.write(bnn_export.to_onnx(network, metadata(args)), args.out)
    except (data.DataError, checkpoint.CheckpointError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
