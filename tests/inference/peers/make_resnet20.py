#!/usr/bin/python3
"""Makes ResNet-20 for CIFAR-10 with random weights, batch normalisation folded: in floats, and quantised.

    /usr/bin/python3 make_resnet20.py FOLDER

Writes resnet20-float-*.onnx, and resnet20-qdq-*.onnx with 8-bit codes as static quantisers write them: activations of
unsigned bytes, weights of signed ones with a scale for each channel, int32 biases. Needs Debian's python3-onnx.
"""

import sys
from pathlib import Path

import numpy as np

from graph import Graph
from quantized_networks import QuantizedGraph


class Layers:
    """The layers of a network in floats or in codes: values are pairs of a name and the range of its codes."""

    def __init__(self, name: str, quantized: bool) -> None:
        self.quantized = quantized
        self.g = QuantizedGraph(name, 13, 7, ("N", 3, 32, 32)) if quantized else Graph(name, 13, 7, ("N", 3, 32, 32))

    def coded(self, x: str, low: float, high: float) -> tuple:
        return (self.g.activation(x, low, high) if self.quantized else x), high - low

    def product(self, op: str, x: tuple, w: np.ndarray, **attributes) -> str:
        b = self.g.weights(w.shape[0])
        if self.quantized:
            weights = self.g.codes(w, 8, True, 0)
            return self.g(op, x[0], weights, self.g.bias(0.1 * b, x[1] / 255), **attributes)
        return self.g(op, x[0], w, 0.1 * b, **attributes)

    def conv(self, x: tuple, inputs: int, outputs: int, size: int, stride: int, gain: float) -> str:
        w = np.float32(gain) * self.g.weights(outputs, inputs, size, size)
        return self.product("Conv", x, w, pads=[size // 2] * 4, strides=[stride] * 2)


def resnet20(folder: Path, name: str, quantized: bool, blocks: int = 3) -> None:
    n = Layers(name, quantized)
    x = n.coded("x", -1, 1)
    x = n.coded(n.g("Relu", n.conv(x, 3, 16, 3, 1, 2.4)), 0, 4)
    inputs = 16
    for outputs in (16, 32, 64):
        for block in range(blocks):
            stride = 2 if outputs > 16 and block == 0 else 1
            y = n.coded(n.g("Relu", n.conv(x, inputs, outputs, 3, stride, 1.4)), 0, 4)
            y = n.coded(n.conv(y, outputs, outputs, 3, 1, 0.5), -2, 2)
            if inputs != outputs:
                x = n.coded(n.conv(x, inputs, outputs, 1, stride, 1.2), -4, 4)
            x = n.coded(n.g("Relu", n.g("Add", x[0], y[0])), 0, 5)
            inputs = outputs
    x = n.coded(n.g("GlobalAveragePool", x[0]), 0, 4)
    x = n.coded(n.g("Flatten", x[0]), 0, 4)
    n.g.save(folder, n.product("Gemm", x, n.g.weights(10, 64), transB=1))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    resnet20(target, "resnet20-float", False)
    resnet20(target, "resnet20-qdq", True)
