#!/usr/bin/python3
"""Makes the networks on which Brownout is compared with ONNX Runtime, the same ones each time.

    /usr/bin/python3 make_networks.py FOLDER

Needs Debian's python3-onnx, of which only the protobuf classes are used: graphs are never checked, so
IR versions and opsets may be newer than the library. A network is called NAME-opsetN-irM.onnx and has
random weights seeded by its name.
"""

import sys
from pathlib import Path
from typing import Callable, Optional, Union

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper

from graph import Graph
from integer_networks import integer_networks
from quantized_networks import integer_operators, quantized


# --- Versions: one classifier in every opset, with each operator's inputs and attributes as that opset has them.

VERSIONS = [
    (7, 3), (8, 3), (9, 4), (10, 5), (11, 6), (12, 7), (13, 7), (14, 7), (15, 8), (16, 8), (17, 8),
    (18, 8), (18, 9), (19, 9), (20, 9), (21, 10), (22, 10), (23, 11), (24, 12), (25, 13), (26, 13),
]  # fmt: skip


def classifier(folder: Path, opset: int, ir: int) -> None:
    g = Graph("classifier", opset, ir)

    def moved(op: str, x: str, since: int, values: dict) -> str:
        """Adds an operator whose attributes became inputs with opset `since`."""
        if opset < since:
            return g(op, x, **values)
        return g(op, x, *(np.float32(v) if isinstance(v, float) else v for v in values.values()))

    pads = [0, 0, 1, 1, 0, 0, 1, 1]
    x = g("Pad", "x", pads, 0.0) if opset >= 11 else g("Pad", "x", pads=pads, value=0.0)
    x = g.conv(x, pads=[0, 0, 0, 0])
    x = g("BatchNormalization", x, g.between(0.5, 1.5, 8), g.weights(8), g.weights(8), g.between(0.5, 1.5, 8))
    x = moved("Clip", x, 11, {"min": -1.0, "max": 1.5})
    branch = g("Relu", g.conv(x, 8, 8))
    x = g("MaxPool", g("Add", x, branch), kernel_shape=[2, 2], strides=[2, 2])
    split = {} if opset >= 13 else {"split": [4, 4]}
    parts = g("Split", x, *([] if split else [[4, 4]]), axis=1, outputs=2, **split)
    x = g("Concat", parts[1], parts[0], axis=1)
    x = moved("ReduceMean", x, 18, {"axes": [2, 3]})
    x = moved("Squeeze", x, 13, {"axes": [2, 3]})
    x = moved("Dropout", x, 12, {"ratio": 0.5})
    x = moved("Unsqueeze", x, 13, {"axes": [1]})
    x = moved("ReduceSum", x, 13, {"axes": [1]})
    g.save(folder, g("Gemm", g("Flatten", x), g.weights(8, 5), g.weights(5)))


# --- Operators: between a convolution and a linear layer. Name: (opset, IR, what makes of 8 channels 8 channels).

Middle = Callable[[Graph, str], str]


def sums(g: Graph, x: str) -> str:
    mean = g("Mean", x, g("Exp", g("Neg", g("Abs", x))), g.weights(8, 1, 1))
    return g("Sum", x, mean, x)


def tiled(g: Graph, x: str) -> str:
    return g("Tile", g("Mul", x, g("Expand", g.weights(8, 1, 1), [8, 8, 8])), [1, 1, 2, 1])


def gate(g: Graph, x: str) -> str:
    """Squeeze and excite."""
    mean = g("ReduceMean", x, [2, 3], keepdims=0)
    return g("Mul", x, g("Unsqueeze", g("Sigmoid", g("MatMul", mean, g.weights(8, 8))), [2, 3]))


def comparisons(g: Graph, x: str) -> str:
    """Hard decisions, and what is chosen by them."""
    large = g("And", g("Greater", x, 0.2), g("Less", x, 1.0))
    small = g("Or", g("Not", g("GreaterOrEqual", x, -0.5)), g("LessOrEqual", x, -1.5))
    x = g("Where", large, x, g("Mul", x, 0.25))
    return g("Add", g("Where", small, 0.5, x), g("Cast", g("Equal", large, small), to=T.FLOAT))


