"""Fixed-point quantisers: a float tensor becomes m-bit integer codes and comes back.

Each parameter tensor is quantised with the range of its values, or, with "network", with that of
all stored tensors together. A range is two floats kept outside the failing memory, so it carries no
bit errors. Codes are what the memory stores: non-negative integers below 2^m, exactly the bits of
one memory word, so that a bit error is an XOR on them.

A quantiser has a name as `brownout --quantizer` takes it: a preset, and what differs from it.

- ``normal``: symmetric, truncation toward zero, two's complement. q = max|w|, v = trunc(w
  (2^(m-1)-1) / q).
- ``rquant``: asymmetric, unsigned, round to nearest even. With n = 2 (w - min) / (max - min) - 1 in
  [-1, 1], v = round(n (2^(m-1)-1)) + 2^(m-1) - 1. The offset is the one in the text of Stutz et al.
  (MLSys 2021), not the 2^(m-1) of their code; the largest code it makes is 2^m - 2, but a bit error
  may read 2^m - 1.
- ``rquant,signed,truncate``: v in two's complement, without the offset, and truncated: what Stutz
  et al. call asymmetric quantisation. ``rquant,truncate`` is that with unsigned codes, and
  ``normal,network`` their global quantisation.

Everything is computed in double precision, the product before the quotient, so that the ends of a
range meet their codes exactly (q * 127 / q is 127, whereas q / (q / 127) may truncate to 126).
"""

from typing import NamedTuple

import torch
from torch import Tensor

PRESETS = ("normal", "rquant")


class Range(NamedTuple):
    """Smallest and largest value of a tensor; symmetric quantisers use the larger magnitude."""

    low: float
    high: float


class Scheme(NamedTuple):
    """A quantiser without its bits and its range."""

    symmetric: bool
    signed: bool
    truncate: bool
    network: bool  # one range for all tensors


def scheme_of(name: str) -> Scheme:
    """The quantiser of a name; raises ValueError for one that there isn't."""
    preset, *words = [word.strip() for word in name.split(",")]
    if preset not in PRESETS:
        raise ValueError(f"quantizer '{name}': expected {' or '.join(PRESETS)}, and what differs "
                         "from it, as 'rquant,truncate'")
    normal = preset == "normal"
    scheme = Scheme(symmetric=normal, signed=normal, truncate=normal, network=False)
    changes = {"symmetric": {"symmetric": True}, "asymmetric": {"symmetric": False},
               "signed": {"signed": True}, "unsigned": {"signed": False},
               "truncate": {"truncate": True}, "nearest": {"truncate": False},
               "network": {"network": True}, "tensor": {"network": False}}
    for word in words:
        if word not in changes:
            raise ValueError(f"quantizer '{name}': expected any of {', '.join(changes)} "
                             f"behind {preset}")
        scheme = scheme._replace(**changes[word])
    return scheme


def steps_of(bits: int) -> int:
    """Steps from the middle of the range to either end."""
    return 2 ** (bits - 1) - 1


def range_of(values: Tensor) -> Range:
    return Range(values.min().item(), values.max().item())


def union(ranges: list) -> Range:
    """The smallest range that holds all of these."""
    return Range(min(span.low for span in ranges), max(span.high for span in ranges))


def with_zero(span: Range, scheme: Scheme, bits: int) -> Range:
    """`span`, moved by at most half a step so that 0 has a code, as a file with codes needs it.

    A range that doesn't hold 0 is made to. Symmetric ranges stay as they are.
    """
    if scheme.symmetric:
        return span
    low, high = min(span.low, 0.0), max(span.high, 0.0)
    if low == high:
        return Range(0.0, 0.0)
    step = float(torch.tensor((high - low) / (2 * steps_of(bits)), dtype=torch.float32))
    zero = round(-low / step)
    return Range(-zero * step, (2 * steps_of(bits) - zero) * step)


def encode(values: Tensor, scheme: Scheme, bits: int, span: Range) -> Tensor:
    """Codes of `values`, clamped to the range, as int32 in [0, 2^bits), same shape."""
    steps = steps_of(bits)
    wide = values.double()
    if scheme.symmetric:
        largest = max(abs(span.low), abs(span.high))
        if largest == 0:
            wide = torch.zeros_like(wide)
        else:
            wide = wide.clamp(-largest, largest) * steps / largest
    elif span.high == span.low:  # nothing to tell apart: every value is the middle code
        wide = torch.zeros_like(wide)
    else:
        wide = (2 * (wide.clamp(span.low, span.high) - span.low) / (span.high - span.low) - 1)
        wide = wide * steps
    whole = (torch.trunc(wide) if scheme.truncate else torch.round(wide)).int()
    return whole & (2**bits - 1) if scheme.signed else whole + steps


def decode(codes: Tensor, scheme: Scheme, bits: int, span: Range) -> Tensor:
    """Float32 values of `codes`: any in [0, 2^bits), also those that only bit errors make."""
    steps = steps_of(bits)
    if scheme.signed:
        whole = torch.where(codes > steps, codes - 2**bits, codes)
    else:
        whole = codes - steps
    if scheme.symmetric:
        return (whole.double() * max(abs(span.low), abs(span.high)) / steps).float()
    unit = whole.double() / steps
    return ((unit + 1) / 2 * (span.high - span.low) + span.low).float()
