"""The integer codes that a file has of a parameter."""

from typing import NamedTuple

import numpy
import torch
from torch import Tensor


class FileCodes(NamedTuple):
    """A parameter as integer codes: its values are (code - zero_point) * scale."""

    codes: numpy.ndarray  # int8 or uint8
    scale: float
    zero_point: int
    lowest: int  # the codes that the memory can hold go from here
    highest: int

    @property
    def bits(self) -> int:
        return (self.highest - self.lowest).bit_length()

    def patterns(self) -> Tensor:
        """The bits of each code as the memory holds them: int32 in [0, 2^bits)."""
        return torch.from_numpy(self.codes.astype(numpy.int32)) & (2**self.bits - 1)

    def values_of(self, patterns: Tensor) -> Tensor:
        """What codes with these bits mean, in float32 as ONNX computes it."""
        if self.lowest < 0:
            patterns = torch.where(patterns > self.highest, patterns - 2**self.bits, patterns)
        return (patterns - self.zero_point).float() * numpy.float32(self.scale)