def reductions(g: Graph, x: str) -> str:
    """Every reduction of opset 18, with the axes as an input."""
    x = g("Sigmoid", x)
    ops = ("L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare")
    results = [g("Reduce" + op, x, [2, -1], keepdims=1) for op in ops]
    x = g("Concat", *results, axis=1)
    return g("Conv", x, g.weights(8, 8 * len(ops), 1, 1))


def shape_arithmetic(g: Graph, x: str) -> str:
    """What exporters make of x.view(x.size(0), -1) and back."""
    batch = g("Gather", g("Shape", x), np.int64(0), axis=0)
    flat = g("Reshape", x, g("Concat", g("Unsqueeze", batch, [0]), [-1], axis=0))
    return g("Reshape", flat, g("Concat", g("Shape", x, start=0, end=1), [8, 8, 8], axis=0))


def attention(g: Graph, x: str) -> str:
    """One head of self-attention over the 64 pixels."""
    x = g("Transpose", g("Reshape", x, [0, 8, 64]), perm=[0, 2, 1])
    q, k, v = (g("MatMul", x, g.weights(8, 8)) for _ in range(3))
    scores = g("Mul", g("MatMul", q, g("Transpose", k, perm=[0, 2, 1])), 8**-0.5)
    x = g("Add", x, g("MatMul", g("Softmax", scores, axis=-1), v))
    x = g("LayerNormalization", x, g.between(0.5, 1.5, 8), g.weights(8), axis=-1)
    return g("Reshape", g("Transpose", x, perm=[0, 2, 1]), [0, 8, 8, 8])


def node(op: str, **attributes) -> Middle:
    return lambda g, x: g(op, x, **attributes)


def last(op: str, scales: int = 1, **attributes) -> Middle:
    """A normalisation over the last axis, of channels in it, as in transformers."""

    def middle(g: Graph, x: str) -> str:
        x = g("Transpose", x, perm=[0, 2, 3, 1])
        x = g(op, x, g.between(0.5, 1.5, 8), *([g.weights(8)] if scales == 2 else []), axis=-1, **attributes)
        return g("Transpose", x, perm=[0, 3, 1, 2])

    return middle


def per_channel(op: str, count: int = 8, **attributes) -> Middle:
    return lambda g, x: g(op, x, g.between(0.5, 1.5, count), g.weights(count), **attributes)


def unary(*ops: Union[str, tuple]) -> Middle:
    """Activations one after the other, each with a convolution before it that spreads its input."""

    def middle(g: Graph, x: str) -> str:
        for op in ops:
            name, attributes = (op, {}) if isinstance(op, str) else op
            x = g(name, g.conv(x, 8, 8, 1), **attributes)
        return x

    return middle


def resized(
    scale: Optional[float], sizes: Optional[list] = None, places: str = "half_pixel", **attributes
) -> Middle:
    attributes["coordinate_transformation_mode"] = places
    factors = [None, sizes] if sizes else [[1.0, 1.0, scale, scale]]
    return lambda g, x: g("Resize", x, None, *factors, **attributes)


def split(parts: int) -> Middle:
    """Splits the channels and puts the parts together in the other order."""
    return lambda g, x: g("Concat", *g("Split", x, axis=1, num_outputs=parts, outputs=parts)[::-1], axis=1)


def deconvolved(weights: tuple, **attributes) -> Middle:
    """A transposed convolution; its outputs are made 8 channels again."""

    def middle(g: Graph, x: str) -> str:
        channels = weights[1] * attributes.get("group", 1)
        x = g("ConvTranspose", x, g.weights(*weights), g.weights(channels), **attributes)
        return g.conv(g("LeakyRelu", x, alpha=0.1), channels, 8, 1)

    return middle


