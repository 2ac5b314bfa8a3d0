"""A network while it is made: nodes, initialisers, an input x. Only the protobuf classes of onnx are used."""

import zlib
from pathlib import Path
from typing import Optional, Union

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper

Value = Union[str, None, float, list, np.ndarray, onnx.TensorProto]


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
