#!/usr/bin/python3
"""Checks that a sweep and PyTorch agree trial by trial: same faults, same images, same errors.

Runs a sweep of one network, has `brownout faults` write the faults of each trial, and counts
the images that the network gets wrong with these faults in PyTorch. Prints both counts for every
trial; exit status 3 if any two differ by more than --tolerance images (results differ in rounding,
so that an image whose two best classes tie may fall either way).

examples:
  tools/train/compare_sweep.py inference/zoo/fashion-rquant.onnx --ber 0.01 --chips 5
  tools/train/compare_sweep.py --data cifar-10 inference/zoo/cifar10-rquant.onnx --images 2000 \\
      --profile profiles/14nm-columns.h5 --voltages 0.8232 --chips 5
"""

import argparse
import csv
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import List

import comparison
import data
from arguments import PROGRAM, count
from evaluate import Evaluation
from pattern import PatternErrors, write_faults


def sweep(args: argparse.Namespace, faults: List[str], folder: Path) -> List[dict]:
    """The trials of a sweep, a row of trials.csv each."""
    name = "fashion-mnist" if args.data == "fashion-mnist" else str(args.folder)
    command = [str(args.brownout), "sweep", "--model", str(args.model), "--data", name, "--images",
               str(args.images), *faults, "--chips", str(args.chips), "--out", str(folder),
               "--no-report", "--quiet"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with (folder / "trials.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def compare(args: argparse.Namespace) -> int:
    """The number of trials that disagree."""
    faults = (["--ber", args.ber] if args.ber is not None else
              ["--profile", str(args.profile), "--voltages", args.voltages])
    test = data.load(args.data, args.folder, "test")
    job = Evaluation(args.model, data.Images(test.images[: args.images],
                                             test.labels[: args.images]))
    different = 0
    with tempfile.TemporaryDirectory() as name:
        for trial in sweep(args, faults, Path(name) / "sweep"):
            file = Path(name) / "faults.csv"
            write_faults(args.brownout, ["--model", str(args.model), *faults, "--chip",
                                         trial["chip"]], file)
            wrong = int(job.wrong(job.values_of(PatternErrors(file).read(job.stored))).sum())
            theirs = int(trial["wrong_perturbed"])
            different += abs(wrong - theirs) > args.tolerance
            print(f"chip {trial['chip']}: of {args.images} images {theirs} are wrong in the sweep, "
                  f"{wrong} in PyTorch", flush=True)
    return different


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, metavar="MODEL.onnx")
    parser.add_argument("--data", choices=data.DATA_SETS, default="fashion-mnist")
    parser.add_argument("--folder", type=Path, help="where the data set is")
    parser.add_argument("--images", type=count, default=1000)
    parser.add_argument("--chips", type=count, default=5)
    parser.add_argument("--ber", metavar="P", help="uniform bit errors at this rate")
    parser.add_argument("--profile", type=Path, help="or chips of this profile")
    parser.add_argument("--voltages", metavar="V", help="at this supply")
    parser.add_argument("--tolerance", type=int, default=0, metavar="IMAGES",
                        help="default %(default)s")
    parser.add_argument("--brownout", type=Path, default=PROGRAM, metavar="PROGRAM",
                        help="default %(default)s")
    args = parser.parse_args()
    if (args.ber is None) == (args.profile is None) or (args.profile is None) != (
            args.voltages is None):
        parser.error("expected --ber, or --profile and --voltages")
    if args.folder is None:
        args.folder = data.DATA_SETS[args.data].folder
    return comparison.exit_status(lambda: compare(args))


if __name__ == "__main__":
    sys.exit(main())
