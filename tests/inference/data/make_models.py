#!/usr/bin/env python3
"""Makes the networks of this folder and the logits that PyTorch computes with them.

    /usr/bin/python3 make_models.py [FOLDER]

Needs Debian's python3-torch and python3-onnx. For each NAME: NAME.onnx as PyTorch's exporter writes it
(one initialiser more or less is not our choice), and NAME.txt: the image shape, then a line of logits for
each of five images. Pixel i of image n is ((7919 i + 104729 n) mod 256) / 255, so that any program can make the
same images.
"""

import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.onnx import TrainingMode

IMAGES = 5


class GroupNormNet(nn.Module):
    """What PyTorch makes of GroupNorm; flattening by a shape computed at run time."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1, bias=False)
        self.norm1 = nn.GroupNorm(2, 8)
        self.conv2 = nn.Conv2d(8, 12, 3, stride=2, padding=1)
        self.norm2 = nn.GroupNorm(3, 12)
        self.linear = nn.Linear(12 * 9, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.norm1(self.conv1(x))), 2)
        x = F.relu(self.norm2(self.conv2(x)))
        return self.linear(x.view(x.size(0), -1))


class MobileNet(nn.Module):
    """Depthwise and pointwise convolutions, batch norm, Clip, HardSwish, a gate, a residual sum."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False)
        self.stem_norm = nn.BatchNorm2d(8)
        self.expand = nn.Conv2d(8, 16, 1, bias=False)
        self.expand_norm = nn.BatchNorm2d(16)
        self.depthwise = nn.Conv2d(16, 16, 5, padding=2, groups=16, bias=False)
        self.depthwise_norm = nn.BatchNorm2d(16)
        self.squeeze = nn.Conv2d(16, 4, 1)
        self.excite = nn.Conv2d(4, 16, 1)
        self.project = nn.Conv2d(16, 8, 1, bias=False)
        self.project_norm = nn.BatchNorm2d(8)
        self.dilated = nn.Conv2d(8, 12, 3, padding=2, dilation=2, groups=2)
        self.after = nn.BatchNorm2d(12)
        self.linear = nn.Linear(12, 7)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu6(self.stem_norm(self.stem(x)))
        y = F.hardswish(self.expand_norm(self.expand(x)))
        y = F.leaky_relu(self.depthwise_norm(self.depthwise(y)), 0.1)
        gate = F.adaptive_avg_pool2d(y, 1)
        gate = torch.sigmoid(self.excite(F.relu(self.squeeze(gate))))
        x = x + self.project_norm(self.project(y * gate))
        x = F.avg_pool2d(x, 3, stride=2, padding=1)
        x = self.after(F.relu(self.dilated(x)))  # behind the activation: can't be folded
        return self.linear(x.mean(dim=(2, 3)))


class DenseNet(nn.Module):
    """Concatenation, padding, slices, transposed products, instance norm, softmax."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(2, 6, 3)
        self.norm = nn.InstanceNorm2d(6, affine=True)
        self.conv2 = nn.Conv2d(6, 6, (1, 3), padding=(0, 1))
        self.query = nn.Linear(12, 8)
        self.key = nn.Linear(12, 8, bias=False)
        self.layer_norm = nn.LayerNorm(12)
        self.linear = nn.Linear(12, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x, (1, 1, 1, 1), value=0.5)
        x = F.elu(self.norm(self.conv1(x)))
        x = torch.cat((x, torch.tanh(self.conv2(x))), dim=1)  # [N, 12, 9, 9]
        x = x[:, :, 1:8:2, 1:8:2].flatten(2).transpose(1, 2)  # [N, 16, 12]
        x = self.layer_norm(x)
        attention = torch.softmax(self.query(x) @ self.key(x).transpose(1, 2) / 3.0, dim=-1)
        x = x + attention @ x
        return torch.log_softmax(self.linear(x.mean(dim=1)), dim=-1)


def images(shape: tuple) -> Tensor:
    pixels = torch.arange(torch.Size(shape).numel())
    rows = [((7919 * pixels + 104729 * n) % 256).float() / 255 for n in range(IMAGES)]
    return torch.stack(rows).view(IMAGES, *shape)


def randomize(network: nn.Module) -> None:
    """Every parameter and statistic away from the values it starts with."""
    for module in network.modules():
        if isinstance(module, (nn.BatchNorm2d, nn.GroupNorm, nn.InstanceNorm2d, nn.LayerNorm)):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.3, 0.3)
            nn.init.uniform_(module.running_var, 0.5, 2.0)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    cases = {
        "groupnorm": (GroupNormNet, (1, 12, 12), 13),
        "mobile": (MobileNet, (3, 16, 16), 13),
        "attention": (DenseNet, (2, 9, 9), 12),
    }
    for name, (make, shape, opset) in cases.items():
        torch.manual_seed(len(name))
        network = make()
        randomize(network)
        network.eval()
        batch = images(shape)
        with torch.no_grad():
            logits = network(batch)
        # "mobile" keeps its batch normalisations; the exporter folds them itself into "mobile-folded".
        for suffix, training in (("", TrainingMode.PRESERVE), ("-folded", TrainingMode.EVAL)):
            if suffix and name != "mobile":
                continue
            torch.onnx.export(
                network, batch[:2], folder / f"{name}{suffix}.onnx", opset_version=opset,
                training=training, do_constant_folding=bool(suffix), input_names=["images"],
                output_names=["logits"], dynamic_axes={"images": {0: "N"}, "logits": {0: "N"}})
        lines = [" ".join(str(size) for size in shape)]
        lines += [" ".join(f"{value:.9g}" for value in row) for row in logits.tolist()]
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
