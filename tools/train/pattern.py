"""The faults of one of Brownout's chips, for training on the very silicon that is swept.

`brownout faults` writes, for a network in a chip at a supply, what is read of each faulty code
where all its bits are stored as 0 and where all are 1. That says all of what the cells do: a
stored code c is read as (c & ones) | (~c & zeros).
"""

import csv
import subprocess
from pathlib import Path
from typing import Dict, List, Mapping, Protocol

import torch
from torch import Tensor

from export import name_in_file


class PatternError(Exception):
    """Says in one line why there is no pattern."""


def write_faults(program: Path, options: List[str], out: Path) -> None:
    """Has `brownout faults` write the faults that its options describe."""
    command = [str(program), "faults", *options, "--out", str(out), "--quiet"]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise PatternError(f"{program}: no such program; build Brownout, or name it with "
                           "--brownout")
    except subprocess.CalledProcessError as error:
        raise PatternError(error.stderr.strip().splitlines()[-1] if error.stderr else str(error))


class Coded(Protocol):
    """A tensor with codes."""

    codes: Tensor
    bits: int


class PatternErrors:
    """The same faults at every reading."""

    def __init__(self, path: Path) -> None:
        rows: Dict[str, list] = {}
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                numbers = [int(row[column]) for column in ("element", "zeros", "ones")]
                rows.setdefault(row["tensor"], []).append(numbers)
        self.faults = {name: torch.tensor(numbers) for name, numbers in rows.items()}

    def read(self, stored: Mapping[str, Coded]) -> Dict[str, Tensor]:
        """The codes as they are read back; names are PyTorch's or the file's."""
        read = {name: tensor.codes for name, tensor in stored.items()}
        names = {name_in_file(name): name for name in stored}
        for known_as, faults in self.faults.items():
            element, zeros, ones = faults.unbind(dim=1)
            if known_as not in names or element.max() >= read[names[known_as]].numel():
                raise PatternError(f"{known_as}: faults of another network")
            codes = read[names[known_as]]
            right = codes.flatten()[element]
            wrong = (right & ones) | (~right & zeros)
            read[names[known_as]] = codes.flatten().index_copy(0, element, wrong.int()).view_as(
                codes)
        return read
