"""The network of the zoo: four 3x3 convolutions with GroupNorm, for 28x28 grey images.

    image -> [conv, GroupNorm, ReLU, max pool] x 3 -> [conv, GroupNorm, ReLU] -> average -> linear -> logits

79,866 parameters and 2.42 million multiply-accumulates an image; at 8 bits all of it fits one chip of 2^20
cells. The convolutions have no bias: the offset of the normalisation behind them does that work.
"""

from typing import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CHANNELS = (16, 32, 64, 96)
CHANNELS_PER_GROUP = 8
EPSILON = 1e-5


class GroupNorm(nn.Module):
    """Group normalisation whose scale is 1 + a.

    A weight that is clipped, or that a bit error moves, is moved away from zero at worst by its range;
    so the learnt `a` should need little range, and a lost one should leave the scale near 1.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.groups = max(1, channels // CHANNELS_PER_GROUP)
        self.a = nn.Parameter(torch.zeros(channels))
        self.offset = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        return F.group_norm(x, self.groups, 1 + self.a, self.offset, EPSILON)


class Network(nn.Module):
    """Logits [N, classes] of images [N, 1, 28, 28] in [0, 1]."""

    def __init__(self, classes: int = 10, channels: Sequence[int] = CHANNELS) -> None:
        super().__init__()
        widths = (1, *channels)
        self.conv = nn.ModuleList(
            nn.Conv2d(before, after, kernel_size=3, padding=1, bias=False)
            for before, after in zip(widths, widths[1:])
        )
        self.norm = nn.ModuleList(GroupNorm(width) for width in channels)
        self.linear = nn.Linear(widths[-1], classes)
        for conv in self.conv:
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
        nn.init.kaiming_normal_(self.linear.weight, nonlinearity="linear")
        nn.init.zeros_(self.linear.bias)

    def forward(self, x: Tensor) -> Tensor:
        for depth, (conv, norm) in enumerate(zip(self.conv, self.norm)):
            if depth > 0:
                x = F.max_pool2d(x, 2)
            x = F.relu(norm(conv(x)))
        return self.linear(x.mean(dim=(2, 3)))
