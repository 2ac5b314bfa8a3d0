#!/usr/bin/python3
"""Each stored bit of each activation and of each partial sum, inverted in PyTorch and in a sweep.

Makes a small network with quantised activations, images, and a profile with a chip for each cell
of a memory: chip c has one cell, number c, that flips. Sweeps them with the memory of activations
failing, then that of partial sums, and compares the squared error of every trial with that of
PyTorch, where the code that lies in the cell has that bit inverted. What lies where is worked out
here, from what docs/accelerators.md says.

usage: stored_bits.py PROGRAM
Status 77, and a line, where PyTorch, h5py or onnx are not installed.
"""

import csv
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Callable, Dict, List

try:
    import h5py
    import numpy
    import onnx
    import torch
    import torch.nn.functional as F
    from onnx import TensorProto, helper, numpy_helper
except ImportError as missing:
    print(f"SKIPPED: {missing}")
    sys.exit(77)

IMAGES, SIDE, CHANNELS = 6, 4, 3
STEP = 1 / 64  # of weights: codes of int8 are -127 to 127
ROWS, COLUMNS = 4, 2  # of the array, which holds weights
SUM_BITS = 24
INPUT = (1 / 64, 100)  # step and zero point of the activations' codes
HIDDEN = (1 / 16, 0)

ACCELERATOR = f"""
name: small
array: {{rows: {ROWS}, columns: {COLUMNS}, dataflow: weight-stationary, clock: 1 GHz, supply: 0.9 V, fused: [Relu]}}
bits: {{activations: 8, accumulators: {SUM_BITS}}}
memories:
  weights: {{bytes: 4 KiB, energy: {{source: none, table: [{{supply: 0.5, read: 1 pJ, write: 1 pJ}}, {{supply: 1, read: 1 pJ, write: 1 pJ}}]}}}}
  activations: {{bytes: 4 KiB}}
  accumulators: {{bytes: 4 KiB}}
"""


def make_network(path: Path, weights: List[numpy.ndarray]) -> None:
    """Two convolutions whose inputs are quantised, as PyTorch exports it (QuantizeLinear)."""
    nodes, constants = [], []

    def constant(name: str, values: numpy.ndarray) -> str:
        constants.append(numpy_helper.from_array(values, name))
        return name

    def quantised(x: str, name: str, codes: tuple) -> str:
        scale = constant(f"{name}.scale", numpy.array(codes[0], numpy.float32))
        zero = constant(f"{name}.zero", numpy.array(codes[1], numpy.uint8))
        nodes.append(helper.make_node("QuantizeLinear", [x, scale, zero], [f"{name}.q"]))
        nodes.append(helper.make_node("DequantizeLinear", [f"{name}.q", scale, zero], [name]))
        return name

    def convolution(x: str, name: str, values: numpy.ndarray, result: str) -> None:
        weight = constant(f"{name}.weight", values)
        nodes.append(helper.make_node("Conv", [x, weight], [result], name, pads=[1, 1, 1, 1]))

    convolution(quantised("x", "x0", INPUT), "first", weights[0], "sums")
    nodes.append(helper.make_node("Relu", ["sums"], ["hidden"]))
    convolution(quantised("hidden", "h0", HIDDEN), "second", weights[1], "out")
    shape = [1, 1, SIDE, SIDE]
    graph = helper.make_graph(
        nodes, "small", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, shape)], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    onnx.save(model, str(path))


def make_profile(path: Path, cells: List[List[int]]) -> None:
    """A chip for each list of cells, which flip below 0.9 Vmin."""
    with h5py.File(path, "w") as file:
        text = h5py.string_dtype()
        for name, value in (("format", "brownout-profile"), ("creator", "stored_bits.py"),
                            ("created", "2026-01-01T00:00:00Z"), ("provenance", "synthetic")):
            file.attrs.create(name, value, dtype=text)
        file.attrs["version"] = numpy.array([1, 0], numpy.uint32)
        device = file.create_group("device")
        device.attrs["arrays"], device.attrs["rows"] = numpy.uint32(1), numpy.uint32(512)
        device.attrs["columns"] = numpy.uint32(64)
        device.attrs.create("voltage_unit", "Vmin", dtype=text)
        group = file.create_group("cells")
        group.attrs.create("encoding", "threshold", dtype=text)
        group.attrs["chips"] = numpy.uint32(len(cells))
        table = group.create_group("threshold")
        table.attrs["floor_voltage"], table.attrs["highest_voltage"] = 0.5, 1.0
        every = [cell for chip in cells for cell in chip]
        starts = numpy.cumsum([0] + [len(chip) for chip in cells])
        table["chip_start"] = starts.astype(numpy.uint64)
        table["cell"] = numpy.array(every, numpy.uint32)
        for name, value in (("voltage", 0.9), ("p01", 1), ("p10", 1)):
            table[name] = numpy.full(len(every), value, numpy.float32)


def fake_codes(values: torch.Tensor, codes: tuple) -> torch.Tensor:
    """Codes of values: those of PyTorch's quantised tensors."""
    return torch.quantize_per_tensor(values, codes[0], codes[1], torch.quint8).int_repr().long()


Damage = Callable[[str, torch.Tensor], torch.Tensor]


