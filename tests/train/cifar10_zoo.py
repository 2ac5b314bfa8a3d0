#!/usr/bin/python3
"""The CIFAR-10 networks of the zoo: are the files what inference/zoo/README.md says?

Each row with an error has its file. A file carries its codes and its command, has at most 300
thousand parameters and 400 kB, and gets as many of the 10,000 test images wrong as its row says:
`brownout infer` counts them. Status 77, and a line, where CIFAR-10 isn't there
(tools/train/get_cifar10): the rest has been tested then.

usage: cifar10_zoo.py PROGRAM
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ZOO = ROOT / "inference" / "zoo"
sys.path.insert(0, str(ROOT / "tools" / "train"))

from cifar10 import FOLDER as DATA

LARGEST_FILE, MOST_PARAMETERS = 400_000, 300_000
ROUNDING = 0.0002  # two images whose best classes tie, on another instruction set


def answer(program: str, *arguments: object) -> dict:
    done = subprocess.run([program, *map(str, arguments), "--json"], check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def complaints_of_file(program: str, path: Path) -> list:
    shown = answer(program, "inspect", path)
    found = []
    if path.stat().st_size > LARGEST_FILE:
        found.append(f"{path.stat().st_size} bytes, expected at most {LARGEST_FILE}")
    if shown["parameters"] > MOST_PARAMETERS:
        found.append(f"{shown['parameters']} parameters, expected at most {MOST_PARAMETERS}")
    if shown["stored"]["format"] != "file":
        found.append(f"stored as {shown['stored']['format']}, expected the codes of the file")
    if not shown["metadata"].get("brownout.command", "").startswith("tools/train/train.py --data cifar-10 "):
        found.append("has no command that made it")
    return [f"{path.name}: {one}" for one in found]


def complaints_of_error(program: str, path: Path, percent: str) -> list:
    told = float(percent) / 100
    counted = answer(program, "infer", "--model", path, "--data", DATA)
    if counted["images"] == 10_000 and abs(counted["error"] - told) <= ROUNDING:
        return []
    return [f"{path.name}: {counted['error']:.2%} of {counted['images']} images are wrong, "
            f"the table says {told:.2%}"]


def main() -> int:
    program = sys.argv[1]
    rows = re.findall(r"^\| `(cifar10-[\w-]+\.onnx)` .*\| ([\d.]+) \|$", (ZOO / "README.md").read_text(), re.M)
    files = sorted(path.name for path in ZOO.glob("cifar10-*.onnx"))
    complaints = []
    if not files or sorted(name for name, _ in rows) != files:
        complaints.append(f"rows with an error are those of {sorted(name for name, _ in rows)}, files are {files}")
    for name, percent in rows:
        complaints += complaints_of_file(program, ZOO / name)
        if DATA.is_dir():
            complaints += complaints_of_error(program, ZOO / name, percent)
    if complaints:
        print("\n".join(complaints))
        return 1
    if not DATA.is_dir():
        print(f"SKIPPED: errors are not compared, no {DATA}: tools/train/get_cifar10 fetches it")
        return 77
    return 0


if __name__ == "__main__":
    sys.exit(main())
