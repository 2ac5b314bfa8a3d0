"""The weight memory as training sees it.

Parameters go in as floats and come back quantised, with bit errors where wanted. Where the errors
come from is an object with `flips(stored)`: random ones (`RandomErrors`), or those of a chip that
`brownout faults` wrote (`pattern.PatternErrors`).
"""

from typing import Dict, Mapping, NamedTuple, Optional, Protocol

import numpy
import torch
from torch import Tensor, nn

import bit_errors
import quantize
from export import name_in_file
from file_codes import FileCodes

Parameters = Dict[str, Tensor]


class Stored(NamedTuple):
    """One parameter tensor as the memory holds it."""

    codes: Tensor  # int32
    bits: int
    span: quantize.Range


class Errors(Protocol):
    """What a memory's faults make of the codes."""

    def read(self, stored: Mapping[str, Stored]) -> Dict[str, Tensor]:
        """The codes as they are read back, by the parameter's name."""


class Memory:
    """How parameters are stored: the quantiser, its bits, and which parameters there are."""

    def __init__(self, quantizer: str, bits: int, store: str, zero_has_code: bool) -> None:
        """A memory that holds `store`: all "parameters", or the kernels ("weights")."""
        self.scheme = quantize.scheme_of(quantizer)
        self.bits = bits
        self.store = store
        self.zero_has_code = zero_has_code

    def holds(self, value: Tensor) -> bool:
        """Kernels always; biases and normalisation only where all parameters are stored."""
        return self.store == "parameters" or value.dim() > 1

    def ranges(self, network: nn.Module) -> Dict[str, quantize.Range]:
        """The range of every stored parameter, as its codes have it."""
        spans = {name: quantize.range_of(value.detach())
                 for name, value in network.named_parameters() if self.holds(value)}
        if self.scheme.network:
            whole = quantize.union(list(spans.values()))
            spans = {name: whole for name in spans}
        if self.zero_has_code:
            spans = {name: quantize.with_zero(span, self.scheme, self.bits)
                     for name, span in spans.items()}
        return spans

    def write(self, network: nn.Module) -> Dict[str, Stored]:
        """The codes of all stored parameters."""
        values = dict(network.named_parameters())
        return {name: Stored(quantize.encode(values[name].detach(), self.scheme, self.bits, span),
                             self.bits, span)
                for name, span in self.ranges(network).items()}

    def read(self, network: nn.Module, errors: Optional[Errors] = None) -> Parameters:
        """What the network computes with; gradients pass straight through to its parameters."""
        stored = self.write(network)
        wrong = errors.read(stored) if errors is not None else {}
        read: Parameters = {}
        for name, value in network.named_parameters():
            if name not in stored:
                read[name] = value
                continue
            codes = wrong.get(name, stored[name].codes)
            back = quantize.decode(codes, self.scheme, self.bits, stored[name].span)
            read[name] = value + (back - value.detach())
        return read

    def file_codes(self, network: nn.Module) -> Dict[str, FileCodes]:
        """The codes of all stored parameters as a file carries them, by their names there."""
        steps = quantize.steps_of(self.bits)
        files: Dict[str, FileCodes] = {}
        for name, (codes, _, span) in self.write(network).items():
            array = codes.numpy()
            if self.scheme.signed:
                array = numpy.where(array > steps, array - 2**self.bits, array).astype(numpy.int8)
                lowest, highest = -steps - 1, steps
            else:
                array = array.astype(numpy.uint8)
                lowest, highest = 0, 2**self.bits - 1
            scale, zero = _line(span, self.scheme, self.bits)
            files[name_in_file(name)] = FileCodes(array, scale, zero, lowest, highest)
        return files


def _line(span: quantize.Range, scheme: quantize.Scheme, bits: int) -> tuple:
    """The scale and zero point with which codes in `span`, which gives 0 a code, are read."""
    steps = quantize.steps_of(bits)
    if scheme.symmetric:
        return max(abs(span.low), abs(span.high)) / steps, 0 if scheme.signed else steps
    scale = (span.high - span.low) / (2 * steps)
    middle = steps if scale == 0 else round(-span.low / scale)
    return scale, middle - (steps if scheme.signed else 0)


class RandomErrors:
    """Fresh random bit errors at a rate, of which each bit has its own."""

    def __init__(self, rate: float, generator: torch.Generator, every_bit: bool) -> None:
        """Errors at `rate`; `every_bit` draws a number for each bit, tensor by tensor."""
        self.rate = rate
        self.generator = generator
        self.every_bit = every_bit

    def read(self, stored: Mapping[str, Stored]) -> Dict[str, Tensor]:
        bits = next(iter(stored.values())).bits
        sizes = [tensor.codes.numel() for tensor in stored.values()]
        if self.every_bit:
            masks = [bit_errors.flip_mask(
                bit_errors.draw_thresholds(size, bits, self.generator), self.rate)
                for size in sizes]
        else:
            masks = bit_errors.draw_flips(sum(sizes), bits, self.rate, self.generator).split(sizes)
        return {name: tensor.codes ^ mask.view_as(tensor.codes)
                for (name, tensor), mask in zip(stored.items(), masks)}
