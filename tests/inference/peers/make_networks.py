#!/usr/bin/python3
"""Makes the networks on which Brownout is compared with ONNX Runtime, the same ones each time.

    /usr/bin/python3 make_networks.py FOLDER

Needs Debian's python3-onnx, of which only the protobuf classes are used: graphs are never checked, so
IR versions and opsets may be newer than the library. A network is called NAME-opsetN-irM.onnx and has
random weights seeded by its name.
"""

import sys
import zlib
from pathlib import Path
from typing import Callable, Optional, Union

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper

Value = Union[str, None, float, list, np.ndarray, onnx.TensorProto]
UINT4, INT4 = 21, 22  # types of ONNX that the library is too old to name


class Graph:
    """A network in the making: calling it adds a node and returns the names of what the node computes."""

    def __init__(self, name: str, opset: int, ir: int, shape: tuple = ("N", 3, 8, 8), type: int = T.FLOAT) -> None:
        self.name, self.opset, self.ir = f"{name}-opset{opset}-ir{ir}", opset, ir
        self.rng = np.random.default_rng(zlib.crc32(self.name.encode()))
        self.input = helper.make_tensor_value_info("x", type, shape)
        self.nodes: list = []
        self.tensors: list = []

    def __call__(self, op: str, *inputs: Value, outputs: int = 1, **attributes):
        """Adds a node. Inputs are names of values, None (left out), or constants, which become initialisers."""
        names = [f"{op.lower()}{len(self.nodes)}" + (f"_{i}" if i else "") for i in range(outputs)]
        inputs = [i if isinstance(i, str) else "" if i is None else self.initializer(i) for i in inputs]
        self.nodes.append(helper.make_node(op, inputs, names, name=names[0], **attributes))
        return names[0] if outputs == 1 else names

    def initializer(self, value: Value) -> str:
        """Adds an initialiser: a tensor as it is, whole numbers as int64, other numbers as float32."""
        if not isinstance(value, (np.ndarray, np.generic, onnx.TensorProto)):
            value = np.array(value)
            value = value.astype(np.int64 if value.dtype == np.int64 else np.float32)
        tensor = value if isinstance(value, onnx.TensorProto) else numpy_helper.from_array(np.asarray(value))
        tensor.name = f"c{len(self.tensors)}"
        self.tensors.append(tensor)
        return tensor.name

    def weights(self, *shape: int, fan_in: Optional[int] = None) -> np.ndarray:
        """Returns random weights that keep activations near 1."""
        fan_in = fan_in or int(np.prod(shape[1:])) or 1
        return (self.rng.standard_normal(shape) * fan_in**-0.5).astype(np.float32)

    def between(self, low: float, high: float, *shape: int) -> np.ndarray:
        return self.rng.uniform(low, high, shape).astype(np.float32)

    def conv(self, x: str, inputs: int = 3, outputs: int = 8, kernel: int = 3, **attributes) -> str:
        attributes.setdefault("pads", [kernel // 2] * 4)
        return self("Conv", x, self.weights(outputs, inputs, kernel, kernel), self.weights(outputs), **attributes)

    def head(self, x: str, channels: int = 8) -> str:
        """Adds global pooling and a linear layer with five classes."""
        pooled = self("Flatten", self("GlobalAveragePool", x))
        return self("Gemm", pooled, self.weights(5, channels), self.weights(5), transB=1)

    def model(self, output: str, type: int = T.FLOAT) -> onnx.ModelProto:
        inputs = [self.input]
        if self.ir < 4:  # initialisers had to be inputs, too
            inputs += [helper.make_tensor_value_info(t.name, t.data_type, t.dims) for t in self.tensors]
        result = onnx.ValueInfoProto(name=output)
        result.type.tensor_type.elem_type = type  # the shape may stay unsaid
        graph = helper.make_graph(self.nodes, self.name, inputs, [result], self.tensors)
        model = helper.make_model(graph, producer_name="peers", opset_imports=[helper.make_opsetid("", self.opset)])
        model.ir_version = self.ir
        return model

    def save(self, folder: Path, output: str, type: int = T.FLOAT) -> None:
        (folder / f"{self.name}.onnx").write_bytes(self.model(output, type).SerializeToString())


def tensor_of_4_bits(codes: np.ndarray, type: int) -> onnx.TensorProto:
    """Packs codes two to a byte, the first in the low half."""
    halves = (codes.ravel() & 15).astype(np.uint8)
    halves = np.append(halves, np.zeros(len(halves) % 2, np.uint8))
    return onnx.TensorProto(data_type=type, dims=codes.shape, raw_data=(halves[::2] | halves[1::2] << 4).tobytes())


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


# --- Quantised networks: QuantizeLinear (Q) and DequantizeLinear (DQ).


class QuantizedGraph(Graph):
    """A network whose weights are codes in the file, and whose activations pass Q and DQ where it says so."""

    def __init__(self, name: str, opset: int = 13, ir: int = 7, shape: tuple = ("N", 3, 8, 8)) -> None:
        super().__init__(name, opset, ir, shape)
        self.code = np.uint8  # type of the codes of activations

    def activation(self, x: str, low: float, high: float, clip: Optional[tuple] = None) -> str:
        """Adds Q and DQ with a range of [low, high]; `clip` bounds the codes between them."""
        limits = np.iinfo(self.code)
        scale = np.float32((high - low) / (int(limits.max) - int(limits.min)))
        zero = self.code(round(int(limits.min) - low / scale))
        codes = self("QuantizeLinear", x, scale, zero)
        if clip:
            codes = self("Clip", codes, *(self.code(c) for c in clip))
        return self("DequantizeLinear", codes, scale, zero)

    def codes(self, w: np.ndarray, bits: int, signed: bool, axis: Optional[int]) -> str:
        """Adds DQ of the codes of `w`: signed ones are symmetric, unsigned ones have a zero point of their own."""
        others = None if axis is None else tuple(i for i in range(w.ndim) if i != axis)
        low, high = w.min(others, keepdims=True), w.max(others, keepdims=True)
        if signed:
            scale, zero = np.maximum(-low, high) / (2 ** (bits - 1) - 1), np.zeros_like(low)
        else:
            scale = (high - low) / (2**bits - 1)
            zero = np.round(-low / scale)
        least, most = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
        q = np.clip(np.round(w / scale) + zero, least, most).astype(np.int32)
        shape = (-1,) if axis is not None else ()
        scale, zero = scale.reshape(shape).astype(np.float32), zero.reshape(shape).astype(np.int32)
        self.last_scale = scale
        if bits == 4:
            type = INT4 if signed else UINT4
            tensors = tensor_of_4_bits(q, type), tensor_of_4_bits(zero, type)
        else:
            type = np.dtype(f"{'' if signed else 'u'}int{bits}")
            tensors = q.astype(type), zero.astype(type)
        axis_attribute = {} if axis is None else {"axis": axis}
        return self("DequantizeLinear", tensors[0], scale, tensors[1], **axis_attribute)

    def bias(self, b: np.ndarray, input_scale: float) -> str:
        """Adds DQ of an int32 bias whose scale is that of the input times that of the weights."""
        scale = (self.last_scale * np.float32(input_scale)).astype(np.float32)
        axis = {"axis": 0} if scale.ndim else {}
        return self("DequantizeLinear", np.round(b / scale).astype(np.int32), scale, **axis)


def quantized(folder: Path) -> None:
    def weights_only(name: str, opset: int, ir: int, bits: int, signed: bool, axis: Optional[int]) -> None:
        g = QuantizedGraph(name, opset, ir)
        x = g("Relu", g("Conv", "x", g.codes(g.weights(8, 3, 3, 3), bits, signed, axis), g.weights(8)))
        x = g("Flatten", g("GlobalAveragePool", x))
        g.save(folder, g("Gemm", x, g.codes(g.weights(5, 8), bits, signed, axis), g.weights(5), transB=1))

    weights_only("qdq-weights-int8", 10, 5, 8, True, None)
    weights_only("qdq-weights-uint8", 13, 7, 8, False, None)
    weights_only("qdq-weights-int8-channel", 13, 7, 8, True, 0)
    weights_only("qdq-weights-uint8-channel", 19, 9, 8, False, 0)
    weights_only("qdq-weights-int4", 21, 10, 4, True, None)
    weights_only("qdq-weights-int4-channel", 23, 11, 4, True, 0)
    weights_only("qdq-weights-uint4", 21, 10, 4, False, None)
    weights_only("qdq-weights-uint4-channel", 21, 10, 4, False, 0)
    weights_only("qdq-weights-int16", 21, 10, 16, True, 0)

    g = QuantizedGraph("qdq-weights-int4-blocks", 21, 10, ("N", 16))
    codes = tensor_of_4_bits(g.rng.integers(-8, 8, (16, 8)), INT4)
    w = g("DequantizeLinear", codes, g.between(0.02, 0.1, 4, 8), axis=0, block_size=4)
    g.save(folder, g("MatMul", g("Relu", g("MatMul", "x", w)), g.weights(8, 5)))

    g = QuantizedGraph("qdq-kernel-axis-1", 13, 7)
    kernel = g("Transpose", g.codes(g.weights(3, 8, 3, 3), 8, True, 1), perm=[1, 0, 2, 3])
    g.save(folder, g.head(g("Relu", g("Conv", "x", kernel))))

    g = QuantizedGraph("qdq-codes-transposed", 21, 10)
    codes = tensor_of_4_bits(g.rng.integers(-8, 8, (8, 5)), INT4)
    w = g("DequantizeLinear", g("Transpose", codes, perm=[1, 0]), g.between(0.02, 0.1, 5), axis=0)
    x = g("Flatten", g("GlobalAveragePool", g("Relu", g.conv("x"))))
    g.save(folder, g("Gemm", x, w, transB=1))

    g = QuantizedGraph("qdq-weights-fake-quantised", 13, 7)
    w, scale = g.initializer(g.weights(8, 3, 3, 3)), g.between(0.005, 0.02, 8)
    zero = g.rng.integers(-20, 20, 8).astype(np.int8)
    w = g("DequantizeLinear", g("QuantizeLinear", w, scale, zero, axis=0), scale, zero, axis=0)
    g.save(folder, g.head(g("Relu", g("Conv", "x", w))))

    g = QuantizedGraph("qdq-weights-reshaped", 13, 7)
    w = g("Reshape", g.codes(g.weights(8, 27), 8, True, 0), [8, 3, 3, 3])
    g.save(folder, g.head(g("Relu", g("Conv", "x", w))))

    # Codes that exporters leave to be computed: Q of float weights, Clip to 6 bits (Brevitas), DQ.
    for name, axis in (("qdq-kernel-clipped", {}), ("qdq-kernel-clipped-channel", {"axis": 0})):
        g = QuantizedGraph(name, 13, 7)
        scale = g.between(0.005, 0.02, 8) if axis else np.float32(0.01)
        zero = np.zeros(np.shape(scale), np.int8)
        codes = g("QuantizeLinear", g.weights(8, 3, 3, 3), scale, zero, **axis)
        codes = g("Clip", codes, np.int8(-31), np.int8(31))
        x = g.activation("x", -1, 1)
        x = g("Conv", x, g("DequantizeLinear", codes, scale, zero, **axis))
        g.save(folder, g.head(g.activation(g("Relu", x), 0, 2, clip=(0, 15))))

    def whole(
        name: str, opset: int, ir: int, code: type, axis: Optional[int], signed: bool = True, coarse: bool = False
    ) -> None:
        """A residual network as static quantisers write it: activations, with `coarse` also the
        outputs, are quantised, biases are int32."""
        g = QuantizedGraph(name, opset, ir)
        g.code = code
        levels = float(np.iinfo(code).max) - float(np.iinfo(code).min)

        def conv(x: str, inputs: int, outputs: int, high: float, low: float, size: int = 3, **attributes) -> str:
            w = g.codes(g.weights(outputs, inputs // attributes.get("group", 1), size, size), 8, signed, axis)
            b = g.bias(g.weights(outputs), (high - low) / levels)
            return g("Conv", x, w, b, pads=[size // 2] * 4, **attributes)

        x = g.activation("x", -1, 1)
        x = g.activation(g("Relu", conv(x, 3, 8, 1, -1)), 0, 2)
        y = g.activation(g("Relu", conv(x, 8, 8, 2, 0, group=8)), 0, 2)
        y = g.activation(conv(y, 8, 8, 2, 0, size=1), -2, 2)
        x = g.activation(g("Add", x, y), -2, 4)
        x = g.activation(g("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]), -2, 4)
        # Another range than that of its input: the mean of 16 codes would lie between two codes once in 16 times, and
        # which of them it becomes would be that of the order of additions.
        x = g.activation(g("GlobalAveragePool", x), -1.7, 3.1)
        x = g.activation(g("Flatten", x), -1.7, 3.1)
        w = g.codes(g.weights(20, 8), 8, signed, axis)
        x = g("Gemm", x, w, g.bias(g.weights(20), 4.8 / levels), transB=1)
        g.save(folder, g.activation(x, -4, 4) if coarse else x)

    whole("qdq-uint8-int8-channel", 13, 7, np.uint8, 0)
    whole("qdq-uint8-int8", 15, 8, np.uint8, None)
    whole("qdq-int8-int8", 17, 8, np.int8, None, coarse=True)
    whole("qdq-uint8-uint8", 19, 9, np.uint8, None, signed=False)
    whole("qdq-int8-uint8-channel", 20, 9, np.int8, 0, signed=False)
    whole("qdq-int16-int8", 21, 10, np.int16, 0)
    whole("qdq-uint16-int8", 21, 10, np.uint16, 0)
    whole("qdq-int8-int8-channel", 25, 13, np.int8, 0)

    g = QuantizedGraph("qdq-matmul", 13, 7, ("N", 16))
    x = g.activation("x", -1, 1)
    x = g("Add", g("MatMul", x, g.codes(g.weights(16, 12, fan_in=16), 8, True, 1)), g.weights(12))
    x = g.activation(g("Sigmoid", x), 0, 1)
    g.save(folder, g("Softmax", g.activation(g("MatMul", x, g.codes(g.weights(12, 5), 8, True, None)), -3, 3), axis=-1))

    g = QuantizedGraph("qdq-deconv", 13, 7)
    x = g.activation(g("Relu", g.conv(g.activation("x", -1, 1), strides=[2, 2])), 0, 2)
    x = g("ConvTranspose", x, g.codes(g.weights(8, 3, 2, 2), 8, True, None), strides=[2, 2])
    g.save(folder, g.activation(x, -2, 2))

    g = QuantizedGraph("qdq-activations-per-channel", 13, 7)
    x = g.conv("x")
    scale, zero = g.between(0.01, 0.03, 8), g.rng.integers(100, 150, 8).astype(np.uint8)
    x = g("DequantizeLinear", g("QuantizeLinear", x, scale, zero, axis=1), scale, zero, axis=1)
    g.save(folder, g.head(x))

    g = QuantizedGraph("qdq-output-dtype", 21, 10)  # the type of the codes is an attribute, without a zero point
    x = g("DequantizeLinear", g("QuantizeLinear", g.conv("x"), np.float32(0.02), output_dtype=T.INT8), np.float32(0.02))
    g.save(folder, g.head(x))

    g = QuantizedGraph("qdq-no-zero-point", 13, 7)
    x = g("DequantizeLinear", g("QuantizeLinear", g("Relu", g.conv("x")), np.float32(0.01)), np.float32(0.01))
    g.save(folder, g.head(x))


def integer_operators(folder: Path) -> None:
    """Operators that compute with codes, as static (QLinear...) and dynamic quantisers write them."""

    def coded(w: np.ndarray, axes: Optional[tuple]) -> tuple:
        scale = (np.abs(w).max(axes, keepdims=True) / 127).astype(np.float32)
        return np.round(w / scale).astype(np.int8), scale.reshape(-1 if axes else ())

    for name, axes in (("qop-conv", None), ("qop-conv-channel", (1, 2, 3))):
        g = QuantizedGraph(name, 13, 7)
        scale, zero, out_scale, out_zero = np.float32(2 / 255), np.uint8(128), np.float32(6 / 255), np.uint8(127)
        w, w_scale = coded(g.weights(8, 3, 3, 3), axes)
        bias = np.round(g.weights(8) / (scale * w_scale)).astype(np.int32)
        codes = g("QuantizeLinear", "x", scale, zero)
        zeros = np.zeros(w_scale.shape, np.int8)
        codes = g("QLinearConv", codes, scale, zero, w, w_scale, zeros, out_scale, out_zero, bias, pads=[1] * 4)
        g.save(folder, g.head(g("DequantizeLinear", codes, out_scale, out_zero)))

    g = QuantizedGraph("qop-matmul", 13, 7, ("N", 16))
    w, w_scale = coded(g.weights(16, 12, fan_in=16), None)
    scale, zero = np.float32(2 / 255), np.uint8(120)
    codes = g("QLinearMatMul", g("QuantizeLinear", "x", scale, zero), scale, zero, w, w_scale, np.int8(3), scale, zero)
    g.save(folder, g("DequantizeLinear", codes, scale, zero))

    g = QuantizedGraph("qop-dynamic-conv", 13, 7, (1, 3, 8, 8))
    w, w_scale = coded(g.weights(8, 3, 3, 3), None)
    codes, scale, zero = g("DynamicQuantizeLinear", "x", outputs=3)
    sums = g("Cast", g("ConvInteger", codes, w, zero, np.int8(0), pads=[1] * 4), to=T.FLOAT)
    g.save(folder, g.head(g("Mul", sums, g("Mul", scale, w_scale))))

    g = QuantizedGraph("qop-dynamic-matmul", 13, 7, (1, 16))
    w, w_scale = coded(g.weights(16, 12, fan_in=16), None)
    codes, scale, zero = g("DynamicQuantizeLinear", "x", outputs=3)
    sums = g("Cast", g("MatMulInteger", codes, w, zero, np.int8(2)), to=T.FLOAT)
    g.save(folder, g("Relu", g("Mul", sums, g("Mul", scale, w_scale))))


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for opset, ir in VERSIONS:
        classifier(folder, opset, ir)
    for make in (operators, ends, inputs, weight_forms, quantized, integer_operators):
        make(folder)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
