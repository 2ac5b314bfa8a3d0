"""What the comparisons of the program with PyTorch have in common."""

import subprocess
import sys
from typing import Callable

import data
from onnx_network import NetworkError
from pattern import PatternError


def exit_status(compare: Callable[[], int]) -> int:
    """Runs a comparison that returns how many trials disagree: 3 if any do, 1 if it can't run."""
    try:
        return 3 if compare() else 0
    except (data.DataError, NetworkError, PatternError, OSError) as error:
        print(error, file=sys.stderr)
    except subprocess.CalledProcessError:
        pass  # brownout has said why
    return 1
