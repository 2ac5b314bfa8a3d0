"""The layers that the networks are built of. Each runs, and writes itself into an ONNX graph.

A layer's `emit(graph, x, name)` adds its nodes behind the activation `x` and returns theirs. Names
of parameters in the file are those of PyTorch, so that a file can be loaded again.
"""

from typing import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from onnx_graph import Graph, Value

CHANNELS_PER_GROUP = 8
EPSILON = 1e-5
BATCH_MOMENTUM = 0.1  # weight of a batch in the running statistics of BatchNorm


class _GroupNormalisation(torch.autograd.Function):
    """F.group_norm, whose gradient keeps images in channels_last as it found them.

    PyTorch 1.13's gives it channels first, and every layer below then moves all of it back: a fifth
    of a step of resnet9-small in float32.
    """

    @staticmethod
    def forward(ctx, x: Tensor, groups: int, scale: Tensor, offset: Tensor) -> Tensor:
        count, channels, rows, columns = x.shape
        # `mean` and `inverse`, which is 1 over the standard deviation, are [images, groups].
        y, mean, inverse = torch.native_group_norm(x, scale, offset, count, channels,
                                                   rows * columns, groups, EPSILON)
        ctx.save_for_backward(x, scale, mean, inverse)
        return y

    @staticmethod
    def backward(ctx, grad: Tensor):
        x, scale, mean, inverse = ctx.saved_tensors
        grad = grad.contiguous(memory_format=torch.channels_last)
        count, channels, rows, columns = x.shape
        size = channels // mean.shape[1]  # channels of a group

        def by_channel(of_group: Tensor) -> Tensor:
            return of_group.repeat_interleave(size, dim=1)

        def group_mean(of_channel: Tensor) -> Tensor:
            sums = of_channel.view(count, -1, size).sum(dim=2)
            return by_channel(sums / (size * rows * columns))

        mean, inverse = by_channel(mean), by_channel(inverse)
        of_grad, of_both = grad.sum(dim=(2, 3)), (grad * x).sum(dim=(2, 3))
        one, two = group_mean(of_grad * scale), group_mean(of_both * scale)
        slope = (one * mean - two) * inverse**3
        start = -slope * mean - one * inverse
        image = (count, channels, 1, 1)
        grad_x = torch.addcmul(start.view(image), x, slope.view(image))
        grad_x.addcmul_(grad, (scale * inverse).view(image))
        grad_scale = ((of_both - of_grad * mean) * inverse).sum(dim=0)
        return grad_x, None, grad_scale, of_grad.sum(dim=0)


class GroupNorm(nn.Module):
    """Group normalisation whose scale is 1 + a.

    Clipping keeps a parameter near zero. For a scale that would silence the channel; for `a` it
    means the plain normalisation.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.groups = max(1, channels // CHANNELS_PER_GROUP)
        self.a = nn.Parameter(torch.zeros(channels))
        self.offset = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        # Convolutions may have been computed in half precision; statistics are not.
        return _GroupNormalisation.apply(x.float(), self.groups, 1 + self.a, self.offset)

    def emit(self, graph: Graph, x: Value, name: str) -> Value:
        return graph.group_norm(x, name, self.groups, self.a, self.offset, EPSILON)


class BatchNorm(nn.Module):
    """Batch normalisation whose scale is 1 + a; its running statistics are no parameters."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.a = nn.Parameter(torch.zeros(channels))
        self.offset = nn.Parameter(torch.zeros(channels))
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("variance", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        return F.batch_norm(x.float(), self.mean, self.variance, 1 + self.a, self.offset,
                            self.training, BATCH_MOMENTUM, EPSILON)

    def emit(self, graph: Graph, x: Value, name: str) -> Value:
        return graph.batch_norm(x, name, self.a, self.offset, self.mean, self.variance, EPSILON)


Norm = Callable[[int], nn.Module]
NORMS = {"group": GroupNorm, "batch": BatchNorm}


class ConvNorm(nn.Module):
    """Convolution, pooling by two where wanted, normalisation, ReLU where wanted.

    The convolution has no bias: the offset of the normalisation behind it does that work. Pooling
    comes before the normalisation, three quarters of which would be thrown away behind it.
    """

    def __init__(self, before: int, after: int, norm: Norm, kernel: int = 3, stride: int = 1,
                 pool: bool = False, relu: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=False)
        self.norm = norm(after)
        self.pool = pool
        self.relu = relu
        nn.init.kaiming_normal_(self.conv.weight, nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        if self.pool:
            x = F.max_pool2d(x, 2)
        x = self.norm(x)
        return F.relu(x) if self.relu else x

    def emit(self, graph: Graph, x: Value, name: str) -> Value:
        x = graph.convolution(x, f"{name}.conv", self.conv.weight, self.conv.stride[0])
        if self.pool:
            x = graph.max_pool(x, f"{name}.pool")
        x = self.norm.emit(graph, x, f"{name}.norm")
        return graph.relu(x, f"{name}.relu") if self.relu else x


class Residual(nn.Module):
    """Two convolutions beside a shortcut, which is a 1x1 convolution where the shape changes."""

    def __init__(self, before: int, after: int, norm: Norm, stride: int = 1,
                 relu_inside: bool = False) -> None:
        """A block whose last ReLU is behind the sum, or, `relu_inside`, before it."""
        super().__init__()
        self.first = ConvNorm(before, after, norm, stride=stride)
        self.second = ConvNorm(after, after, norm, relu=relu_inside)
        self.shortcut = (None if before == after and stride == 1 else
                         ConvNorm(before, after, norm, kernel=1, stride=stride, relu=False))
        self.relu_behind = not relu_inside

    def forward(self, x: Tensor) -> Tensor:
        beside = x if self.shortcut is None else self.shortcut(x)
        total = self.second(self.first(x)) + beside
        return F.relu(total) if self.relu_behind else total

    def emit(self, graph: Graph, x: Value, name: str) -> Value:
        y = self.first.emit(graph, x, f"{name}.first")
        y = self.second.emit(graph, y, f"{name}.second")
        if self.shortcut is not None:
            x = self.shortcut.emit(graph, x, f"{name}.shortcut")
        total = graph.add(y, x, f"{name}.sum")
        return graph.relu(total, f"{name}.relu") if self.relu_behind else total
