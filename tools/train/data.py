"""Fashion-MNIST from the four idx .gz files that the Debian package dataset-fashion-mnist
installs."""

import gzip
import struct
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy
import torch
from torch import Tensor

DEFAULT_FOLDER = Path("/usr/share/datasets/fashion-mnist")
CLASSES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
           "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")


class DataError(Exception):
    """Says in one line which file is wrong and what was expected."""


class Images(NamedTuple):
    images: Tensor  # uint8 [N, 1, rows, columns]
    labels: Tensor  # int64 [N]


def load(folder: Path, part: str) -> Images:
    """The `part` ("train" or "t10k") of the data set in `folder`."""
    images = _read_idx(folder / f"{part}-images-idx3-ubyte.gz", dimensions=3)
    labels = _read_idx(folder / f"{part}-labels-idx1-ubyte.gz", dimensions=1)
    if len(images) != len(labels):
        raise DataError(f"{folder}: {len(images)} {part} images but {len(labels)} labels")
    return Images(torch.from_numpy(images).unsqueeze(1), torch.from_numpy(labels).long())


def to_input(images: Tensor) -> Tensor:
    """What the networks take: float32 in [0, 1]."""
    return images.float() / 255


def augment(images: Tensor, shift: int, generator: torch.Generator) -> Tensor:
    """Mirrors each image with probability 1/2 and moves it up to `shift` pixels each way."""
    count, _, rows, columns = images.shape
    mirrored = torch.rand(count, generator=generator) < 0.5
    images = torch.where(mirrored.view(-1, 1, 1, 1), images.flip(3), images)
    if shift == 0:
        return images
    padded = torch.nn.functional.pad(images, (shift,) * 4)
    down = torch.randint(0, 2 * shift + 1, (count, 1, 1), generator=generator)
    right = torch.randint(0, 2 * shift + 1, (count, 1, 1), generator=generator)
    row = torch.arange(rows).view(1, -1, 1) + down
    column = torch.arange(columns).view(1, 1, -1) + right
    return padded[torch.arange(count).view(-1, 1, 1), 0, row, column].unsqueeze(1)


def _read_idx(path: Path, dimensions: int) -> numpy.ndarray:
    try:
        content = gzip.decompress(path.read_bytes())
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; install the package dataset-fashion-mnist "
                        "or name its folder with --data")
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
