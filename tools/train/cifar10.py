"""CIFAR-10 in batches of 10,000 images: binary (`NAME.bin`) or as Python pickled them (`NAME`).

A binary batch is records of a label byte and 3 x 32 x 32 pixels, red first: what Brownout reads.
"""

import io
import pickle
from pathlib import Path
from typing import Callable, Tuple

import numpy

FOLDER = Path.home() / ".cache" / "brownout" / "cifar-10-batches-bin"  # where get_cifar10 puts it
RECORD = 1 + 3 * 32 * 32
TRAINING = tuple(f"data_batch_{k}" for k in range(1, 6))
TEST = "test_batch"

Batch = Tuple[numpy.ndarray, numpy.ndarray]  # uint8 [N, 3, 32, 32] and labels [N]


def to_bytes(images: numpy.ndarray, labels: numpy.ndarray) -> bytes:
    """A binary batch of uint8 images [N, 3, 32, 32]."""
    records = numpy.empty((len(labels), RECORD), numpy.uint8)
    records[:, 0] = labels
    records[:, 1:] = images.reshape(len(labels), -1)
    return records.tobytes()


def read_batch(folder: Path, name: str, error: Callable[[str], Exception]) -> Batch:
    """The batch of this name in `folder`; raises what `error` makes of a line if it can't be."""
    binary, pickled = folder / f"{name}.bin", folder / name
    try:
        if binary.is_file():
            content = binary.read_bytes()
            if not content or len(content) % RECORD != 0:
                raise error(f"{binary}: {len(content)} bytes, expected a multiple of {RECORD}")
            records = numpy.frombuffer(content, numpy.uint8).reshape(-1, RECORD)
            return records[:, 1:].reshape(-1, 3, 32, 32).copy(), records[:, 0].copy()
        if pickled.is_file():
            batch = _Unpickler(io.BytesIO(pickled.read_bytes()), encoding="bytes").load()
            images = numpy.asarray(batch[b"data"], numpy.uint8).reshape(-1, 3, 32, 32)
            return images, numpy.asarray(batch[b"labels"], numpy.uint8)
    except (OSError, pickle.UnpicklingError, EOFError, KeyError, ValueError, TypeError) as problem:
        raise error(f"{folder / name}: cannot read: {problem}")
    raise error(f"{folder}: neither {name}.bin nor {name}; fetch them with "
                "tools/train/get_cifar10, or name their folder with --folder")


class _Unpickler(pickle.Unpickler):
    """Makes arrays and plain values only: a pickle may otherwise run any program."""

    ALLOWED = {("numpy.core.multiarray", "_reconstruct"), ("numpy", "ndarray"),
               ("numpy", "dtype"), ("_codecs", "encode")}

    def find_class(self, module: str, name: str) -> object:
        if (module, name) not in self.ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of a batch")
        return super().find_class(module, name)
