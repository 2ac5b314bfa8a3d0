#!/usr/bin/python3
"""Trains one network of the zoo, on Fashion-MNIST or CIFAR-10, and writes it as ONNX.

Three things can make the network robust against bit errors in its weights, each on top of the one
before:

  --quantizer rquant   a quantiser whose codes lose less to a flipped bit (see quantize.py)
  --clip W             after each step every parameter is clipped to [-W, W]: the range of a tensor,
                       which decides how far a flipped bit moves a weight, stays small, and the
                       network has to spread what it knows over many weights
  --ber P              random bit error training: each batch is also seen through a fresh pattern
                       of bit errors at rate P, and the two gradients are averaged; with --pattern
                       and --voltage through the faults of one of Brownout's chips

With --teacher the network also learns, beside the label of an image, what other networks answer to
it without bit errors.

Training is always quantisation-aware: forward passes use the quantised weights, gradients go
straight through to the float weights. The file has their codes (--file codes) or the floats.

A checkpoint beside FILE.onnx keeps every epoch: after a kill the same command goes on from there
and gives the same network. The same seed and threads give the same network, too.

examples:
  tools/train/train.py --quantizer rquant --clip 0.15 --ber 0.01 --seed 1 --out randbet.onnx
  tools/train/train.py --data cifar-10 --network resnet20 --epochs 16 --rate 0.1 --out resnet.onnx
  tools/train/train.py --data cifar-10 --init clipped.onnx --clip 0.1 --epochs 6 --rate 0.02 \\
      --pattern profiles/14nm.h5 --voltage 0.8 --out pattbet.onnx
"""

import argparse
import shlex
import sys
import tempfile
from pathlib import Path
from typing import Dict, List, Optional

import libraries  # before torch
import torch
from torch import nn

import data
import export
import onnx_graph
import options
from checkpoint import Checkpoint, CheckpointError, identity_of
from layers import NORMS
from memory import Errors, Memory, RandomErrors
from networks import NETWORKS
from onnx_network import NetworkError, OnnxNetwork
from pattern import PatternError, PatternErrors, write_faults
from training import Recipe, Trainer, error_on

NOT_PART_OF_THE_RESULT = {"out", "brownout", "folder", "init"}


def recipe_of(args: argparse.Namespace) -> Recipe:
    return Recipe(args.epochs, args.batch, args.rate, args.schedule, args.drops, args.decay,
                  args.shift, args.cut_out, args.smoothing, args.clip, args.randbet,
                  args.precision == "bfloat16", args.teaching, args.temperature)


def new_network(args: argparse.Namespace) -> nn.Module:
    torch.manual_seed(args.seed)
    classes = len(data.DATA_SETS[args.data].classes)
    network = NETWORKS[args.network](classes, NORMS[args.norm])
    if args.init is not None:
        export.load_parameters(network, args.init)
    return network.to(memory_format=torch.channels_last)


def errors_of(args: argparse.Namespace, network: nn.Module, memory: Memory) -> Optional[Errors]:
    """The bit errors that training sees; none without --ber or --pattern."""
    if args.pattern is not None:
        with tempfile.TemporaryDirectory() as folder:
            model, faults = Path(folder) / "network.onnx", Path(folder) / "faults.csv"
            # What the codes are doesn't matter: faults are those of the places where codes lie.
            facts = {"brownout.store": args.store}
            onnx_graph.write(export.to_onnx(network, facts, memory.file_codes(network)), model)
            write_faults(args.brownout,
                         ["--model", str(model), "--profile", str(args.pattern), "--chip",
                          str(args.chip), "--voltages", args.voltage], faults)
            return PatternErrors(faults)
    if args.ber > 0:
        return RandomErrors(args.ber, torch.Generator().manual_seed(args.seed),
                            args.draw == "every-bit")
    return None


def teachers_of(args: argparse.Namespace, network: nn.Module) -> List[OnnxNetwork]:
    """The networks of --teacher, which see the same images and tell the same classes apart."""
    image, classes = network.image, len(data.DATA_SETS[args.data].classes)
    teachers = [OnnxNetwork(path) for path in args.teacher]
    for path, teacher in zip(args.teacher, teachers):
        answer = teacher.logits(torch.zeros(1, *teacher.image_shape), teacher.parameters)
        found = (*teacher.image_shape, answer.shape[1])
        if found != (image[0], image[1], image[1], classes):
            raise NetworkError(f"{path}: images and classes {found}: expected those of "
                               f"--data {args.data}")
    return teachers


def part_of(args: argparse.Namespace, part: str) -> data.Images:
    images, labels = data.load(args.data, args.folder, part)
    return data.Images(images[: args.images], labels[: args.images])


def train(args: argparse.Namespace) -> None:
    training, test = part_of(args, "train"), part_of(args, "test")
    network = new_network(args)
    memory = Memory(args.quantizer, args.bits, args.store, zero_has_code=args.file == "codes")
    trainer = Trainer(network, memory, errors_of(args, network, memory), recipe_of(args), args.seed,
                      teachers_of(args, network))

    checkpoint = Checkpoint(args.out.with_name(f"{args.out.name}.checkpoint"),
                            identity_of(args, without=NOT_PART_OF_THE_RESULT))
    if checkpoint.resume(trainer):
        print(f"{checkpoint.path}: going on after epoch {trainer.epochs_done}", file=sys.stderr)
    trainer.run(training, lambda: checkpoint.save(trainer))

    floats = dict(network.named_parameters())
    print(f"{args.out}: test error {error_on(network, floats, test):.2%} with float weights, "
          f"{error_on(network, memory.read(network), test):.2%} quantised; "
          f"trained in {trainer.seconds:.0f} s")
    codes = memory.file_codes(network) if args.file == "codes" else None
    onnx_graph.write(export.to_onnx(network, metadata(args), codes), args.out)
    checkpoint.remove()


def metadata(args: argparse.Namespace) -> Dict[str, str]:
    """What a reader of the file needs to store its parameters as in training and to remake it.

    A file with codes stores those, and says by which quantiser they were made.
    """
    made = "brownout.made_" if args.file == "codes" else "brownout."
    facts = {
        f"{made}bits": str(args.bits),
        f"{made}quantizer": args.quantizer,
        "brownout.store": args.store,
        "brownout.dataset": args.data,
        "brownout.classes": ",".join(data.DATA_SETS[args.data].classes),
        "brownout.seed": str(args.seed),
        "brownout.command": shlex.join(["tools/train/train.py", *sys.argv[1:]]),
    }
    if args.clip is not None:
        facts["brownout.clip"] = str(args.clip)
    if args.ber > 0:
        facts["brownout.train_ber"] = str(args.ber)
    if args.pattern is not None:
        facts["brownout.train_chip"] = f"{args.pattern.name}, chip {args.chip}, {args.voltage}"
    return facts


def main() -> int:
    args = options.parse(__doc__, sys.argv[1:])
    torch.set_num_threads(args.threads)
    torch.use_deterministic_algorithms(True)
    if not args.out.parent.is_dir():
        print(f"{args.out}: cannot write, {args.out.parent} is not a folder", file=sys.stderr)
        return 1
    try:
        train(args)
    except (data.DataError, NetworkError, CheckpointError, PatternError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
