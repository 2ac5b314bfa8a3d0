#!/usr/bin/python3
"""Makes the networks whose speed is compared, with random weights, the same ones each time.

    /usr/bin/python3 make_networks.py FOLDER

Needs Debian's python3-onnx. Shapes of layers are those of the papers; nodes are those that PyTorch 1.13 writes.
"""

import sys
from pathlib import Path
from typing import Callable

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "inference" / "peers"))
import make_resnet20  # noqa: E402
from graph import Graph  # noqa: E402

OPSET, IR = 14, 7
Norm = Callable[[Graph, str, int], str]


def conv(g: Graph, x: str, inputs: int, outputs: int, kernel: int = 3, stride: int = 1, bias: bool = False, **more) -> str:
    """Adds a convolution whose weights keep the size of activations through a ReLU."""
    more.setdefault("pads", [kernel // 2] * 4)
    weights = g.weights(outputs, inputs, kernel, kernel, fan_in=inputs * kernel * kernel / 2)
    biases = [0.1 * g.weights(outputs)] if bias else []
    return g("Conv", x, weights, *biases, kernel_shape=[kernel] * 2, strides=[stride] * 2, **more)


def batch_norm(g: Graph, x: str, channels: int) -> str:
    scale, variance = g.between(0.5, 1.5, channels), g.between(0.5, 1.5, channels)
    return g("BatchNormalization", x, scale, 0.1 * g.weights(channels), 0.1 * g.weights(channels), variance)


def group_norm(groups: int) -> Norm:
    def add(g: Graph, x: str, channels: int) -> str:
        ones, zeros = np.ones(groups, np.float32), np.zeros(groups, np.float32)
        normal = g("InstanceNormalization", g("Reshape", x, [0, groups, -1]), ones, zeros)
        scaled = g("Mul", g("Reshape", normal, g("Shape", x)), g.between(0.5, 1.5, channels, 1, 1))
        return g("Add", scaled, 0.1 * g.weights(channels, 1, 1))

    return add


def classes(g: Graph, x: str, channels: int, count: int = 10) -> str:
    pooled = g("Flatten", g("GlobalAveragePool", x))
    return g("Gemm", pooled, g.weights(count, channels), 0.1 * g.weights(count), transB=1)


def resnet20(folder: Path, name: str, norm: Norm) -> None:
    """He et al., 2016, for CIFAR-10: 0.27 M weights, 40.8 M multiply-accumulates."""
    g = Graph(name, OPSET, IR, ("N", 3, 32, 32))
    x, inputs = g("Relu", norm(g, conv(g, "x", 3, 16), 16)), 16
    for channels in (16, 32, 64):
        for _ in range(3):
            stride = channels // inputs
            y = g("Relu", norm(g, conv(g, x, inputs, channels, stride=stride), channels))
            y = norm(g, conv(g, y, channels, channels), channels)
            if stride > 1:
                x = norm(g, conv(g, x, inputs, channels, kernel=1, stride=stride), channels)
            x, inputs = g("Relu", g("Add", y, x)), channels
    g.save(folder, classes(g, x, 64))


def simplenet(folder: Path) -> None:
    """Hasanpour et al., 2016, with group norm as Stutz et al. train it: 5.5 M weights, 632 M multiply-accumulates."""
    g = Graph("simplenet", OPSET, IR, ("N", 3, 32, 32))
    x, inputs = "x", 3
    for layer in (64, 128, 128, 128, "pool", 128, 128, 256, "pool", 256, 256, "pool", 512, "pool", (2048, 1), (256, 1), "pool", 256):
        if layer == "pool":
            x = g("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
            continue
        channels, kernel = layer if isinstance(layer, tuple) else (layer, 3)
        x = conv(g, x, inputs, channels, kernel, bias=True)
        x, inputs = g("Relu", group_norm(32)(g, x, channels)), channels
    g.save(folder, classes(g, x, 256))


def squeezenet(folder: Path) -> None:
    """SqueezeNet 1.1, Iandola et al.: 1.2 M weights, 349 M multiply-accumulates at 224 x 224."""
    g = Graph("squeezenet", OPSET, IR, ("N", 3, 224, 224))

    def layer(x: str, inputs: int, outputs: int, kernel: int = 1, **more) -> str:
        return g("Relu", conv(g, x, inputs, outputs, kernel, bias=True, **more))

    x, inputs = layer("x", 3, 64, kernel=3, stride=2, pads=[0] * 4), 64
    for fire in ("pool", 16, 16, "pool", 32, 32, "pool", 48, 48, 64, 64):
        if fire == "pool":
            x = g("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2])
            continue
        squeezed = layer(x, inputs, fire)
        x = g("Concat", layer(squeezed, fire, 4 * fire), layer(squeezed, fire, 4 * fire, kernel=3), axis=1)
        inputs = 8 * fire
    g.save(folder, g("Flatten", g("GlobalAveragePool", layer(x, inputs, 1000))))


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    resnet20(folder, "resnet20-bn", batch_norm)
    resnet20(folder, "resnet20-gn", group_norm(8))
    simplenet(folder)
    squeezenet(folder)
    make_resnet20.resnet20(folder, "resnet20-qdq", True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
