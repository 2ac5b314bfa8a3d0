#!/usr/bin/python3
"""Writes binarised.onnx beside itself, a small binarised network, weights in bits, for tests that damage it, and the
corpus of the fuzzer "binarised": the same in other shapes, with Sign, with padding of plus one, with batch norm.

usage: tests/inference/data/make_binarised_model.py
"""

import sys
from pathlib import Path

import numpy
import onnx
from onnx import helper, numpy_helper

FOLDER = Path(__file__).resolve().parent
CORPUS = FOLDER.parents[1] / "fuzz" / "corpus" / "binarised"
sys.path.insert(0, str(FOLDER.parents[2] / "tools" / "train"))

import bnn_export
from test_bnn import small_network


def model(shape: str = "vgg3") -> onnx.ModelProto:
    return bnn_export.to_onnx(small_network(shape), {"brownout.dataset": "none"})


def with_sign() -> onnx.ModelProto:
    made = model()
    for node in made.graph.node:
        if node.op_type == "BipolarQuant" and node.name.endswith(".sign"):
            node.op_type, node.domain = "Sign", ""
            del node.input[1:]
    return made


def with_padding() -> onnx.ModelProto:
    """Padding of plus one before the second convolution."""
    made = model()
    nodes = list(made.graph.node)
    place = next(i for i, node in enumerate(nodes) if node.name == "layer2")
    conv = nodes[place]
    del next(a for a in conv.attribute if a.name == "pads").ints[:]
    conv.attribute.remove(next(a for a in conv.attribute if a.name == "pads"))
    pads = numpy_helper.from_array(numpy.array([0, 0, 1, 1, 0, 0, 1, 1]), "pads")
    nodes.insert(place, helper.make_node("Constant", [], ["pads"], value=pads))
    nodes.insert(place + 1, helper.make_node("Pad", [conv.input[0], "pads", "layer1.plus"],
                                             ["padded"]))
    conv.input[0] = "padded"
    del made.graph.node[:]
    made.graph.node.extend(nodes)
    return made


def with_batch_norm() -> onnx.ModelProto:
    """Batch norm in place of the last threshold."""
    made = model()
    rows = 19
    for name, value in (("gamma", -0.5), ("beta", 0.25), ("mean", 3), ("variance", 7)):
        tensor = numpy.full(rows, value, numpy.float32)
        made.graph.initializer.append(numpy_helper.from_array(tensor, name))
    above = next(node for node in made.graph.node if node.name == "layer3.above")
    above.op_type = "BatchNormalization"
    del above.input[1:]
    above.input.extend(["gamma", "beta", "mean", "variance"])
    return made


(FOLDER / "binarised.onnx").write_bytes(model().SerializeToString())
for name, made in (("vgg3", model()), ("vgg7", model("vgg7")), ("fc", model("fc")),
                   ("sign", with_sign()), ("padding", with_padding()),
                   ("batch-norm", with_batch_norm())):
    onnx.checker.check_model(made)
    (CORPUS / name).write_bytes(made.SerializeToString())
