"""Fixed-point quantisers: a float tensor becomes m-bit integer codes and comes back.

Each parameter tensor is quantised on its own, with the range of its values. The range is two floats
kept outside the failing memory, so it carries no bit errors. Codes are what the memory stores:
non-negative integers below 2^m, exactly the bits of one memory word, so that a bit error is an XOR
on them.

Two schemes:

- ``normal``: symmetric, truncation toward zero, two's complement. q = max|w|, v = trunc(w
  (2^(m-1)-1) / q).
- ``rquant``: asymmetric, unsigned, round to nearest even. With n = 2 (w - min) / (max - min) - 1 in
  [-1, 1], v = round(n (2^(m-1)-1)) + 2^(m-1) - 1. The offset is the one in the text of Stutz et al.
  (MLSys 2021), not the 2^(m-1) of their code; the largest code it makes is 2^m - 2, but a bit error
  may read 2^m - 1.

Everything is computed in double precision, the product before the quotient, so that the ends of a
range meet their codes exactly (q * 127 / q is 127, whereas q / (q / 127) may truncate to 126).
"""

from typing import NamedTuple

import torch
from torch import Tensor

SCHEMES = ("normal", "rquant")


class Range(NamedTuple):
    """Smallest and largest value of a tensor; ``normal`` uses only the larger magnitude."""

    low: float
    high: float


def range_of(values: Tensor) -> Range:
    return Range(values.min().item(), values.max().item())


def encode(values: Tensor, scheme: str, bits: int, span: Range) -> Tensor:
    """Codes of `values` as int32 in [0, 2^bits), same shape."""
    steps = 2 ** (bits - 1) - 1
    wide = values.double()
    if scheme == "normal":
        largest = max(abs(span.low), abs(span.high))
        if largest == 0:
            return torch.zeros_like(values, dtype=torch.int32)
        return torch.trunc(wide * steps / largest).int() & (2**bits - 1)
    if scheme == "rquant":
        if span.high == span.low:  # nothing to tell apart: every value is the middle code
            return torch.full_like(values, steps, dtype=torch.int32)
        unit = 2 * (wide - span.low) / (span.high - span.low) - 1
        return torch.round(unit * steps).int() + steps
    raise ValueError(f"quantizer '{scheme}': expected one of {', '.join(SCHEMES)}")


def decode(codes: Tensor, scheme: str, bits: int, span: Range) -> Tensor:
    """Float32 values of `codes`: any in [0, 2^bits), also those that only bit errors make."""
    steps = 2 ** (bits - 1) - 1
    if scheme == "normal":
        signed = torch.where(codes > steps, codes - 2**bits, codes)
        return (signed.double() * max(abs(span.low), abs(span.high)) / steps).float()
    if scheme == "rquant":
        unit = (codes - steps).double() / steps
        return ((unit + 1) / 2 * (span.high - span.low) + span.low).float()
    raise ValueError(f"quantizer '{scheme}': expected one of {', '.join(SCHEMES)}")