MIDDLES: dict = {
    "lrn": (13, 7, node("LRN", size=5, alpha=0.05, beta=0.75, bias=1.5)),
    "instance-norm": (22, 10, per_channel("InstanceNormalization", epsilon=1e-3)),
    "group-norm-of-groups": (18, 9, per_channel("GroupNormalization", 4, num_groups=4)),
    "group-norm-of-channels": (21, 10, per_channel("GroupNormalization", 8, num_groups=4)),
    "layer-norm": (17, 8, last("LayerNormalization", 2, epsilon=1e-4)),
    "rms-norm": (23, 11, last("RMSNormalization")),
    "lp-norm": (13, 7, node("LpNormalization", axis=1, p=2)),
    "mean-variance-norm": (13, 7, node("MeanVarianceNormalization", axes=[2, 3])),
    "gelu": (20, 9, unary("Gelu", ("Gelu", {"approximate": "tanh"}))),
    "mish": (18, 9, unary("Mish", "HardSwish")),
    "swish": (24, 12, unary("Swish", ("Swish", {"alpha": 1.5}))),
    "smooth-activations": (
        15, 8, unary("Elu", ("Celu", {"alpha": 0.7}), "Selu", "Softplus", "Softsign", "Tanh", "Erf")),
    "sharp-activations": (
        16, 8, unary(("ThresholdedRelu", {"alpha": 0.1}), ("HardSigmoid", {"alpha": 0.3}), "Abs",
                     ("LeakyRelu", {"alpha": 0.2}), ("Shrink", {"lambd": 0.2, "bias": 0.1}))),
    "prelu": (16, 8, lambda g, x: g("PRelu", x, g.between(0, 0.3, 8, 1, 1))),
    "sign": (13, 7, unary("Sign", "Sign")),
    "comparisons": (16, 8, comparisons),
    "min-max-pow": (13, 7, lambda g, x: g("Pow", g("Max", g("Min", x, 1.0), g("Neg", x), 0.1), 1.5)),
    "clip-infinite": (13, 7, lambda g, x: g("Clip", x, np.float32(0), np.float32(np.inf))),
    "squeeze-and-excite": (18, 9, gate),
    "reductions": (18, 9, reductions),
    "attention": (17, 8, attention),
    "dropout-mask": (12, 7, lambda g, x: g("Dropout", x, np.float32(0.5), outputs=2)[0]),
    "dropout-mask-attribute": (8, 3, lambda g, x: g("Dropout", x, ratio=0.5, outputs=2)[0]),
    "split-in-equal-parts": (18, 9, split(4)),
    "slice": (13, 7, lambda g, x: g("Slice", x, [-1, 1], [-100, 100], [2, 3], [-2, 1])),
    "pad-axes": (18, 9, lambda g, x: g("Pad", x, [1, 2, 0, 1], None, [2, 3], mode="reflect")),
    "pad-wrap": (19, 9, lambda g, x: g("Pad", x, [0, 0, 1, 2, 0, 0, 2, 1], mode="wrap")),
    "pad-edge": (18, 9, lambda g, x: g("Pad", x, [0, 0, 1, 2, 0, 0, 2, 1], mode="edge")),
    "split-in-unequal-parts": (18, 9, split(3)),
    "gather-channels": (13, 7, lambda g, x: g("Gather", x, [0, 4, 1, 5, -6, -2, 3, 7], axis=1)),
    "sum-and-mean": (13, 7, sums),
    "reduce-nothing": (18, 9, node("ReduceMean", noop_with_empty_axes=1)),
    "reduce-all": (18, 9, lambda g, x: g("Sub", x, g("ReduceMax", x, [1, 2, 3]))),
    "softmax-channels": (13, 7, node("Softmax", axis=1)),
    "shape-arithmetic": (15, 8, shape_arithmetic),
    "expand-and-tile": (13, 7, tiled),
    "max-pool-ceil": (12, 7, node("MaxPool", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)),
    "max-pool-dilated": (22, 10, node("MaxPool", kernel_shape=[2, 2], dilations=[2, 3], pads=[1, 1, 0, 0])),
    "average-pool-dilated": (
        19, 9, node("AveragePool", kernel_shape=[2, 2], dilations=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1)),
    "average-pool-same": (11, 6, node("AveragePool", kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_LOWER")),
    "average-pool-ceil": (
        19, 9, node("AveragePool", kernel_shape=[3, 3], strides=[2, 2], pads=[0, 1, 0, 0], ceil_mode=1)),
    "average-pool-ceil-include-pad": (
        22, 10, node("AveragePool", kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4,
                      ceil_mode=1, count_include_pad=1)),
    "conv-depthwise-dilated": (
        13, 7, lambda g, x: g("Conv", x, g.weights(8, 1, 3, 3), group=8, dilations=[2, 1], pads=[2, 1, 2, 1])),
    "depth-to-space-dcr": (13, 7, lambda g, x: g.conv(g("DepthToSpace", x, blocksize=2, mode="DCR"), 2, 8)),
    "depth-to-space-crd": (11, 6, lambda g, x: g.conv(g("DepthToSpace", x, blocksize=2, mode="CRD"), 2, 8)),
    "space-to-depth": (13, 7, lambda g, x: g.conv(g("SpaceToDepth", x, blocksize=4), 128, 8)),
    "upsample": (9, 4, lambda g, x: g("Upsample", x, [1.0, 1.0, 2.0, 3.0], mode="nearest")),
    "resize-nearest": (
        11, 6, lambda g, x: g("Resize", x, np.zeros(0, np.float32), [1.0, 1.0, 2.0, 2.0], mode="nearest",
                              coordinate_transformation_mode="asymmetric", nearest_mode="floor")),
    "resize-nearest-ceil": (13, 7, resized(1.5, mode="nearest", nearest_mode="ceil")),
    "resize-linear": (13, 7, resized(2.0, None, "pytorch_half_pixel", mode="linear")),
    "resize-corners": (18, 9, resized(None, [1, 8, 13, 5], "align_corners", mode="linear")),
    "resize-cubic": (19, 9, resized(1.75, mode="cubic", cubic_coeff_a=-0.5)),
    "resize-prefer-ceil": (13, 7, resized(1.5, None, "asymmetric", mode="nearest", nearest_mode="round_prefer_ceil")),
    "resize-smaller": (13, 7, resized(0.6, mode="linear")),
    "resize-cubic-outside": (18, 9, resized(2.5, mode="cubic", exclude_outside=1)),
    "resize-symmetric": (19, 9, resized(1.3, None, "half_pixel_symmetric", mode="linear")),
    "resize-axes": (18, 9, lambda g, x: g("Resize", x, None, [2.0, 1.5], axes=[3, 2], mode="linear")),
    "resize-not-larger": (
        18, 9, resized(None, [13, 5], axes=[2, 3], mode="linear", keep_aspect_ratio_policy="not_larger")),
    "deconv": (11, 6, deconvolved((8, 4, 3, 3), strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1])),
    "deconv-groups": (22, 10, deconvolved((8, 3, 3, 2), group=2, strides=[2, 1], dilations=[1, 2])),
    "deconv-output-shape": (13, 7, deconvolved((8, 4, 3, 3), strides=[2, 2], output_shape=[16, 15])),
    "deconv-same": (13, 7, deconvolved((8, 4, 3, 3), strides=[2, 2], auto_pad="SAME_UPPER")),
}


def operators(folder: Path) -> None:
    for name, (opset, ir, middle) in MIDDLES.items():
        g = Graph(name, opset, ir)
        g.save(folder, g.head(middle(g, g.conv("x"))))


# --- Ends and beginnings of a network.


def ends(folder: Path) -> None:
    for name, opset, ir, end in (
        ("softmax", 13, 7, lambda g, y: g("Softmax", y, axis=-1)),
        ("softmax-of-two-axes", 11, 6, lambda g, y: g("Softmax", y)),
        ("log-softmax", 13, 7, lambda g, y: g("LogSoftmax", y, axis=1)),
        ("sigmoid", 13, 7, lambda g, y: g("Sigmoid", y)),
    ):
        g = Graph(name, opset, ir)
        g.save(folder, end(g, g.head(g("Relu", g.conv("x")))))
    for name, attributes in (("argmax", {"axis": 1, "keepdims": 0}), ("argmax-kept", {"axis": -1, "keepdims": 1})):
        g = Graph(name, 13, 7)
        g.save(folder, g("ArgMax", g("Softmax", g.head(g("Relu", g.conv("x")))), **attributes), T.INT64)
    g = Graph("autoencoder", 18, 9)
    code = g("Relu", g.conv(g("Relu", g.conv("x", strides=[2, 2])), 8, 4, strides=[2, 2]))
    x = g("Relu", g("ConvTranspose", code, g.weights(4, 8, 2, 2), g.weights(8), strides=[2, 2]))
    g.save(folder, g("Sigmoid", g("ConvTranspose", x, g.weights(8, 3, 2, 2), g.weights(3), strides=[2, 2])))


def inputs(folder: Path) -> None:
    for name, shape in (("batch-of-1", (1, 3, 8, 8)), ("batch-of-2", (2, 3, 8, 8)), ("batch-unnamed", (None, 3, 8, 8))):
        g = Graph(name, 13, 7, shape)
        g.save(folder, g.head(g("Relu", g.conv("x"))))
    g = Graph("batch-of-2-reshaped", 13, 7, (2, 3, 8, 8))  # as PyTorch's x.view(x.size(0), -1) becomes
    x = g("Reshape", g("Relu", g.conv("x")), [2, -1])
    g.save(folder, g("Gemm", x, g.weights(512, 5, fan_in=512)))
    g = Graph("channels-last", 13, 7, ("N", 9, 9, 3))
    x = g("Relu", g.conv(g("Transpose", "x", perm=[0, 3, 1, 2]), strides=[2, 2]))
    x = g("Reshape", g("Transpose", x, perm=[0, 2, 3, 1]), [-1, 200])
    g.save(folder, g("Add", g("MatMul", x, g.weights(200, 5)), g.weights(5)))
    g = Graph("vector", 21, 10, ("N", 12))
    g.save(folder, g("Gemm", g("Relu", g("Gemm", "x", g.weights(12, 16), 0.5, alpha=0.5, beta=2.0)), g.weights(16, 5)))
    g = Graph("volume", 13, 7, ("N", 1, 4, 6, 5))
    g.save(folder, g.head(g("Relu", g("Conv", "x", g.weights(8, 1, 3, 3, 3)))))
    g = Graph("uint8-input", 13, 7, type=T.UINT8)
    g.save(folder, g.head(g("Relu", g.conv(g("Div", g("Cast", "x", to=T.FLOAT), 255.0)))))
    g = Graph("fp64", 13, 7, ("N", 12), T.DOUBLE)
    x = g("Relu", g("Gemm", "x", g.weights(12, 8).astype(np.float64), g.weights(8).astype(np.float64)))
    g.save(folder, g("MatMul", x, g.weights(8, 5).astype(np.float64)), T.DOUBLE)
    g = Graph("fp64-cast", 13, 7, type=T.DOUBLE)
    g.save(folder, g("Cast", g.head(g("Relu", g.conv(g("Cast", "x", to=T.FLOAT)))), to=T.DOUBLE), T.DOUBLE)
    g = Graph("fp16", 13, 7, type=T.FLOAT16)
    x = g("Relu", g("Conv", "x", g.weights(8, 3, 3, 3).astype(np.float16), g.weights(8).astype(np.float16)))
    x = g("Flatten", g("GlobalAveragePool", x))
    g.save(folder, g("MatMul", x, g.weights(8, 5).astype(np.float16)), T.FLOAT16)
    g = Graph("fp16-cast", 13, 7)
    weights = [g("Cast", w.astype(np.float16), to=T.FLOAT) for w in (g.weights(8, 3, 3, 3), g.weights(8, 5))]
    x = g("Relu", g("Conv", "x", weights[0]))
    g.save(folder, g("MatMul", g("Flatten", g("GlobalAveragePool", x)), weights[1]))
    g = Graph("signal", 13, 7, ("N", 4, 40))
    x = g("Relu", g("Conv", "x", g.weights(8, 4, 5), g.weights(8), strides=[2], pads=[2, 2]))
    g.save(folder, g.head(g("ConvTranspose", x, g.weights(8, 8, 2), strides=[2])))
    g = Graph("picture-without-channels", 13, 7, ("N", 8, 8))
    g.save(folder, g("Gemm", g("Relu", g("Gemm", g("Flatten", "x"), g.weights(64, 16))), g.weights(16, 5)))
    g = Graph("free-height-and-width", 13, 7, ("N", 3, "H", "W"))
    g.save(folder, g.head(g("Relu", g.conv("x", strides=[16, 16]))))


# --- How weights are written.


def weight_forms(folder: Path) -> None:
    def with_kernel(name: str, opset: int, ir: int, kernel: Callable[[Graph], str]) -> None:
        g = Graph(name, opset, ir)
        g.save(folder, g.head(g("Relu", g("Conv", "x", kernel(g), pads=[1, 1, 1, 1]))))

    def constant(g: Graph, values: np.ndarray) -> str:
        return g("Constant", value=numpy_helper.from_array(values))

    def normalised(g: Graph) -> str:
        v = g.initializer(g.weights(8, 3, 3, 3))
        return g("Mul", g("Div", v, g("ReduceL2", v, axes=[1, 2, 3], keepdims=1)), g.between(0.5, 1.5, 8, 1, 1, 1))

    def bfloat16(g: Graph) -> str:
        raw = (g.weights(8, 3, 3, 3).view(np.uint32) >> 16).astype("<u2").tobytes()
        return g("Cast", onnx.TensorProto(data_type=T.BFLOAT16, dims=(8, 3, 3, 3), raw_data=raw), to=T.FLOAT)

    def float_data(g: Graph) -> str:
        return g.initializer(helper.make_tensor("w", T.FLOAT, (8, 3, 3, 3), g.weights(8, 3, 3, 3).ravel()))

    with_kernel("kernel-constant", 13, 7, lambda g: constant(g, g.weights(8, 3, 3, 3)))
    with_kernel("kernel-constant-floats", 13, 7, lambda g: g(
        "Reshape", g("Constant", value_floats=g.weights(216, fan_in=27)), [8, 3, 3, 3]))
    with_kernel("kernel-float-data", 13, 7, float_data)
    with_kernel("kernel-identity", 14, 7, lambda g: g("Identity", g("Identity", g.weights(8, 3, 3, 3))))
    with_kernel("kernel-transposed", 13, 7, lambda g: g(
        "Transpose", g.weights(3, 3, 3, 8, fan_in=27), perm=[3, 2, 0, 1]))
    with_kernel("kernel-scaled", 13, 7, lambda g: g("Mul", g.weights(8, 3, 3, 3), np.float32(0.5)))
    with_kernel("kernel-clipped", 13, 7, lambda g: g("Clip", g.weights(8, 3, 3, 3), np.float32(-0.1), np.float32(0.2)))
    with_kernel("kernel-concatenated", 13, 7, lambda g: g(
        "Concat", g.weights(5, 3, 3, 3), g.weights(3, 3, 3, 3), axis=0))
    with_kernel("kernel-sliced", 13, 7, lambda g: g("Slice", g.weights(12, 3, 3, 3), [2], [10], [0]))
    with_kernel("kernel-signs", 13, 7, lambda g: g(
        "Mul", g("Sign", g.weights(8, 3, 3, 3)), g.between(0.1, 0.2, 8, 1, 1, 1)))
    with_kernel("kernel-weight-norm", 13, 7, normalised)
    with_kernel("kernel-fp64", 13, 7, lambda g: g("Cast", g.weights(8, 3, 3, 3).astype(np.float64), to=T.FLOAT))
    with_kernel("kernel-bf16", 13, 8, bfloat16)
    with_kernel("kernel-int8-times-scale", 13, 7, lambda g: g(
        "Mul", g("Cast", g.rng.integers(-127, 128, (8, 3, 3, 3)).astype(np.int8), to=T.FLOAT), np.float32(0.003)))

    g = Graph("weights-tied", 13, 7, ("N", 12))
    w = g.initializer(g.weights(12, 8))
    g.save(folder, g("MatMul", g("Relu", g("MatMul", "x", w)), g("Transpose", w, perm=[1, 0])))

    g = Graph("nodes-unsorted", 13, 7)
    model = g.model(g.head(g("Relu", g.conv("x"))))
    for node in list(model.graph.node):
        model.graph.node.remove(node)
        model.graph.node.insert(0, node)
    (folder / f"{g.name}.onnx").write_bytes(model.SerializeToString())

    g = Graph("external-data", 20, 10)
    model = g.model(g.head(g("Relu", g.conv("x"))))
    data = b""
    for tensor in model.graph.initializer:
        place = {"location": f"{g.name}.onnx.data", "offset": str(len(data)), "length": str(len(tensor.raw_data))}
        tensor.external_data.extend(onnx.StringStringEntryProto(key=k, value=v) for k, v in place.items())
        tensor.data_location = onnx.TensorProto.EXTERNAL
        data += tensor.raw_data + b"\0" * (-len(tensor.raw_data) % 64)
        tensor.ClearField("raw_data")
    (folder / f"{g.name}.onnx").write_bytes(model.SerializeToString())
    (folder / f"{g.name}.onnx.data").write_bytes(data)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for opset, ir in VERSIONS:
        classifier(folder, opset, ir)
    for make in (operators, ends, inputs, weight_forms, quantized, integer_operators, integer_networks):
        make(folder)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
