"""An ONNX graph as it grows, node by node, so that it says exactly one thing.

What is trained are the parameters and nothing else: initialisers in float, or, where the graph is
given the codes, integer codes behind a DequantizeLinear. What is not trained (shapes, the unit
scale and zero offset inside GroupNorm, the 1 of 1 + a) is a Constant node. An importer that stores
"all parameters" stores what is trained.

GroupNorm has no operator of its own in this opset. As elsewhere it is written: reshape to
[N, groups, rest], InstanceNormalization, reshape back, times (1 + a), plus offset.
"""

import os
from pathlib import Path
from typing import Dict, Mapping, NamedTuple, Optional, Tuple

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from file_codes import FileCodes

OPSET = 13


class Value(NamedTuple):
    """The name of an activation in the graph, and its shape without the batch."""

    name: str
    channels: int
    side: int


class Graph:
    """Nodes and initialisers as they come, in order."""

    def __init__(self, codes: Optional[Mapping[str, FileCodes]] = None) -> None:
        """A graph whose parameters are floats, but for those that `codes` names."""
        self.nodes: list = []
        self.initializers: list = []
        self.codes: Dict[str, FileCodes] = dict(codes or {})

    def parameter(self, name: str, value: Tensor, shape: Tuple[int, ...] = ()) -> str:
        """A trained tensor; `shape`, if given, is the one it has in the file."""
        array = value.detach().numpy()
        if name in self.codes:
            return self._dequantized(name, shape or array.shape)
        array = array.reshape(shape or array.shape).copy()
        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def _dequantized(self, name: str, shape: Tuple[int, ...]) -> str:
        stored = self.codes[name]
        kind = stored.codes.dtype
        codes = f"{name}.codes"
        self.initializers.append(numpy_helper.from_array(stored.codes.reshape(shape), codes))
        limits = numpy.iinfo(kind)
        if (stored.lowest, stored.highest) != (limits.min, limits.max):
            # Tells an importer how many bits a code has; it changes no code.
            bounds = [self.constant(f"{name}.lowest", numpy.array(stored.lowest, kind)),
                      self.constant(f"{name}.highest", numpy.array(stored.highest, kind))]
            codes = self.node("Clip", [codes, *bounds], f"{name}.clipped")
        scale = self.constant(f"{name}.scale", numpy.array(stored.scale, numpy.float32))
        zero = self.constant(f"{name}.zero_point", numpy.array(stored.zero_point, kind))
        return self.node("DequantizeLinear", [codes, scale, zero], name)

    def constant(self, name: str, value: numpy.ndarray) -> str:
        tensor = numpy_helper.from_array(value, name)
        self.nodes.append(helper.make_node("Constant", [], [name], name=name, value=tensor))
        return name

    def node(self, operator: str, inputs: list, name: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def scaled(self, x: Value, name: str, middle: float, factor: float) -> Value:
        """(x - middle) * factor."""
        minus = self.constant(f"{name}.minus_middle", numpy.array(-middle, numpy.float32))
        times = self.constant(f"{name}.factor", numpy.array(factor, numpy.float32))
        y = self.node("Add", [x.name, minus], f"{name}.centred")
        return x._replace(name=self.node("Mul", [y, times], f"{name}.scaled"))

    def convolution(self, x: Value, name: str, weight: Tensor, stride: int = 1) -> Value:
        """A square convolution without bias, padded so that stride 1 keeps the size."""
        kernel = weight.shape[2]
        pad = kernel // 2
        stored = self.parameter(f"{name}.weight", weight)
        out = self.node("Conv", [x.name, stored], name, kernel_shape=[kernel] * 2, pads=[pad] * 4,
                        strides=[stride] * 2)
        side = (x.side + 2 * pad - kernel) // stride + 1
        return Value(out, weight.shape[0], side)

    def max_pool(self, x: Value, name: str, size: int = 2) -> Value:
        out = self.node("MaxPool", [x.name], name, kernel_shape=[size] * 2, strides=[size] * 2)
        return Value(out, x.channels, x.side // size)

    def average_pool(self, x: Value, name: str) -> Value:
        return Value(self.node("GlobalAveragePool", [x.name], name), x.channels, 1)

    def group_norm(self, x: Value, name: str, groups: int, a: Tensor, offset: Tensor,
                   epsilon: float) -> Value:
        grouped = self.constant(f"{name}.grouped_shape", numpy.array([0, groups, -1]))
        whole = self.constant(f"{name}.whole_shape",
                              numpy.array([0, x.channels, x.side, x.side]))
        unit = self.constant(f"{name}.unit_scale", numpy.ones(groups, numpy.float32))
        zero = self.constant(f"{name}.zero_offset", numpy.zeros(groups, numpy.float32))
        one = self.constant(f"{name}.one", numpy.array(1, numpy.float32))
        scale = self.parameter(f"{name}.a", a, (x.channels, 1, 1))
        shift = self.parameter(f"{name}.offset", offset, (x.channels, 1, 1))
        y = self.node("Reshape", [x.name, grouped], f"{name}.group")
        y = self.node("InstanceNormalization", [y, unit, zero], f"{name}.normalize",
                      epsilon=epsilon)
        y = self.node("Reshape", [y, whole], f"{name}.ungroup")
        scale = self.node("Add", [scale, one], f"{name}.scale")
        y = self.node("Mul", [y, scale], f"{name}.scaled")
        return x._replace(name=self.node("Add", [y, shift], f"{name}.shifted"))

    def batch_norm(self, x: Value, name: str, a: Tensor, offset: Tensor, mean: Tensor,
                   variance: Tensor, epsilon: float) -> Value:
        """The running statistics are initialisers, too: no constants of the computation."""
        one = self.constant(f"{name}.one", numpy.array(1, numpy.float32))
        scale = self.node("Add", [self.parameter(f"{name}.a", a), one], f"{name}.scale")
        inputs = [x.name, scale, self.parameter(f"{name}.offset", offset),
                  self.parameter(f"{name}.mean", mean),
                  self.parameter(f"{name}.variance", variance)]
        y = self.node("BatchNormalization", inputs, f"{name}.normalize", epsilon=epsilon)
        return x._replace(name=y)

    def relu(self, x: Value, name: str) -> Value:
        return x._replace(name=self.node("Relu", [x.name], name))

    def add(self, x: Value, y: Value, name: str) -> Value:
        return x._replace(name=self.node("Add", [x.name, y.name], name))

    def linear(self, x: Value, name: str, weight: Tensor, bias: Tensor, out: str) -> Value:
        """Flattens, multiplies and adds; the result is called `out`."""
        flat = self.node("Flatten", [x.name], "flatten", axis=1)
        inputs = [self.parameter(f"{name}.weight", weight), self.parameter(f"{name}.bias", bias)]
        return Value(self.node("Gemm", [flat, *inputs], out, transB=1), weight.shape[0], 1)

    def model(self, image: Value, logits: Value, metadata: Mapping[str, str]) -> onnx.ModelProto:
        images = helper.make_tensor_value_info(
            image.name, TensorProto.FLOAT, ["N", image.channels, image.side, image.side])
        outputs = helper.make_tensor_value_info(logits.name, TensorProto.FLOAT,
                                                ["N", logits.channels])
        model = helper.make_model(
            helper.make_graph(self.nodes, "brownout", [images], [outputs], self.initializers),
            opset_imports=[helper.make_opsetid("", OPSET)],
            producer_name="brownout tools/train",
            ir_version=7,
        )
        helper.set_model_props(model, dict(metadata))
        onnx.checker.check_model(model, full_check=True)
        return model


def write(model: onnx.ModelProto, path: Path) -> None:
    """Writes beside `path` and renames, so that `path` never holds half a network."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(model.SerializeToString())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
