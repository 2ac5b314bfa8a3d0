#!/usr/bin/python3
"""Writes quantized.onnx beside itself: a small network of codes from end to end, for tests that damage it.

    make_quantized_model.py

Every operator that has an integer form is in it. Needs python3-onnx and numpy.
"""

import sys
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent / "peers"))
from integer_networks import IntegerGraph  # noqa: E402


def main() -> None:
    g = IntegerGraph("quantized", np.uint8, np.int8, True, ("N", 3, 9, 9))
    x = g.quantize("x", -1, 1)
    x = g.conv(x, 3, 8, 0, 2)
    y = g.conv(x, 8, 8, -2, 2)
    y = g.conv(y, 8, 8, -2, 2, group=8)
    x = g.add(x, y, 0, 3)
    y = x._replace(name=g("MaxPool", x.name, kernel_shape=[2, 2], strides=[2, 2]))
    x = g.quantize(g("AveragePool", g.value(x), kernel_shape=[3, 3], strides=[2, 2]), 0, 2.1)
    x = g.quantize(g("Concat", g.value(x), g.value(y), axis=1), 0, 2.5)
    x = g.quantize(g("GlobalAveragePool", g.value(x)), 0, 2.3)
    x = x._replace(name=g("Flatten", x.name))
    output = g.value(g.linear(x, 16, 5, -3, 3))
    (FOLDER / "quantized.onnx").write_bytes(g.model(output).SerializeToString())


if __name__ == "__main__":
    main()
