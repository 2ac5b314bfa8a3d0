#!/usr/bin/python3
"""Measures how fast PyTorch runs a network on one thread: a worker of speed.py, which describes the protocol.

    /usr/bin/python3 pytorch_speed.py NETWORK

Needs Debian's python3-torch and python3-onnx. Runs the nodes of the file one by one, as a module in evaluation mode does.
"""

import sys
import time

import onnx
import torch
import torch.nn.functional as F
from onnx import helper, numpy_helper


OPERATORS = {
    "Add": lambda a, x, y: x + y,
    "BatchNormalization": lambda a, x, scale, bias, mean, var: F.batch_norm(x, mean, var, scale, bias),
    "Concat": lambda a, *parts: torch.cat(parts, a["axis"]),
    "Conv": lambda a, x, w, b=None: F.conv2d(x, w, b, a["strides"], a["pads"][:2]),
    "Flatten": lambda a, x: x.flatten(1),
    "Gemm": lambda a, x, w, b: F.linear(x, w, b),
    "GlobalAveragePool": lambda a, x: x.mean((2, 3), keepdim=True),
    "InstanceNormalization": lambda a, x, scale, bias: F.instance_norm(x, weight=scale, bias=bias),
    "MaxPool": lambda a, x: F.max_pool2d(x, a["kernel_shape"], a["strides"]),
    "Mul": lambda a, x, y: x * y,
    "Relu": lambda a, x: F.relu(x),
    "Reshape": lambda a, x, to: x.reshape([x.shape[i] if n == 0 else n for i, n in enumerate(to.tolist())]),
    "Shape": lambda a, x: torch.tensor(x.shape),
}


class Module:
    def __init__(self, file: str) -> None:
        graph = onnx.load(file).graph
        self.constants = {t.name: torch.tensor(numpy_helper.to_array(t)) for t in graph.initializer}
        self.input, self.output = graph.input[0].name, graph.output[0].name
        self.shape = [d.dim_value for d in graph.input[0].type.tensor_type.shape.dim][1:]
        attributes = [{a.name: helper.get_attribute_value(a) for a in node.attribute} for node in graph.node]
        self.nodes = [(OPERATORS[n.op_type], a, list(n.input), n.output[0]) for n, a in zip(graph.node, attributes)]

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        values = {**self.constants, self.input: images}
        for run, attributes, inputs, output in self.nodes:
            values[output] = run(attributes, *(values[name] for name in inputs))
        return values[self.output]


def main(file: str) -> None:
    torch.set_num_threads(1)
    module = Module(file)
    with torch.inference_mode():
        for line in sys.stdin:
            batch, seconds = int(line.split()[0]), float(line.split()[1])
            images = torch.rand([batch, *module.shape])
            module(images)
            begin, done, spent = time.process_time(), 0, 0.0
            while spent < seconds:
                module(images)
                done += batch
                spent = time.process_time() - begin
            print(done / spent, flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