def network(images: torch.Tensor, weights: List[torch.Tensor], activations: Damage,
            sums: Damage) -> torch.Tensor:
    """The network in whole numbers; `activations` and `sums` say what is read of what is written."""

    def convolution(codes: torch.Tensor, zero: int, step: float, layer: str,
                    weight: torch.Tensor) -> torch.Tensor:
        filters, depth = weight.shape[0], weight[0].numel()
        columns = F.unfold((codes - zero).double(), 3, padding=1).long()  # [N, depth, positions]
        matrix = torch.round(weight / STEP).long().reshape(filters, depth)
        total = torch.zeros(len(codes), filters, SIDE * SIDE, dtype=torch.long)
        for first in range(0, depth, ROWS):
            part = slice(first, first + ROWS)
            total = sums(layer, total + torch.einsum("fk,nkp->nfp", matrix[:, part],
                                                     columns[:, part]))
        return total.double().reshape(len(codes), filters, SIDE, SIDE) * STEP * step

    codes = activations("x", fake_codes(images, INPUT))
    hidden = F.relu(convolution(codes, INPUT[1], INPUT[0], "first", weights[0]))
    codes = activations("hidden", fake_codes(hidden.float(), HIDDEN))
    return convolution(codes, HIDDEN[1], HIDDEN[0], "second", weights[1])


def flipped_activation(cell: int) -> Damage:
    """Tensors have the lowest free words of eight codes, one behind the other."""
    words = {"x": (0, SIDE * SIDE), "hidden": (2, CHANNELS * SIDE * SIDE)}

    def damage(tensor: str, codes: torch.Tensor) -> torch.Tensor:
        first, elements = words[tensor]
        element = (cell // 64 - first) * 8 + cell % 64 // 8
        if cell // 64 < first or element >= elements:
            return codes
        read = codes.clone().reshape(len(codes), -1)
        read[:, element] ^= 1 << cell % 8
        return read.reshape(codes.shape)

    return damage


def flipped_sum(cell: int) -> Damage:
    """Words hold two sums of 24 bits. Tiles of as many filters as the array has columns begin at
    word 0, position by position."""

    def damage(_layer: str, totals: torch.Tensor) -> torch.Tensor:
        if cell % 64 >= 2 * SUM_BITS:
            return totals
        at = cell // 64 * 2 + cell % 64 // SUM_BITS
        read = totals.clone()
        for first in range(0, totals.shape[1], COLUMNS):
            width = min(COLUMNS, totals.shape[1] - first)
            position, filter_ = at // width, first + at % width
            if position >= totals.shape[2]:
                continue
            code = (read[:, filter_, position] ^ (1 << cell % 64 % SUM_BITS)) & (2**SUM_BITS - 1)
            read[:, filter_, position] = code - ((code >> (SUM_BITS - 1)) << SUM_BITS)
        return read

    return damage


def squared_errors(program: str, folder: Path, memory: str, chips: int) -> Dict[int, float]:
    """The squared error of each chip, summed over the images."""
    out = folder / memory
    command = [program, "sweep", "-m", str(folder / "small.onnx"), "-d", str(folder / "data.npz"),
               "--task", "mse", "--format", "int8", "--store", "weights", "--exact",
               "--accelerator", str(folder / "small.yaml"), "--fail", memory,
               "-p", str(folder / "clean.h5"), "-p", f"activations={folder / 'cells.h5'}",
               "-p", f"accumulators={folder / 'cells.h5'}", "-v", "0.8", "--chips", str(chips),
               "--out", str(out), "--no-report", "--quiet"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with (out / "trials.csv").open(newline="") as file:
        return {int(row["chip"]): int(row["squared_error"]) +
                int(row["squared_error_fraction"]) / 2**40 for row in csv.DictReader(file)}


def main() -> int:
    torch.manual_seed(4)
    random = numpy.random.default_rng(4)

    def weights_of(*shape: int) -> numpy.ndarray:
        codes = random.integers(-127, 128, shape)
        codes.reshape(-1)[0] = 127  # so that a step of int8 is STEP
        return (codes * STEP).astype(numpy.float32)

    weights = [weights_of(CHANNELS, 1, 3, 3), weights_of(1, CHANNELS, 3, 3)]
    images = random.uniform(-1, 1, (IMAGES, 1, SIDE, SIDE)).astype(numpy.float32)
    words = {"activations": 2 + 6, "accumulators": SIDE * SIDE}
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_network(folder / "small.onnx", weights)
        (folder / "small.yaml").write_text(ACCELERATOR)
        numpy.savez(folder / "data.npz", images=images, labels=numpy.zeros(IMAGES, numpy.int64))
        chips = 64 * max(words.values())
        make_profile(folder / "cells.h5", [[cell] for cell in range(chips)])
        make_profile(folder / "clean.h5", [[] for _ in range(chips)])
        for memory, count in words.items():
            theirs = squared_errors(sys.argv[1], folder, memory, 64 * count)
            changed = 0
            keep: Damage = lambda _, values: values
            inputs, kernels = torch.from_numpy(images), [torch.from_numpy(w) for w in weights]
            clean = float("nan")
            for cell in range(-1, 64 * count):
                out = (network(inputs, kernels, flipped_activation(cell), keep)
                       if memory == "activations" and cell >= 0 else
                       network(inputs, kernels, keep, flipped_sum(cell))
                       if cell >= 0 else network(inputs, kernels, keep, keep))
                ours = float(((out - inputs.double()) ** 2).mean(dim=(1, 2, 3)).sum())
                if cell < 0:
                    clean = ours
                    continue
                changed += ours != clean
                if abs(ours - theirs[cell]) > 1e-5 * (1 + ours):
                    print(f"{memory}, cell {cell}: {theirs[cell]} in the sweep, {ours} in PyTorch")
                    wrong += 1
            print(f"{memory}: {64 * count} cells, of which {changed} change a result; "
                  f"{wrong} disagree")
            if changed < 16 * count:
                print("too few cells do anything")
                wrong += 1
    return 0 if wrong == 0 else 3


if __name__ == "__main__":
    sys.exit(main())
