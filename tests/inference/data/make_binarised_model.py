#!/usr/bin/python3
"""Writes binarised.onnx beside itself: a small binarised network, weights in bits, for tests that damage it.

usage: tests/inference/data/make_binarised_model.py
"""

import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parents[2] / "tools" / "train"))

import bnn_export
from test_bnn import small_network

model = bnn_export.to_onnx(small_network(), {"brownout.dataset": "none"})
(FOLDER / "binarised.onnx").write_bytes(model.SerializeToString())
