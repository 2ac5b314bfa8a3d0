#!/usr/bin/env python3
"""Writes zoo_logits.txt: what PyTorch makes of the first test images with each network of inference/zoo.

    /usr/bin/python3 make_zoo_logits.py [REPOSITORY]

For each network a line "SHA1 NAME" of its file and a line of logits for each image. Images are the pixels of the first
IMAGES images of Fashion-MNIST, one after the other, cut into as many images of the network's own shape as they fill.
Run it again when the zoo changes.
Needs Debian's python3-torch, python3-onnx and dataset-fashion-mnist.
"""

import gzip
import hashlib
import math
import sys
from pathlib import Path

import torch

IMAGES = 20
TEST_IMAGES = Path("/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz")


def main() -> None:
    here = Path(__file__).resolve().parent
    repository = Path(sys.argv[1]) if len(sys.argv) > 1 else here.parents[2]
    sys.path.insert(0, str(repository / "tools" / "train"))
    sys.path.insert(0, str(here.parent))
    from bnn_scores import scores_of
    from onnx_network import OnnxNetwork

    with gzip.open(TEST_IMAGES) as file:
        pixels = file.read(16 + IMAGES * 784)[16:]
    pixels = torch.tensor(list(pixels)).float() / 255
    lines = []
    for path in sorted((repository / "inference" / "zoo").glob("*.onnx")):
        lines.append(f"{hashlib.sha1(path.read_bytes()).hexdigest()} {path.name}")
        with torch.no_grad():
            if path.name.startswith("fashion-bnn-"):
                images = pixels.view(IMAGES, 1, 28, 28).numpy()
                logits = torch.from_numpy(scores_of(path, images))
            else:
                network = OnnxNetwork(path)
                size = math.prod(network.image_shape)
                images = pixels[: len(pixels) // size * size].view(-1, *network.image_shape)
                logits = network.logits(images, network.parameters)
            for row in logits.tolist():
                lines.append(" ".join(f"{value:.9g}" for value in row))
    (here / "zoo_logits.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
