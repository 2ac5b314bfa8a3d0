#!/usr/bin/python3
"""Prints a Markdown table: images per second of one core, ours, ONNX Runtime's and PyTorch's.

    /usr/bin/python3 speed.py FOLDER_OF_NETWORKS PROGRAM [--quick] [ROW...]

PROGRAM is brownout-network-speed. Each runtime is a process that has read its network; it answers a line "BATCH SECONDS"
with a line of images per second: after one run that isn't counted, it runs batches until they have taken that many
seconds. Seconds are those that the process had a processor for, so that a busy machine disturbs less; with one thread
they are the time that passes on an idle one. First each finds its best batch; then they take turns, and the ratio to ONNX Runtime is
that of neighbouring turns. What is printed is the median of the turns, with the range of the ratios.
"""

import argparse
import importlib.util
import statistics
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple, Optional

HERE = Path(__file__).resolve().parent


class Row(NamedTuple):
    """A line of the table. To compare another engine or network, add one."""

    name: str
    title: str
    network: str  # file of FOLDER_OF_NETWORKS
    batches: tuple = (1, 16, 64)
    peer_network: Optional[str] = None  # what the peers run, if it is another file
    options: tuple = ()  # of PROGRAM


ROWS = [
    Row("resnet20-bn", "ResNet-20, batch norm, CIFAR-10", "resnet20-bn"),
    Row("resnet20-gn", "ResNet-20, group norm", "resnet20-gn"),
    Row("simplenet", "SimpleNet, 5.5 M weights, group norm", "simplenet"),
    Row("squeezenet", "SqueezeNet 1.1, 224 x 224", "squeezenet", (1, 4, 16)),
    Row("resnet20-int8", "ResNet-20 in 8-bit codes; ONNX Runtime: floats", "resnet20-qdq", peer_network="resnet20-bn"),
    Row("simplenet-exact", "SimpleNet, --exact", "simplenet", options=("--exact",)),
    Row("squeezenet-1", "SqueezeNet 1.1, 224 x 224, batch 1", "squeezenet", (1,)),
    Row("simplenet-1", "SimpleNet, batch 1", "simplenet", (1,)),
    Row("resnet20-1", "ResNet-20, batch norm, batch 1", "resnet20-bn", (1,)),
]


class Worker:
    """A runtime in a process of its own, with its best batch."""

    def __init__(self, command: list) -> None:
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.batch = 1
        self.rates: list = []

    def rate(self, batch: int, seconds: float) -> float:
        self.process.stdin.write(f"{batch} {seconds}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{' '.join(map(str, self.process.args))} ended")
        return float(line)

    def find_batch(self, batches: tuple, seconds: float) -> None:
        self.batch = max(batches, key=lambda batch: self.rate(batch, seconds))

    def turn(self, seconds: float) -> None:
        self.rates.append(self.rate(self.batch, seconds))

    def median(self) -> float:
        return statistics.median(self.rates)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def measure(row: Row, folder: Path, program: str, turns: int, seconds: float) -> str:
    def file(name: str) -> Path:
        return next(folder.glob(f"{name}-opset*.onnx"))

    ours, theirs = file(row.network), file(row.peer_network or row.network)
    workers = [Worker([program, ours, *row.options]), Worker(["node", HERE / "onnxruntime_speed.js", theirs])]
    if importlib.util.find_spec("torch"):
        workers.append(Worker([sys.executable, HERE / "pytorch_speed.py", theirs]))
    for worker in workers:
        worker.find_batch(row.batches, seconds / 3)
    for _ in range(turns):
        for worker in workers:
            worker.turn(seconds)
    for worker in workers:
        worker.close()
    us, peer = workers[0], workers[1]
    ratios = [a / b for a, b in zip(us.rates, peer.rates)]
    ratio = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    cells = [row.title, f"{us.median():.0f}", f"{peer.median():.0f} (batch {peer.batch})", ratio]
    return " | ".join(cells + [f"{worker.median():.0f}" for worker in workers[2:]])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("program")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=", ".join(row.name for row in ROWS))
    parser.add_argument("--quick", action="store_true", help="one short turn: does it run at all?")
    options = parser.parse_intermixed_args()
    unknown = set(options.rows) - {row.name for row in ROWS}
    if unknown:
        parser.error(f"no row is called {', '.join(sorted(unknown))}")
    turns, seconds = (1, 0.2) if options.quick else (9, 0.8)
    torch = bool(importlib.util.find_spec("torch"))
    print("| network | ours, images/s | ONNX Runtime | ratio (range) |" + (" PyTorch |" if torch else ""))
    print("|---|--:|--:|--:|" + ("--:|" if torch else ""))
    for row in ROWS:
        if not options.rows or row.name in options.rows:
            print(f"| {measure(row, options.folder, options.program, turns, seconds)} |", flush=True)


if __name__ == "__main__":
    main()
