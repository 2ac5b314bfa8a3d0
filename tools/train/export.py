"""Writes a trained network as ONNX, and gives a network the parameters of such a file."""

import re
from pathlib import Path
from typing import Mapping, Optional

import onnx
import torch
from torch import nn

from file_codes import FileCodes
from onnx_graph import Graph, Value
from onnx_network import NetworkError, OnnxNetwork


def to_onnx(network: nn.Module, metadata: Mapping[str, str],
            codes: Optional[Mapping[str, FileCodes]] = None) -> onnx.ModelProto:
    """The network as a file holds it: with float parameters, but for those that have `codes`."""
    graph = Graph(codes)
    image = Value("images", *network.image)
    return graph.model(image, network.emit(graph, image), metadata)


def name_in_file(name: str) -> str:
    """The name in a file of a parameter that PyTorch calls `name`: FashionNet counts from 1."""
    return re.sub(r"^(conv|norm)\.(\d+)\.", lambda at: f"{at[1]}{int(at[2]) + 1}.", name)


def load_parameters(network: nn.Module, path: Path) -> None:
    """Gives `network` the parameters of a file that `to_onnx` made, and its running statistics."""
    stored = OnnxNetwork(path).parameters
    with torch.no_grad():
        for name, value in (*network.named_parameters(), *network.named_buffers()):
            known_as = name_in_file(name)
            found = stored.get(known_as)
            if found is None or found.numel() != value.numel():
                raise NetworkError(f"{path}: no parameter {known_as} of {value.numel()} values")
            value.copy_(found.view_as(value))
