"""Uniform random bit errors on integer codes: every stored bit flips on its own with probability p.

One uniform number is drawn for every bit, and the bit is wrong at rate p where its number is below
p. That is slow beside a sampler that skips from error to error, but plainly right, and it nests:
what is wrong at p is wrong at every higher rate.
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
