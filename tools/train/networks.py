"""The network of the zoo: four 3x3 convolutions with GroupNorm, for 28x28 grey images.

    image -> [conv, max pool, GroupNorm, ReLU] x 3 -> [conv, GroupNorm, ReLU] -> linear -> logits

87,546 parameters and 2.43 million multiply-accumulates an image; at 8 bits all of it fits one chip
of 2^20 cells. The convolutions have no bias: the offset of the normalisation behind them does that
work. Pooling comes before the normalisation because three quarters of the normalisation would be
thrown away behind it.
"""

from typing import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CHANNELS = (16, 32, 64, 96)
POOLS = 3
LAST_SIDE = 3  # 28 halved three times, rounded down
CHANNELS_PER_GROUP = 8
EPSILON = 1e-5


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
        self.linear = nn.Linear(widths[-1] * LAST_SIDE**2, classes)
        for conv in self.conv:
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
        nn.init.kaiming_normal_(self.linear.weight, nonlinearity="linear")
        nn.init.zeros_(self.linear.bias)

    def forward(self, x: Tensor) -> Tensor:
        for depth, (conv, norm) in enumerate(zip(self.conv, self.norm)):
            x = conv(x)
            if depth < POOLS:
                x = F.max_pool2d(x, 2)
            x = F.relu(norm(x))
        return self.linear(x.flatten(1))
