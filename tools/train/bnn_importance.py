#!/usr/bin/python3
"""Importance of neurons by the gradient of the margin, beside what `brownout tolerance` measures.

The margin of an image is the score of its class less the largest other one. Inverting a neuron's
output a changes it by about -2 a d(margin)/da: the margin that the neuron holds, summed over the
places of a channel, mean over the images. Gradients pass straight through signs, divided by the
root of the operands of the sum before, so that layers have about one size. Prints for each layer
the rank correlation of this estimate with the accuracy that was measured to be lost.

  brownout tolerance MODEL.onnx... -d fashion-mnist --no-measurement --json > tolerance.json
  tools/train/bnn_importance.py tolerance.json MODEL.onnx...
"""

import argparse
import json
import sys
from pathlib import Path
from typing import List

import libraries  # before torch
import numpy
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import Tensor

import bnn
import data


class Layer:
    """Weights, factors and summands of a layer of a file of bnn_export.py."""

    def __init__(self, tensors: dict, depth: int) -> None:
        name = f"layer{depth}"
        shape = [int(size) for size in tensors[f"{name}.shape"]]
        bits = numpy.unpackbits(tensors[f"{name}.packed"].ravel(), bitorder="little")
        weight = bits[: numpy.prod(shape)].reshape(shape) * 2.0 - 1
        self.weight = torch.from_numpy(weight.astype(numpy.float32))
        self.summand = tensors.get(f"{name}.summand")
        self.factor = tensors.get(f"{name}.factor")

    def product(self, x: Tensor) -> Tensor:
        if self.weight.dim() == 2:
            return F.linear(x.flatten(1), self.weight)
        return F.max_pool2d(F.conv2d(x, self.weight, padding=self.weight.shape[-1] // 2), 2)

    def forward(self, x: Tensor) -> Tensor:
        sums = self.product(x)
        if self.summand is None:
            return sums
        factor = 1.0 if self.factor is None else torch.from_numpy(self.factor.copy())
        above = sums * factor + torch.from_numpy(self.summand.copy())
        soft = above / self.weight[0].numel() ** 0.5
        return soft + (torch.where(above >= 0, 1.0, -1.0) - soft).detach()


def tensors_of(path: Path) -> dict:
    graph = onnx.load(str(path)).graph
    tensors = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    tensors.update({node.output[0]: numpy_helper.to_array(node.attribute[0].t)
                    for node in graph.node if node.op_type == "Constant"})
    return tensors


def estimates(path: Path, part: data.Images) -> List[numpy.ndarray]:
    """The margin that each neuron of each hidden layer of a vgg3 or fc network holds."""
    tensors = tensors_of(path)
    black = -int(tensors.get("middle", 0))
    pixels = bnn.Pixels(black, black + int(tensors["span"]))
    depths = sum(name.endswith(".packed") for name in tensors)
    layers = [Layer(tensors, depth) for depth in range(1, depths + 1)]
    held = [torch.zeros(layer.weight.shape[0]) for layer in layers[:-1]]
    for images, labels in zip(part.images.split(250), part.labels.split(250)):
        x = pixels.of(images)
        outputs = []
        for layer in layers:
            x = layer.forward(x)
            if layer is not layers[-1]:
                x.requires_grad_(True)
                outputs.append(x)
        of_class = x.gather(1, labels[:, None])[:, 0]
        others = x - 1e9 * F.one_hot(labels, x.shape[1])
        margin = (of_class - others.max(dim=1).values).sum()
        for total, output, gradient in zip(held, outputs, torch.autograd.grad(margin, outputs)):
            change = (2 * output * gradient).detach()
            total += change.flatten(2).sum(dim=(0, 2)) if change.dim() > 2 else change.sum(dim=0)
    return [total.numpy() / len(part.labels) for total in held]


def ranks(values: numpy.ndarray) -> numpy.ndarray:
    _, place, count = numpy.unique(values, return_inverse=True, return_counts=True)
    return (numpy.cumsum(count) - (count - 1) / 2)[place]


def agreement(held: numpy.ndarray, lost: numpy.ndarray) -> str:
    """How alike two estimates order the neurons of a layer; no order where one of them has none."""
    if numpy.ptp(held) == 0 or numpy.ptp(lost) == 0:
        return "no rank correlation: all alike"
    return f"rank correlation {numpy.corrcoef(ranks(held), ranks(lost))[0, 1]:.2f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measured", type=Path, help="output of brownout tolerance --json")
    parser.add_argument("models", type=Path, nargs="+")
    parser.add_argument("--data", type=Path, default=data.DATA_SETS["fashion-mnist"].folder)
    args = parser.parse_args()
    torch.set_num_threads(1)
    networks = {one["network"]: one for one in json.loads(args.measured.read_text())["networks"]}
    test = data.load_fashion(args.data, "test")
    for path in args.models:
        measured = networks[path.stem]
        count = measured["images"]
        found = estimates(path, data.Images(test.images[:count], test.labels[:count]))
        for layer, held in zip(measured["layers"], found):
            lost = numpy.array(layer["importances"])
            print(f"{path.stem}, {layer['name']}: {len(held)} neurons, {agreement(held, lost)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
