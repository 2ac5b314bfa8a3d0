#!/usr/bin/python3
"""Compares `brownout infer` with what ONNX Runtime computed (onnxruntime.js) for a folder of networks.

    /usr/bin/python3 compare.py CORPUS PROGRAM

Needs Debian's python3-h5py and python3-onnx. Prints a line for each network that is refused or
differs, and a summary; exit status 1 if there is one.

Networks of floats: every output is within 1e-4 of the largest output's size (of 0.001 if that is
less: ONNX Runtime's Sigmoid is exact to 1e-7); 2e-3 if the network takes halves, since ONNX Runtime
rounds to halves after each operator and we don't.

Networks that quantise activations: two runtimes that add in different orders may round a value that
lies between two codes to different ones, and a step of one activation moves all outputs behind it.
So 95 % of the outputs must be within 1e-4, and all within 3 % of the largest; in networks of more than
20 quantisers, where one step early moves all that follows, all within 1 %. (Wrong rounding, scales or
zero points move most outputs, and by more.)

Networks that compute with codes from end to end ("qlinear-...", integer_networks.py): equal, bit for bit.

Networks whose weights are codes in the file: `infer --quantized`, for which the memory holds those
codes, and the same with `--format file-float` are held to the same rules; floats are not held to equality.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple, Optional

import h5py
import numpy as np
import onnx

CLOSE = 1e-4  # of the largest output
CLOSE_HALF = 2e-3  # where ONNX Runtime computes with halves
LEAST = 1e-3  # size of outputs below which their differences are compared with this size
CLOSE_SHARE = 0.95  # of the outputs of a network that quantises activations ...
STEPS = 0.03  # ... and what the others may differ by, of the largest output
MANY_QUANTIZERS = 20  # networks with more of them are held to ...
STEPS_DEEP = 0.01  # ... this instead, of the largest output
SECONDS = 120  # for a network


class Outcome(NamedTuple):
    """Where a comparison ended: "equal", "differs", "refused" or "no reference"."""

    kind: str
    detail: str = ""


def difference(
    ours: np.ndarray, reference: np.ndarray, quantizers: int, close: float, exact: bool
) -> Optional[str]:
    """Returns in which way outputs differ, or nothing if they are equal by the rules above."""
    if ours.size != reference.size:
        return f"{ours.size} outputs, ONNX Runtime has {reference.size}"
    if exact:
        differing = np.count_nonzero(ours.ravel() != reference.ravel())
        return f"{differing} of {ours.size} outputs are not the same bits" if differing else None
    ours, reference = ours.ravel().astype(np.float64), reference.ravel().astype(np.float64)
    finite = np.isfinite(reference)
    same = np.array_equal(ours[~finite], reference[~finite], equal_nan=True)
    if not same or not np.isfinite(ours[finite]).all():
        return "infinities or NaN differ"
    if not finite.any():
        return None
    largest = max(np.abs(reference[finite]).max(), LEAST)
    apart = np.abs(ours - reference)[finite] / largest
    share = np.mean(apart <= close)
    if quantizers > MANY_QUANTIZERS:
        near = apart.max() <= STEPS_DEEP
    else:
        near = quantizers > 0 and share >= CLOSE_SHARE and apart.max() <= STEPS
    if share == 1 or near:
        return None
    most = f"by up to {apart.max():.2g} of the largest output {largest:.3g}"
    return f"{most}; {share:.1%} are within {close:g}"


def tensor(folder: Path, entry: dict) -> np.ndarray:
    return np.fromfile(folder / entry["file"], "<f4").reshape(entry["shape"])


def infer(program: str, network: Path, images: np.ndarray, *options: str) -> dict:
    """Returns 'logits' and 'predictions'. Throws RuntimeError with the message of a refusal."""
    with tempfile.TemporaryDirectory() as work:
        with h5py.File(f"{work}/images.h5", "w") as file:
            file["images"] = images
            file["labels"] = np.zeros(len(images), np.int32)
        files = ["--model", network, "--data", f"{work}/images.h5", "--out", f"{work}/logits.h5"]
        command = [program, "infer", *files, "--quiet", "--threads", "1", *options]
        run = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        if run.returncode != 0:
            message = run.stderr.strip().replace("brownout: ", "").replace(f"{network}: ", "")
            raise RuntimeError(message or f"exit status {run.returncode}")
        with h5py.File(f"{work}/logits.h5") as file:
            return {name: file[name][()] for name in ("logits", "predictions")}


def has_codes(graph: onnx.GraphProto) -> bool:
    """Returns whether weights are codes in the file, or become codes when it is read."""
    constants = {tensor.name for tensor in graph.initializer}
    quantizers = ("QuantizeLinear", "DequantizeLinear")
    operators = ("QLinearConv", "QLinearMatMul")
    return any(
        (node.op_type in quantizers and node.input[0] in constants)
        or (node.op_type in operators and node.input[3] in constants)
        for node in graph.node
    )


def compare(corpus: Path, manifest_file: Path, program: str) -> Outcome:
    manifest = json.loads(manifest_file.read_text())
    folder, network = manifest_file.parent, corpus / manifest["network"]
    if not manifest["ok"]:
        return Outcome("no reference", manifest["error"])
    if len(manifest["inputs"]) != 1:
        return Outcome("refused", f"has {len(manifest['inputs'])} inputs")
    input_type, output_type = manifest["inputs"][0]["type"], manifest["outputs"][0]["type"]
    images = tensor(folder, manifest["inputs"][0])
    reference = tensor(folder, manifest["outputs"][0])
    if input_type == "uint8":
        images = images.astype(np.uint8)
    # A classifier that ends in ArgMax has the scores that it chose from as logits.
    chosen = output_type in ("int64", "int32") and reference.size == len(images)
    which = "predictions" if chosen else "logits"
    graph = onnx.load(str(network), load_external_data=False).graph
    quantizers = sum(
        any(part in node.op_type for part in ("Quant", "QLinear", "Integer"))
        and node.op_type != "DequantizeLinear"
        for node in graph.node
    ) or int(any(node.op_type == "DequantizeLinear" for node in graph.node))
    close = CLOSE_HALF if input_type == "float16" else CLOSE
    forms = ([], ["--quantized"], ["--format", "file-float"]) if has_codes(graph) else ([],)
    for options in forms:
        exact = manifest_file.parent.name.startswith("qlinear") and "file-float" not in options
        try:
            ours = infer(program, network, images, *options)[which]
        except (RuntimeError, subprocess.TimeoutExpired) as problem:
            return Outcome("refused", " ".join([*options, str(problem)]))
        found = difference(ours, reference, quantizers, close, exact)
        if found:
            return Outcome("differs", " ".join([*options, found]))
    return Outcome("equal")


def main(corpus: Path, program: str) -> int:
    manifests = sorted(corpus.glob("refs/*/manifest.json"))
    failures = 0
    for manifest in manifests:
        outcome = compare(corpus, manifest, program)
        if outcome.kind != "equal":
            failures += 1
            print(f"{manifest.parent.name}: {outcome.kind}: {outcome.detail}")
    equal = len(manifests) - failures
    print(f"{len(manifests)} networks, {equal} as ONNX Runtime has them, {failures} not")
    return 1 if failures or not manifests else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
