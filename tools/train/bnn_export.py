"""Writes a trained binarised network as QONNX, a weight in a bit.

    weights     bytes of eight weights, lowest bit first -> Cast, Div by 1, 2, 4 ... 128, Mod 2:
                bits -> Cast, Reshape, Sub 1/2 -> BipolarQuant
    images      floats from 0 to 1 -> Mul 254, Sub 127 -> Quant (8 bits): whole numbers; or Mul 255
    a layer     Conv or Gemm -> MaxPool, perhaps -> Mul, Add -> BipolarQuant

ONNX has no type of one bit, hence the first line: seven nodes that any reader folds away, of
operators that every runtime knows but for BipolarQuant (domain qonnx.custom_op.general, as Brevitas
and FINN write it).

Batch norm and sign become a threshold. A sum is a whole number, so that for one channel the sign is
+1 from some whole number on, or up to one, or nowhere, or everywhere: which, is found by asking the
network's own batch norm about every sum that there can be. The file has the factor 1 or -1 of each
channel and the summand, a whole number and a half: never is the result zero, where BipolarQuant and
Sign differ.
"""

from typing import List, Mapping, Tuple

import numpy
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

import bnn

OPSET = 13
QONNX = "qonnx.custom_op.general"


def without_checkpoint(arguments: List[str]) -> List[str]:
    """The arguments that matter to the result."""
    kept: List[str] = []
    skip = False
    for argument in arguments:
        if skip or argument.startswith("--checkpoint="):
            skip = False
        elif argument == "--checkpoint":
            skip = True
        else:
            kept.append(argument)
    return kept


@torch.no_grad()
def thresholds(norm: torch.nn.Module, most: int) -> Tuple[Tensor, Tensor]:
    """Factor and summand of each channel: factor * sum + summand >= 0 is what batch norm, hardtanh
    and sign say of every whole sum from -most to most."""
    sums = torch.arange(-most, most + 1, dtype=torch.float32)
    channels = norm.num_features
    shape = (len(sums), channels) + (1, 1) * isinstance(norm, torch.nn.BatchNorm2d)
    training = norm.training
    norm.eval()
    plus = (norm(sums.view(-1, *[1] * (len(shape) - 1)).expand(shape).contiguous())
            >= 0).view(len(sums), channels)
    norm.train(training)
    changes = plus[1:] != plus[:-1]
    if (changes.sum(dim=0) > 1).any():
        raise ValueError("a batch norm that is not monotonous")
    falling = plus[0] & ~plus[-1]
    # Before the first of the sums behind the change; below all where there is none.
    change = torch.where(changes.any(dim=0), changes.int().argmax(dim=0) - most + 0.5,
                         torch.tensor(-most - 0.5))
    constant_minus = ~plus.any(dim=0)
    change[constant_minus] = most + 0.5
    factor = torch.where(falling, -1.0, 1.0)
    return factor, -factor * change


