"""The command line of train.py."""

import argparse
from pathlib import Path
from typing import Dict, Sequence

import quantize
from arguments import PROGRAM, count, positive, share
from data import DATA_SETS
from layers import NORMS
from networks import NETWORKS

# What is usual for a data set. Fashion-MNIST's are those its networks were trained with.
USUAL: Dict[str, dict] = {
    "fashion-mnist": {"network": "fashion", "shift": 1, "schedule": "steps", "file": "floats",
                      "draw": "every-bit"},
    "cifar-10": {"network": "resnet9-small", "shift": 4, "schedule": "linear", "file": "codes",
                 "draw": "skip"},
}


def quantizer(text: str) -> str:
    try:
        quantize.scheme_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error))
    return text


def _add_network(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("network and memory")
    group.add_argument("--out", type=Path, required=True, metavar="FILE.onnx",
                       help="where the network goes")
    group.add_argument("--network", choices=NETWORKS,
                       help="default: fashion for fashion-mnist, resnet9-small for cifar-10")
    group.add_argument("--norm", choices=NORMS, default="group",
                       help="normalisation; default %(default)s")
    group.add_argument("--init", type=Path, metavar="FILE.onnx",
                       help="start from this network of train.py; default: random")
    group.add_argument("--quantizer", type=quantizer, default="rquant", metavar="NAME",
                       help="as 'normal', 'rquant' or 'rquant,signed,truncate'; see quantize.py; "
                            "default %(default)s")
    group.add_argument("--bits", type=int, choices=range(2, 9), default=8, metavar="2..8",
                       help="bits of a stored parameter; default %(default)s")
    group.add_argument("--store", choices=("parameters", "weights"), default="parameters",
                       help="what the failing memory holds: all parameters, or only the kernels "
                            "of convolutions and linear layers; default %(default)s")
    group.add_argument("--file", choices=("codes", "floats"),
                       help="what the file has of a stored parameter; default: floats for "
                            "fashion-mnist, codes for cifar-10")


def _add_robustness(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("robustness")
    group.add_argument("--clip", type=positive, metavar="W",
                       help="clip every parameter to [-W, W]; default: no clipping")
    group.add_argument("--ber", type=share, default=0.0, metavar="P",
                       help="bit error rate of random bit error training, 0.01 for 1 %%; "
                            "default %(default)s: no errors")
    group.add_argument("--randbet", choices=("fixed", "curricular", "alternating"),
                       default="fixed",
                       help="curricular: the rate grows from P/20 to P in the first half of the "
                            "epochs; alternating: a step with each gradient instead of one with "
                            "their mean; default %(default)s")
    group.add_argument("--draw", choices=("skip", "every-bit"),
                       help="how random bit errors are drawn: the same distribution, from other "
                            "numbers; default: every-bit for fashion-mnist, skip for cifar-10")
    group.add_argument("--pattern", type=Path, metavar="PROFILE.h5",
                       help="pattern bit error training: instead of random errors those of a chip "
                            "of this profile, always the same")
    group.add_argument("--voltage", metavar="V",
                       help="the supply at which that chip fails, as 'brownout sweep' takes it")
    group.add_argument("--chip", type=int, default=0, metavar="N",
                       help="which chip of the profile; default %(default)s")
    group.add_argument("--brownout", type=Path, default=PROGRAM, metavar="PROGRAM",
                       help="the program that knows the chip; default %(default)s")


def _add_recipe(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("recipe")
    group.add_argument("--seed", type=int, default=1,
                       help="of initial weights, order, augmentation and bit errors; "
                            "default %(default)s")
    group.add_argument("--epochs", type=count, default=15,
                       help="passes over the training images; default %(default)s")
    group.add_argument("--batch", type=count, default=128,
                       help="images per step; default %(default)s")
    group.add_argument("--rate", type=positive, default=0.05,
                       help="learning rate; default %(default)s")
    group.add_argument("--schedule", choices=("steps", "linear"),
                       help="steps: a tenth of the rate after each of --drops; linear: rising in "
                            "the first epoch, then falling to nothing; default: steps for "
                            "fashion-mnist, linear for cifar-10")
    group.add_argument("--drops", type=float, nargs="+", default=[0.4, 0.6, 0.8], metavar="SHARE",
                       help="shares of the epochs after which the learning rate drops to a tenth; "
                            "default %(default)s")
    group.add_argument("--decay", type=float, default=5e-4,
                       help="weight decay; default %(default)s")
    group.add_argument("--shift", type=int, metavar="PIXELS",
                       help="augmentation: mirror, and move by up to so many pixels; default: 1 "
                            "for fashion-mnist, 4 for cifar-10")
    group.add_argument("--cut-out", type=int, default=0, metavar="PIXELS",
                       help="augmentation: blacken a square of so many pixels; default: none")
    group.add_argument("--smoothing", type=share, default=0.0,
                       help="label smoothing; default %(default)s: none")
    group.add_argument("--teacher", type=Path, nargs="+", default=[], metavar="FILE.onnx",
                       help="distillation: networks of train.py whose mean answer to every image, "
                            "read without errors, is learned beside its label; default: none")
    group.add_argument("--teaching", type=share, default=0.8, metavar="SHARE",
                       help="share of the loss that the teachers have; default %(default)s")
    group.add_argument("--temperature", type=positive, default=2.0, metavar="T",
                       help="what the logits of teachers and network are divided by where they are "
                            "compared; steps grow with it: from a trained network take a --rate of "
                            "0.005; default %(default)s")
    group.add_argument("--precision", choices=("float32", "bfloat16"), default="float32",
                       help="of convolutions in training; which is faster depends on the processor: "
                            "try an epoch of each; default %(default)s")
    group.add_argument("--threads", type=count, default=1,
                       help="of PyTorch; results depend on it; default %(default)s")


def parse(description: str, arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", choices=DATA_SETS, default="fashion-mnist",
                        help="default %(default)s")
    parser.add_argument("--folder", type=Path,
                        help="where the data set is; default: "
                             + ", ".join(f"{one.folder}" for one in DATA_SETS.values()))
    parser.add_argument("--images", type=count, metavar="N",
                        help="train and test with the first N images only, to try things")
    _add_network(parser)
    _add_robustness(parser)
    _add_recipe(parser)
    args = parser.parse_args(arguments)
    for name, value in USUAL[args.data].items():
        if getattr(args, name) is None:
            setattr(args, name, value)
    if args.folder is None:
        args.folder = DATA_SETS[args.data].folder
    if (args.pattern is None) != (args.voltage is None):
        parser.error("--pattern and --voltage go together")
    if args.pattern is not None and args.ber > 0:
        parser.error("--pattern and --ber: expected one of the two")
    if (NETWORKS[args.network] is NETWORKS["fashion"]) != (args.data == "fashion-mnist"):
        parser.error(f"--network {args.network} doesn't take the images of {args.data}")
    return args
