#!/usr/bin/python3
"""Checks that `brownout sensitivity --by bit` and PyTorch agree trial by trial.

Runs a search on one network, has `brownout faults` write all faults of the chip of each trial,
keeps those of the trial's bit position, and counts the images that the network gets wrong with
them in PyTorch: brute force, with no thought for what the search is about. Prints a line for every
bit position; exit status 3 if any trial differs by more than --tolerance images (results differ in
rounding, so that an image whose two best classes tie may fall either way).

example:
  tools/train/compare_sensitivity.py inference/zoo/fashion-rquant.onnx
"""

import argparse
import csv
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Dict, List

import comparison
import data
from arguments import PROGRAM, count
from evaluate import Evaluation
from pattern import PatternErrors, write_faults


def search(args: argparse.Namespace, folder: Path) -> List[dict]:
    """The trials of a search by bit position, a row of trials.csv each."""
    command = [str(args.brownout), "sensitivity", "--model", str(args.model), "--data",
               "fashion-mnist", "--images", str(args.images), "--images-per-chip",
               str(args.images), "--drop", "10", "--chips", "40", "--out", str(folder),
               "--no-report", "--quiet"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with (folder / "trials.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def only_bit(faults: PatternErrors, bit: int) -> PatternErrors:
    """Faults of one bit position; the other bits of every code read as they are stored."""
    for name, rows in faults.faults.items():
        element, zeros, ones = rows.unbind(dim=1)
        mask = 1 << bit
        rows = rows.clone()
        rows[:, 1], rows[:, 2] = zeros & mask, ones | ~mask
        faults.faults[name] = rows
    return faults


def compare(args: argparse.Namespace) -> int:
    """The number of trials that disagree."""
    test = data.load("fashion-mnist", data.DATA_SETS["fashion-mnist"].folder, "test")
    job = Evaluation(args.model, data.Images(test.images[: args.images],
                                             test.labels[: args.images]))
    different = 0
    with tempfile.TemporaryDirectory() as name:
        by_bit: Dict[int, List[dict]] = defaultdict(list)
        for trial in search(args, Path(name) / "search"):
            by_bit[int(trial["network"].rsplit(" ", 1)[1])].append(trial)
        for bit, trials in sorted(by_bit.items(), reverse=True):
            changed, apart = 0, 0
            chosen = trials[:: max(1, len(trials) // args.trials)]
            for trial in chosen:
                file = Path(name) / "faults.csv"
                rate = trial["point"].split("=", 1)[1]
                write_faults(args.brownout, ["--model", str(args.model), "--ber", rate, "--chip",
                                             trial["chip"]], file)
                read = only_bit(PatternErrors(file), bit).read(job.stored)
                wrong = int(job.wrong(job.values_of(read)).sum())
                changed += int(trial["wrong_perturbed"]) != int(trial["wrong_clean"])
                apart += abs(wrong - int(trial["wrong_perturbed"])) > args.tolerance
            different += apart
            print(f"bit {bit}: {len(chosen)} of {len(trials)} trials, {changed} of them with "
                  f"another error than without faults; {apart} differ from PyTorch", flush=True)
    return different


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, metavar="MODEL.onnx")
    parser.add_argument("--images", type=count, default=500)
    parser.add_argument("--trials", type=count, default=20, help="for each bit position")
    parser.add_argument("--tolerance", type=int, default=0, metavar="IMAGES")
    parser.add_argument("--brownout", type=Path, default=PROGRAM, metavar="PROGRAM")
    args = parser.parse_args()
    return comparison.exit_status(lambda: compare(args))


if __name__ == "__main__":
    sys.exit(main())
