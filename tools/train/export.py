"""Writes a trained Network as ONNX, node by node.

The graph is built by hand so that it says exactly one thing: the initialisers are the trained
parameters, in float, and nothing else. What is not trained (shapes, the unit scale and zero offset
inside GroupNorm, the 1 of 1 + a) is a Constant node. An importer that stores "all parameters"
stores all initialisers.

GroupNorm has no operator of its own in this opset. As elsewhere it is written: reshape to
[N, groups, rest], InstanceNormalization, reshape back, times (1 + a), plus offset.
"""

import os
import re
from pathlib import Path
from typing import Mapping

import numpy
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from networks import EPSILON, POOLS, Network
from onnx_network import NetworkError, OnnxNetwork

OPSET = 13
IMAGE_SIDE = 28


class _Graph:
    """Nodes and initialisers as they come, in order."""

    def __init__(self) -> None:
        self.nodes: list = []
        self.initializers: list = []

    def parameter(self, name: str, value: Tensor) -> str:
        self.initializers.append(numpy_helper.from_array(value.detach().numpy().copy(), name))
        return name

    def constant(self, name: str, value: numpy.ndarray) -> str:
        tensor = numpy_helper.from_array(value, name)
        self.nodes.append(helper.make_node("Constant", [], [name], name=name, value=tensor))
        return name

    def node(self, operator: str, inputs: list, name: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name


def _group_norm(graph: _Graph, x: str, name: str, groups: int, a: Tensor, offset: Tensor,
                side: int) -> str:
    channels = a.numel()
    grouped = graph.constant(f"{name}.grouped_shape", numpy.array([0, groups, -1]))
    whole = graph.constant(f"{name}.whole_shape", numpy.array([0, channels, side, side]))
    unit = graph.constant(f"{name}.unit_scale", numpy.ones(groups, numpy.float32))
    zero = graph.constant(f"{name}.zero_offset", numpy.zeros(groups, numpy.float32))
    one = graph.constant(f"{name}.one", numpy.array(1, numpy.float32))
    a = graph.parameter(f"{name}.a", a.view(-1, 1, 1))
    offset = graph.parameter(f"{name}.offset", offset.view(-1, 1, 1))
    x = graph.node("Reshape", [x, grouped], f"{name}.group")
    x = graph.node("InstanceNormalization", [x, unit, zero], f"{name}.normalize", epsilon=EPSILON)
    x = graph.node("Reshape", [x, whole], f"{name}.ungroup")
    scale = graph.node("Add", [a, one], f"{name}.scale")
    x = graph.node("Mul", [x, scale], f"{name}.scaled")
    return graph.node("Add", [x, offset], f"{name}.shifted")


def to_onnx(network: Network, metadata: Mapping[str, str]) -> onnx.ModelProto:
    graph = _Graph()
    x = "images"
    side = IMAGE_SIDE
    for depth, (conv, norm) in enumerate(zip(network.conv, network.norm)):
        weight = graph.parameter(f"conv{depth + 1}.weight", conv.weight)
        x = graph.node("Conv", [x, weight], f"conv{depth + 1}",
                       kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[1, 1])
        if depth < POOLS:
            x = graph.node("MaxPool", [x], f"pool{depth + 1}",
                           kernel_shape=[2, 2], strides=[2, 2])
            side //= 2
        x = _group_norm(graph, x, f"norm{depth + 1}", norm.groups, norm.a, norm.offset, side)
        x = graph.node("Relu", [x], f"relu{depth + 1}")
    x = graph.node("Flatten", [x], "flatten", axis=1)
    weight = graph.parameter("linear.weight", network.linear.weight)
    bias = graph.parameter("linear.bias", network.linear.bias)
    graph.node("Gemm", [x, weight, bias], "logits", transB=1)

    classes = network.linear.out_features
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT,
                                           ["N", 1, IMAGE_SIDE, IMAGE_SIDE])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", classes])
    model = helper.make_model(
        helper.make_graph(graph.nodes, "brownout", [images], [logits], graph.initializers),
        opset_imports=[helper.make_opsetid("", OPSET)],
        producer_name="brownout tools/train",
        ir_version=7,
    )
    helper.set_model_props(model, dict(metadata))
    onnx.checker.check_model(model, full_check=True)
    return model


def load_parameters(network: Network, path: Path) -> None:
    """Gives `network` the parameters of a file that `to_onnx` made."""
    stored = OnnxNetwork(path).parameters
    with torch.no_grad():
        for name, value in network.named_parameters():
            known_as = re.sub(r"\.(\d+)\.", lambda place: f"{int(place[1]) + 1}.", name)
            found = stored.get(known_as)
            if found is None or found.numel() != value.numel():
                raise NetworkError(f"{path}: no parameter {known_as} of {value.numel()} values")
            value.copy_(found.view_as(value))


def write(model: onnx.ModelProto, path: Path) -> None:
    """Writes beside `path` and renames, so that `path` never holds half a network."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(model.SerializeToString())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
