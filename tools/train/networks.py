"""The networks of the zoo, by the name that `--network` takes.

A network gives logits [N, classes] of images in [0, 1]. `image` is the (channels, side) of the
images that it takes, and `emit` writes it into an ONNX graph.
"""

from typing import Callable, Dict, Sequence, Tuple

import torch.nn.functional as F
from torch import Tensor, nn

from layers import GroupNorm, Norm, ConvNorm, Residual
from onnx_graph import Graph, Value

MIDDLE, CONTRAST = 0.5, 4.0  # ConvNet: pixels in [0, 1] become numbers about as wide as 1


class FashionNet(nn.Module):
    """Four 3x3 convolutions with GroupNorm, for 28x28 grey images.

        image -> [conv, max pool, GroupNorm, ReLU] x 3 -> [conv, GroupNorm, ReLU] -> linear

    87,546 parameters and 2.43 million multiply-accumulates an image; at 8 bits all of it fits one
    chip of 2^20 cells. The convolutions have no bias: the offset of the normalisation behind them
    does that work. Pooling comes before the normalisation because three quarters of the
    normalisation would be thrown away behind it.
    """

    CHANNELS = (16, 32, 64, 96)
    POOLS = 3
    LAST_SIDE = 3  # 28 halved three times, rounded down
    image = (1, 28)

    def __init__(self, classes: int = 10, norm: Norm = GroupNorm) -> None:
        super().__init__()
        widths = (1, *self.CHANNELS)
        self.conv = nn.ModuleList(
            nn.Conv2d(before, after, kernel_size=3, padding=1, bias=False)
            for before, after in zip(widths, widths[1:])
        )
        self.norm = nn.ModuleList(norm(width) for width in self.CHANNELS)
        self.linear = nn.Linear(widths[-1] * self.LAST_SIDE**2, classes)
        for conv in self.conv:
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
        nn.init.kaiming_normal_(self.linear.weight, nonlinearity="linear")
        nn.init.zeros_(self.linear.bias)

    def forward(self, x: Tensor) -> Tensor:
        for depth, (conv, norm) in enumerate(zip(self.conv, self.norm)):
            x = conv(x)
            if depth < self.POOLS:
                x = F.max_pool2d(x, 2)
            x = F.relu(norm(x))
        return self.linear(x.flatten(1))

    def emit(self, graph: Graph, x: Value) -> Value:
        for depth, (conv, norm) in enumerate(zip(self.conv, self.norm)):
            x = graph.convolution(x, f"conv{depth + 1}", conv.weight)
            if depth < self.POOLS:
                x = graph.max_pool(x, f"pool{depth + 1}")
            x = norm.emit(graph, x, f"norm{depth + 1}")
            x = graph.relu(x, f"relu{depth + 1}")
        return graph.linear(x, "linear", self.linear.weight, self.linear.bias, "logits")


class ConvNet(nn.Module):
    """Layers one behind the other, pooling at the end, and a linear layer, for 32x32 RGB images."""

    image = (3, 32)

    def __init__(self, layers: Sequence[nn.Module], features: int, classes: int,
                 last_pool: int = 0) -> None:
        """A network whose linear layer sees `features` numbers: what max pooling by `last_pool`
        leaves of the last layer, or, where that is 0, the mean of each of its channels."""
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.last_pool = last_pool
        self.linear = nn.Linear(features, classes)
        nn.init.kaiming_normal_(self.linear.weight, nonlinearity="linear")
        nn.init.zeros_(self.linear.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = (x - MIDDLE) * CONTRAST
        for layer in self.layers:
            x = layer(x)
        x = F.max_pool2d(x, self.last_pool) if self.last_pool else x.mean(dim=(2, 3))
        return self.linear(x.flatten(1)).float()

    def emit(self, graph: Graph, x: Value) -> Value:
        x = graph.scaled(x, "input", MIDDLE, CONTRAST)
        for depth, layer in enumerate(self.layers):
            x = layer.emit(graph, x, f"layers.{depth}")
        x = (graph.max_pool(x, "last_pool", self.last_pool) if self.last_pool else
             graph.average_pool(x, "last_pool"))
        return graph.linear(x, "linear", self.linear.weight, self.linear.bias, "logits")


def resnet20(classes: int, norm: Norm) -> ConvNet:
    """ResNet-20 of He et al. (2016) with 1x1 convolutions as shortcuts: 272,474 parameters and 41
    million multiply-accumulates an image."""
    layers, before = [ConvNorm(3, 16, norm)], 16
    for stage, width in enumerate((16, 32, 64)):
        for block in range(3):
            stride = 2 if stage > 0 and block == 0 else 1
            layers.append(Residual(before, width, norm, stride))
            before = width
    return ConvNet(layers, before, classes)


def _plain(widths: Sequence[Tuple[int, int, bool]], norm: Norm) -> list:
    """Convolutions one behind the other, each (channels, kernel, pooled by two or not)."""
    layers, before = [], 3
    for width, kernel, pool in widths:
        layers.append(ConvNorm(before, width, norm, kernel=kernel, pool=pool))
        before = width
    return layers


def simplenet(classes: int, norm: Norm) -> ConvNet:
    """The thirteen convolutions of SimpleNet (Hasanpour et al., 2016): 5.5 million parameters."""
    widths = [(64, 3, False), (128, 3, False), (128, 3, False), (128, 3, True), (128, 3, False),
              (128, 3, False), (256, 3, True), (256, 3, False), (256, 3, True), (512, 3, True),
              (2048, 1, False), (256, 1, True), (256, 3, False)]
    return ConvNet(_plain(widths, norm), 256, classes)


def resnet9_small(classes: int, norm: Norm) -> ConvNet:
    """The ResNet-9 of D. Page ("How to train your ResNet", 2018), which trains in few epochs, at a
    quarter of its width: 264,986 parameters and 20.8 million multiply-accumulates an image, half
    the time of ResNet-20."""
    layers = [ConvNorm(3, 16, norm), ConvNorm(16, 32, norm, pool=True),
              Residual(32, 32, norm, relu_inside=True), ConvNorm(32, 64, norm, pool=True),
              ConvNorm(64, 96, norm, pool=True), Residual(96, 96, norm, relu_inside=True)]
    return ConvNet(layers, 96, classes, last_pool=4)


def simplenet_small(classes: int, norm: Norm) -> ConvNet:
    """Six convolutions in the manner of SimpleNet that pool early: 209,826 parameters and 15.8
    million multiply-accumulates an image, a third of the time of ResNet-20.

    The linear layer sees 2x2 places, so that clipped weights can still make large logits.
    """
    widths = [(24, 3, True), (48, 3, False), (48, 3, True), (80, 3, False), (80, 3, True),
              (112, 3, False)]
    return ConvNet(_plain(widths, norm), 112 * 4, classes, last_pool=2)


NETWORKS: Dict[str, Callable[[int, Norm], nn.Module]] = {
    "fashion": FashionNet,
    "resnet9-small": resnet9_small,
    "resnet20": resnet20,
    "simplenet": simplenet,
    "simplenet-small": simplenet_small,
}
