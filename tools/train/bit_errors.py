"""Uniform random bit errors on integer codes: every stored bit flips on its own with probability p.

There are two samplers of the same distribution. The one that draws a number for every bit is slow
but plainly right, and it nests: what is wrong at p is wrong at every higher rate. Evaluation uses
it. The one that skips from error to error costs time in proportion to the errors, which lets
training draw new ones for every batch.
"""

import torch
from torch import Tensor


def draw_thresholds(count: int, bits: int, generator: torch.Generator) -> Tensor:
    """For each bit of `count` codes the rate above which it is wrong: uniform, [count, bits]."""
    return torch.rand(count, bits, generator=generator)


def flip_mask(thresholds: Tensor, rate: float) -> Tensor:
    """int32 [count]: the bits to XOR into each code at bit error rate `rate`.

    Column k of `thresholds` is the bit that counts 2^k.
    """
    places = 2 ** torch.arange(thresholds.shape[1], dtype=torch.int32)
    return ((thresholds < rate).int() * places).sum(dim=1, dtype=torch.int32)


def draw_flips(count: int, bits: int, rate: float, generator: torch.Generator) -> Tensor:
    """int32 [count]: the bits to XOR into each code, each wrong with probability `rate`.

    The bits between one wrong bit and the next are geometrically distributed, so that as many
    numbers are drawn as bits are wrong, and a few more.
    """
    cells = count * bits
    mask = torch.zeros(count, dtype=torch.int32)
    if rate <= 0 or rate >= 1:
        return mask if rate <= 0 else mask + (2**bits - 1)
    last = -1
    while last < cells:
        # Enough for the rest but for one time in thousands; then the loop goes on.
        missing = (cells - last) * rate
        draws = int(missing + 4 * missing**0.5) + 16
        gaps = torch.empty(draws, dtype=torch.float64).geometric_(rate, generator=generator)
        places = last + gaps.cumsum(0).long()
        last = int(places[-1])
        places = places[places < cells]
        # No place comes twice, so that adding powers of two sets bits.
        mask.index_add_(0, places // bits, (2 ** (places % bits)).int())
    return mask
