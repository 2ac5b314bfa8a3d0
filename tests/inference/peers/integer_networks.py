"""Networks that compute with codes from the first layer to the last: integers are equal bit for bit, so ONNX Runtime's
results are ours exactly. Their names begin with "qlinear". And a small ResNet with Q and DQ. make_networks.py calls
what is here."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from make_resnet20 import resnet20
from quantized_networks import QuantizedGraph


class Codes(NamedTuple):
    """Activations as codes: value (code - zero) scale."""

    name: str
    scale: np.float32
    zero: np.generic


class IntegerGraph(QuantizedGraph):
    """A network of QLinearConv and QLinearMatMul; sums of two activations and means are between DQ and Q."""

    def __init__(self, name: str, code: type, weight: type, per_channel: bool, shape: tuple = ("N", 3, 12, 12)) -> None:
        super().__init__(name, 13, 7, shape)
        self.code, self.weight, self.per_channel = code, weight, per_channel

    def range(self, low: float, high: float) -> tuple:
        limits = np.iinfo(self.code)
        scale = np.float32((high - low) / (int(limits.max) - int(limits.min)))
        return scale, self.code(round(int(limits.min) - low / scale))

    def quantize(self, x: str, low: float, high: float) -> Codes:
        scale, zero = self.range(low, high)
        return Codes(self("QuantizeLinear", x, scale, zero), scale, zero)

    def value(self, x: Codes) -> str:
        return self("DequantizeLinear", x.name, x.scale, x.zero)

    def coded(self, w: np.ndarray, axis: int) -> tuple:
        """Returns codes, scale and zero point of weights; scales are those of the indices of `axis` if per channel."""
        axes = tuple(i for i in range(w.ndim) if i != axis) if self.per_channel else None
        scale = (np.abs(w).max(axes, keepdims=True) / 127).astype(np.float32)
        zero = 128 if self.weight == np.uint8 else 0 if self.per_channel else 3
        limits = np.iinfo(self.weight)
        codes = np.clip(np.round(w / scale) + zero, limits.min, limits.max).astype(self.weight)
        scale = scale.reshape(-1 if self.per_channel else ())
        return codes, scale, np.full(scale.shape, zero, self.weight)

    def conv(self, x: Codes, inputs: int, outputs: int, low: float, high: float, size: int = 3, **attributes) -> Codes:
        w = self.weights(outputs, inputs // attributes.get("group", 1), size, size)
        codes, w_scale, w_zero = self.coded(w, 0)
        bias = np.round(self.weights(outputs) / (x.scale * w_scale)).astype(np.int32)
        scale, zero = self.range(low, high)
        attributes.setdefault("pads", [size // 2] * 4)
        y = self("QLinearConv", *x, codes, w_scale, w_zero, scale, zero, bias, **attributes)
        return Codes(y, scale, zero)

    def add(self, x: Codes, y: Codes, low: float, high: float) -> Codes:
        return self.quantize(self("Relu", self("Add", self.value(x), self.value(y))), low, high)

    def linear(self, x: Codes, inputs: int, outputs: int, low: float, high: float) -> Codes:
        codes, w_scale, w_zero = self.coded(self.weights(inputs, outputs, fan_in=inputs), 1)
        scale, zero = self.range(low, high)
        return Codes(self("QLinearMatMul", *x, codes, w_scale, w_zero, scale, zero), scale, zero)


def integer_networks(folder: Path) -> None:
    for name, code, weight, per_channel in (
        ("qlinear-uint8-int8-channel", np.uint8, np.int8, True),
        ("qlinear-uint8-int8", np.uint8, np.int8, False),
        ("qlinear-uint8-uint8", np.uint8, np.uint8, False),
        ("qlinear-int8-int8", np.int8, np.int8, False),
        ("qlinear-int8-int8-channel", np.int8, np.int8, True),
    ):
        # A residual network: Winograd's sizes, ragged; a strided, a grouped, a depthwise, a dilated and a 1x1 layer.
        g = IntegerGraph(name, code, weight, per_channel)
        x = g.quantize("x", -1, 1)
        x = g.conv(x, 3, 16, 0, 3)
        y = g.conv(x, 16, 16, 0, 2)
        y = g.conv(y, 16, 16, -2, 2)
        x = g.add(x, y, 0, 4)
        x = x._replace(name=g("MaxPool", x.name, kernel_shape=[2, 2], strides=[2, 2], pads=[0, 1, 1, 0]))
        y = g.conv(x, 16, 24, -3, 2, strides=[2, 2])
        y = g.conv(y, 24, 24, -2, 2, group=24)
        y = g.conv(y, 24, 24, -2, 2, group=4)
        y = g.conv(y, 24, 24, -2, 2, dilations=[2, 2], pads=[2] * 4)
        x = g.conv(x, 16, 24, -2, 3, size=1, strides=[2, 2])
        x = g.add(x, y, 0, 3)
        # Another range than that of its input, lest means lie between two codes.
        x = g.quantize(g("GlobalAveragePool", g.value(x)), 0, 2.3)
        x = x._replace(name=g("Flatten", x.name))
        g.save(folder, g.value(g.linear(x, 24, 10, -3, 3)))

        # Every code of a plane is compared.
        g = IntegerGraph(name.replace("qlinear", "qlinear-plane"), code, weight, per_channel, ("N", 3, 30, 26))
        x = g.conv(g.quantize("x", -1, 1), 3, 16, 0, 3)
        x = g.conv(g.conv(x, 16, 24, 0, 2), 24, 24, -3, 3)
        g.save(folder, g("Flatten", g.value(x)))

    g = IntegerGraph("qlinear-joined", np.uint8, np.int8, True)
    x = g.quantize("x", -1, 1)
    x = g.conv(x, 3, 9, 0, 2)
    y = g.conv(x, 9, 7, 0, 2)
    x = g.quantize(g("Concat", g.value(x), g.value(y), axis=1), 0, 2.5)
    x = g.quantize(g("AveragePool", g.value(x), kernel_shape=[3, 3], strides=[3, 3]), 0, 2.1)
    x = x._replace(name=g("Flatten", x.name))
    g.save(folder, g.value(g.linear(x, 256, 10, -2, 2)))

    resnet20(folder, "qdq-resnet8", True, blocks=1)