class _Graph:
    """Nodes and initialisers as they come, in order."""

    def __init__(self) -> None:
        self.nodes: list = []
        self.initializers: list = []

    def initializer(self, name: str, value: numpy.ndarray) -> str:
        self.initializers.append(numpy_helper.from_array(value, name))
        return name

    def constant(self, name: str, value: object, dtype: type = numpy.float32) -> str:
        tensor = numpy_helper.from_array(numpy.array(value, dtype), name)
        self.nodes.append(helper.make_node("Constant", [], [name], name=name, value=tensor))
        return name

    def node(self, operator: str, inputs: list, name: str, **attributes: object) -> str:
        domain = QONNX if operator in ("BipolarQuant", "Quant") else ""
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, domain=domain,
                                           **attributes))
        return name

    def weights(self, name: str, weight: Tensor) -> str:
        """The signs of a weight, kept as bits."""
        bits = (weight.detach() >= 0).numpy()
        packed = numpy.packbits(bits.ravel(), bitorder="little").reshape(-1, 1)
        x = self.initializer(f"{name}.packed", packed)
        x = self.node("Cast", [x], f"{name}.bytes", to=TensorProto.INT32)
        powers = self.constant(f"{name}.powers", [1 << i for i in range(8)], numpy.int32)
        x = self.node("Div", [x, powers], f"{name}.shifted")
        x = self.node("Mod", [x, self.constant(f"{name}.two", 2, numpy.int32)], f"{name}.bits")
        if bits.size % 8 != 0:
            flat = self.constant(f"{name}.flat", [-1], numpy.int64)
            x = self.node("Reshape", [x, flat], f"{name}.padded")
            begin = self.constant(f"{name}.begin", [0], numpy.int64)
            end = self.constant(f"{name}.end", [bits.size], numpy.int64)
            x = self.node("Slice", [x, begin, end], f"{name}.cut")
        x = self.node("Cast", [x], f"{name}.floats", to=TensorProto.FLOAT)
        shape = self.constant(f"{name}.shape", bits.shape, numpy.int64)
        x = self.node("Reshape", [x, shape], f"{name}.shaped")
        x = self.node("Sub", [x, self.constant(f"{name}.half", 0.5)], f"{name}.centred")
        return self.node("BipolarQuant", [x, self.constant(f"{name}.one", 1)], f"{name}.weight")


def to_onnx(network: bnn.Network, metadata: Mapping[str, str]) -> onnx.ModelProto:
    graph = _Graph()
    image = network.image
    black, white = image.pixels
    x = graph.node("Mul", ["images", graph.constant("span", white - black)], "spread")
    if black != 0:
        x = graph.node("Sub", [x, graph.constant("middle", -black)], "centred")
    signed = int(black < 0)
    x = graph.node("Quant", [x, graph.constant("unit", 1), graph.constant("zero", 0),
                             graph.constant("width", 8)],
                   "pixels", signed=signed, narrow=signed, rounding_mode="ROUND")
    most = image.pixels.most
    flat = False
    for depth, layer in enumerate(network.layers, start=1):
        name = f"layer{depth}"
        if not layer.kernel and not flat:
            x = graph.node("Flatten", [x], "flatten", axis=1)
            flat = True
        weight = graph.weights(name, layer.weight)
        fan_in = layer.weight[0].numel()
        if layer.kernel:
            side, pad = layer.kernel, layer.kernel // 2
            x = graph.node("Conv", [x, weight], name, kernel_shape=[side] * 2, pads=[pad] * 4)
            if layer.pool:
                x = graph.node("MaxPool", [x], f"{name}.pool", kernel_shape=[2, 2], strides=[2, 2])
        else:
            x = graph.node("Gemm", [x, weight], name if layer.norm else "scores", transB=1)
        if layer.norm is None:
            continue
        factor, summand = thresholds(layer.norm, fan_in * most)
        shape = (-1, 1, 1) if layer.kernel else (-1,)
        if (factor < 0).any():
            scale = graph.initializer(f"{name}.factor", factor.numpy().reshape(shape))
            x = graph.node("Mul", [x, scale], f"{name}.directed")
        offset = graph.initializer(f"{name}.summand", summand.numpy().reshape(shape))
        x = graph.node("Add", [x, offset], f"{name}.above")
        x = graph.node("BipolarQuant", [x, graph.constant(f"{name}.plus", 1)], f"{name}.sign")
        most = 1

    classes = network.layers[-1].weight.shape[0]
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT,
                                           ["N", image.channels, image.side, image.side])
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["N", classes])
    model = helper.make_model(
        helper.make_graph(graph.nodes, "brownout", [images], [scores], graph.initializers),
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(QONNX, 1)],
        producer_name="brownout tools/train",
        ir_version=7,
    )
    helper.set_model_props(model, dict(metadata))
    onnx.checker.check_model(model)
    return model
