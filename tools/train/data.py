"""The data sets that can be trained on, by the name that `--data` takes.

Fashion-MNIST comes from the four idx .gz files that the Debian package dataset-fashion-mnist
installs, CIFAR-10 from batches (cifar10.py).
"""

import gzip
import struct
import zlib
from pathlib import Path
from typing import Callable, Dict, NamedTuple, Tuple

import numpy
import torch
from torch import Tensor

import cifar10


class DataError(Exception):
    """Says in one line which file is wrong and what was expected."""


class Images(NamedTuple):
    images: Tensor  # uint8 [N, channels, rows, columns]
    labels: Tensor  # int64 [N]


class DataSet(NamedTuple):
    """Where a data set is looked for, what its classes are, and how one of its parts is read."""

    folder: Path
    classes: Tuple[str, ...]
    load: Callable[[Path, str], Images]  # the part "train" or "test" of a folder


def load_fashion(folder: Path, part: str) -> Images:
    """The `part` of Fashion-MNIST in `folder`."""
    stem = {"train": "train", "test": "t10k"}[part]
    images = _read_idx(folder / f"{stem}-images-idx3-ubyte.gz", dimensions=3)
    labels = _read_idx(folder / f"{stem}-labels-idx1-ubyte.gz", dimensions=1)
    if len(images) != len(labels):
        raise DataError(f"{folder}: {len(images)} {stem} images but {len(labels)} labels")
    return Images(torch.from_numpy(images).unsqueeze(1), torch.from_numpy(labels).long())


def to_input(images: Tensor) -> Tensor:
    """What the networks take: float32 in [0, 1]."""
    return images.float() / 255


def _read_idx(path: Path, dimensions: int) -> numpy.ndarray:
    try:
        content = gzip.decompress(path.read_bytes())
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; install the package dataset-fashion-mnist "
                        "or name its folder with --folder")
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot read: {error}")
    header_bytes = 4 + 4 * dimensions
    if len(content) < header_bytes or content[:4] != bytes((0, 0, 8, dimensions)):
        found = content[:4].hex(" ") or "nothing"
        raise DataError(f"{path}: starts with {found}, expected 00 00 08 0{dimensions} "
                        f"(idx, bytes, {dimensions} dimensions)")
    shape = struct.unpack(f">{dimensions}I", content[4:header_bytes])
    values = numpy.frombuffer(content, dtype=numpy.uint8, offset=header_bytes)
    if values.size != numpy.prod(shape):
        raise DataError(f"{path}: {values.size} values after the header, "
                        f"which promises {' x '.join(map(str, shape))}")
    return values.reshape(shape).copy()


def load_cifar10(folder: Path, part: str) -> Images:
    """The `part` of CIFAR-10 in `folder`: binary batches or those that Python pickled."""
    names = cifar10.TRAINING if part == "train" else [cifar10.TEST]
    batches = [cifar10.read_batch(folder, name, DataError) for name in names]
    return Images(torch.from_numpy(numpy.concatenate([images for images, _ in batches])),
                  torch.from_numpy(numpy.concatenate([labels for _, labels in batches])).long())


DATA_SETS: Dict[str, DataSet] = {
    "fashion-mnist": DataSet(
        Path("/usr/share/datasets/fashion-mnist"),
        ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
         "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
        load_fashion),
    "cifar-10": DataSet(
        cifar10.FOLDER,
        ("airplane", "automobile", "bird", "cat", "deer",
         "dog", "frog", "horse", "ship", "truck"),
        load_cifar10),
}


def load(name: str, folder: Path, part: str) -> Images:
    """The part "train" or "test" of a data set."""
    return DATA_SETS[name].load(folder, part)
