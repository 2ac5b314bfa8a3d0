#!/usr/bin/python3
"""Binarised networks against PyTorch and numpy, score by score.

Runs each file node by node (numpy, and PyTorch for convolution and pooling: nothing of Brownout),
runs `brownout infer` on the same images, and compares the scores, which are whole numbers: they are
to be equal. For TFC_1W1A, a network of Brevitas, batch norm is written out in doubles and classes
are compared, and its scores up to rounding.

usage: bnn_scores.py PROGRAM DATA FILE.onnx... [--images N] [--isa NAME]
DATA is 'fashion-mnist', a folder of idx files, or 'mnist': the folder that BROWNOUT_MNIST names.
Status 77, and a line, where PyTorch, h5py or onnx are not installed, or a file is not there.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import h5py
    import numpy
    import onnx
    import torch
    from onnx import numpy_helper
except ImportError as missing:
    print(f"SKIPPED: {missing}")
    sys.exit(77)

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools" / "train"))


def images_of(place: str, count: int) -> numpy.ndarray:
    """Test images [N, 1, rows, columns] as floats, pixel / 255, as a program reads them."""
    import data
    folder = data.DATA_SETS["fashion-mnist"].folder if place == "fashion-mnist" else Path(place)
    packed = folder / "t10k-images-idx3-ubyte.gz"
    if packed.exists():
        pixels = data.load_fashion(folder, "test").images.numpy()
    else:
        content = (folder / "t10k-images-idx3-ubyte").read_bytes()
        pixels = numpy.frombuffer(content, numpy.uint8, offset=16).reshape(-1, 1, 28, 28)
    return (pixels[:count] / numpy.float32(255)).astype(numpy.float32)


def attributes(node: onnx.NodeProto) -> dict:
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def bipolar(x, scale):
    return numpy.where(x >= 0, scale, -scale).astype(numpy.float32)


def quant(x, scale, zero, width, signed=1, narrow=0, **_):
    low = -(2 ** (float(width) - 1)) + narrow if signed else 0
    high = 2 ** (float(width) - 1) - 1 if signed else 2 ** float(width) - 1 - narrow
    return ((numpy.clip(x / scale + zero, low, high).round() - zero) * scale).astype(numpy.float32)


def convolve(x, w, pads=(0, 0, 0, 0), **_):
    return torch.conv2d(torch.from_numpy(x), torch.from_numpy(w), padding=pads[:2]).numpy()


def pool(x, kernel_shape, strides, **_):
    return torch.max_pool2d(torch.from_numpy(x), tuple(kernel_shape), tuple(strides)).numpy()


def batch_norm(x, gamma, beta, mean, variance, epsilon=1e-5, **_):
    x, gamma, beta, mean, variance = (v.astype(numpy.float64)
                                      for v in (x, gamma, beta, mean, variance))
    return (x - mean) / numpy.sqrt(variance + epsilon) * gamma + beta


OPERATORS = {
    "Add": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mul": lambda a, b: a * b,
    "Div": lambda a, b: a // b if a.dtype.kind in "iu" else a / b,
    "Mod": lambda a, b, **_: a % b,
    "Pow": lambda a, b: a ** b,
    "Cast": lambda a, to: a.astype(onnx.mapping.TENSOR_TYPE_TO_NP_TYPE[to]),
    "Reshape": lambda a, shape: a.reshape([int(n) for n in shape]),
    "Slice": lambda a, begin, end: a[int(begin[0]):int(end[0])],
    "Flatten": lambda a, axis=1: a.reshape(len(a), -1),
    "Transpose": lambda a, perm: a.transpose(perm),
    "Shape": lambda a: numpy.array(a.shape),
    "Gather": lambda a, index, axis=0: a.take(index, axis),
    "Unsqueeze": lambda a, axes: numpy.expand_dims(a, tuple(axes)),
    "Concat": lambda *parts, axis: numpy.concatenate(parts, axis),
    "MatMul": lambda a, b: a @ b,
    "Gemm": lambda a, b, transB=0: a @ (b.T if transB else b),
    "Conv": convolve,
    "MaxPool": pool,
    "BatchNormalization": batch_norm,
    "BipolarQuant": bipolar,
    "Quant": quant,
}


def scores_of(path: Path, images: numpy.ndarray) -> numpy.ndarray:
    graph = onnx.load(str(path)).graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    known = set(values)
    port = next(i.name for i in graph.input if i.name not in known)
    constant = {}
    results = []
    for block in numpy.array_split(images, max(1, len(images) // 250)):
        now = {**values, **constant, port: block}
        for node in graph.node:
            name = node.output[0]
            if name in constant:
                continue
            if node.op_type == "Constant":
                now[name] = numpy_helper.to_array(node.attribute[0].t)
            else:
                arguments = [now[i] for i in node.input]
                now[name] = OPERATORS[node.op_type](*arguments, **attributes(node))
            if all(i in known or i in constant for i in node.input):
                constant[name] = now[name]
        results.append(now[graph.output[0].name])
    return numpy.concatenate(results)


def check(path: Path, images: numpy.ndarray, args: argparse.Namespace) -> bool:
    expected = scores_of(path, images)
    environment = dict(os.environ, **({"BROWNOUT_ISA": args.isa} if args.isa else {}))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "scores.h5"
        subprocess.run([args.program, "infer", "-m", path, "-d", args.data, "--images",
                        str(len(images)), "--out", out, "--quiet", "--threads", "1"],
                       check=True, stdout=subprocess.DEVNULL, env=environment)
        with h5py.File(out) as file:
            found = file["logits"][:]
    exact = expected.dtype == numpy.float32 and not numpy.any(expected % 1)
    same = found == expected if exact else numpy.isclose(found, expected, rtol=1e-4, atol=1e-4)
    wrong = int((~same.all(axis=1)).sum())
    classes = int((found.argmax(axis=1) != expected.argmax(axis=1)).sum())
    print(f"{path.name}: {len(images)} images, {wrong} with other scores "
          f"({'whole numbers, equal' if exact else 'up to rounding'}), {classes} of another class")
    return wrong == 0 and classes == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("data", help="'fashion-mnist' or a folder of idx files")
    parser.add_argument("models", type=Path, nargs="+")
    parser.add_argument("--images", type=int, default=10000)
    parser.add_argument("--isa", help="BROWNOUT_ISA of the program")
    args = parser.parse_args()
    torch.set_num_threads(1)
    if args.data == "mnist":
        args.data = os.environ.get("BROWNOUT_MNIST", "")
        if not args.data:
            print("SKIPPED: BROWNOUT_MNIST names no folder with the test images of MNIST")
            return 77
    absent = [path for path in args.models if not path.exists()]
    if absent:
        print(f"SKIPPED: {absent[0]} is not there")
        return 77
    images = images_of(args.data, args.images)
    return 0 if all([check(path, images, args) for path in args.models]) else 1


if __name__ == "__main__":
    sys.exit(main())
