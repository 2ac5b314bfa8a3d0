"""What training does to images, so that none is seen twice in the same way."""

import torch
import torch.nn.functional as F
from torch import Tensor


def mirror_and_shift(images: Tensor, shift: int, generator: torch.Generator) -> Tensor:
    """Mirrors each image with probability 1/2 and moves it up to `shift` pixels each way."""
    count, channels, rows, columns = images.shape
    mirrored = torch.rand(count, generator=generator) < 0.5
    images = torch.where(mirrored.view(-1, 1, 1, 1), images.flip(3), images)
    if shift == 0:
        return images
    padded = F.pad(images, (shift,) * 4)
    down = torch.randint(0, 2 * shift + 1, (count, 1, 1), generator=generator).unsqueeze(1)
    right = torch.randint(0, 2 * shift + 1, (count, 1, 1), generator=generator).unsqueeze(1)
    image = torch.arange(count).view(-1, 1, 1, 1)
    channel = torch.arange(channels).view(1, -1, 1, 1)
    row = torch.arange(rows).view(1, 1, -1, 1) + down
    column = torch.arange(columns).view(1, 1, 1, -1) + right
    return padded[image, channel, row, column]


def cut_out(images: Tensor, side: int, generator: torch.Generator) -> Tensor:
    """Blackens a square of `side` pixels at a random place of each image, as far as it is inside
    (DeVries and Taylor, 2017)."""
    if side == 0:
        return images
    count, _, rows, columns = images.shape
    top = torch.randint(0, rows, (count, 1), generator=generator) - side // 2
    left = torch.randint(0, columns, (count, 1), generator=generator) - side // 2
    row, column = torch.arange(rows), torch.arange(columns)
    in_rows = (row >= top) & (row < top + side)
    in_columns = (column >= left) & (column < left + side)
    inside = in_rows.unsqueeze(2) & in_columns.unsqueeze(1)
    return images.masked_fill(inside.unsqueeze(1), 0)
