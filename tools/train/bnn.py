"""Binarised networks: weights and activations of plus or minus one, and how they are trained.

A weight is a float in [-1, 1] whose sign is what the network computes with; gradients go straight
through the sign (the straight-through estimator). Bit flips are drawn after binarisation, each
weight by itself, anew for each batch, and gradients go straight through them, too.

Three shapes, named as by the authors (REFERENCES.md, Bit Error Tolerance Metrics for Binarized
Neural Networks):

    vgg3   [conv 3x3, max pool, BN, sign] x 2, linear, BN, sign, linear
    vgg7   [conv, BN, sign, conv, max pool, BN, sign] x 3, linear, BN, sign, linear
    fc     linear, BN, sign, linear, BN, sign, linear

Images are whole numbers, from -127 (black) to 127 or their bytes, so that every sum of the network
is a whole number that float32 holds exactly, and every way to compute it gives the same bits.
"""

from typing import List, NamedTuple, Optional, Sequence, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EPSILON = 1e-5


class _Sign(torch.autograd.Function):
    """+1 from zero up, else -1, as QONNX BipolarQuant; the gradient goes straight through."""

    @staticmethod
    def forward(context: object, x: Tensor) -> Tensor:
        # Adding zero makes +0 of -0, whose sign would be minus.
        return torch.copysign(torch.ones(()), x + 0.0)

    @staticmethod
    def backward(context: object, gradient: Tensor) -> Tensor:
        return gradient


class Flips:
    """Errors in the stored bits of weights: each is inverted with probability `rate`."""

    def __init__(self, seed: int) -> None:
        self.rate = 0.0
        self.generator = torch.Generator().manual_seed(seed)

    def of(self, weight: Tensor) -> Tensor:
        """The signs of a weight with fresh flips."""
        signs = _Sign.apply(weight)
        if self.rate == 0:
            return signs
        # 16 bits a draw, four draws a number: rates are multiples of 2^-16, which is 0.0015 %.
        numbers = torch.empty((weight.numel() + 3) // 4, dtype=torch.int64)
        numbers.random_(-1 << 63, None, generator=self.generator)
        drawn = numbers.view(torch.int16)[: weight.numel()].view(weight.shape)
        flipped = drawn < round(self.rate * (1 << 16)) - (1 << 15)
        return signs * flipped.float().mul_(-2).add_(1)


def unfolded_convolution(x: Tensor, weight: Tensor) -> Tensor:
    """The convolution of [N, C, H, W] with [O, C, K, K], K odd, same size, padded with zeros: as
    one matrix product. Returns [N, O, H, W], its channels last in memory."""
    side = weight.shape[2]
    images, _, height, width = x.shape
    padded = F.pad(x, [side // 2] * 4)
    windows = padded.unfold(2, side, 1).unfold(3, side, 1).permute(0, 2, 3, 1, 4, 5)
    rows = windows.reshape(images * height * width, -1)
    product = F.linear(rows, weight.flatten(1))
    return product.view(images, height, width, -1).permute(0, 3, 1, 2)


class Layer(nn.Module):
    """A product with weights of one bit, then perhaps max pooling, batch norm and a sign."""

    def __init__(self, inputs: int, outputs: int, flips: Flips, kernel: int = 0, pool: bool = False,
                 last: bool = False) -> None:
        super().__init__()
        self.flips = flips
        self.kernel = kernel
        self.pool = pool
        shape = (outputs, inputs, kernel, kernel) if kernel else (outputs, inputs)
        self.weight = nn.Parameter(torch.empty(shape).uniform_(-0.1, 0.1))
        self.norm: Optional[nn.Module] = None
        if not last:
            self.norm = (nn.BatchNorm2d if kernel else nn.BatchNorm1d)(outputs, eps=EPSILON)

    def product(self, x: Tensor) -> Tensor:
        """Whole numbers: sums of activations, plus or minus."""
        weight = self.flips.of(self.weight)
        if not self.kernel:
            return F.linear(x.flatten(1), weight)
        # Channels last: several times as fast. Few channels are unfolded to fill vectors with.
        if x.shape[1] * self.kernel < 16:
            x = unfolded_convolution(x, weight)
        else:
            last = torch.channels_last
            x = F.conv2d(x.contiguous(memory_format=last), weight.contiguous(memory_format=last),
                         padding=self.kernel // 2)
        return F.max_pool2d(x, 2) if self.pool else x

    def forward(self, x: Tensor) -> Tensor:
        x = self.product(x)
        return x if self.norm is None else _Sign.apply(F.hardtanh(self.norm(x)))


class Pixels(NamedTuple):
    """What the first layer sees of an image: whole numbers from black to white."""
    black: int
    white: int

    def of(self, images: Tensor) -> Tensor:
        """Of images of bytes."""
        return (images.float() * ((self.white - self.black) / 255) + self.black).round()

    @property
    def most(self) -> int:
        return max(abs(self.black), abs(self.white))


PIXELS = {"signed": Pixels(-127, 127), "bytes": Pixels(0, 255)}


class Input(NamedTuple):
    channels: int
    side: int
    pixels: Pixels = PIXELS["signed"]


class Network(nn.Module):
    """Whole numbers [N, classes], the scores of images [N, channels, side, side], uint8."""

    def __init__(self, shape: str, image: Input, channels: int, hidden: int, classes: int,
                 seed: int) -> None:
        super().__init__()
        self.flips = Flips(seed)
        self.image = image
        # Each of these is a number of outputs, and whether a max pooling follows.
        convolutions: Sequence[Tuple[int, bool]] = ()
        if shape == "vgg3":
            convolutions = ((channels, True), (channels, True))
        elif shape == "vgg7":
            convolutions = tuple((channels * width, pool)
                                 for width in (1, 2, 4) for pool in (False, True))
        layers: List[Layer] = []
        width, side = image.channels, image.side
        for outputs, pool in convolutions:
            layers.append(Layer(width, outputs, self.flips, 3, pool))
            width, side = outputs, side // 2 if pool else side
        features = width * side * side
        for _ in range(2 if shape == "fc" else 1):
            layers.append(Layer(features, hidden, self.flips))
            features = hidden
        layers.append(Layer(features, classes, self.flips, last=True))
        self.layers = nn.ModuleList(layers)
        self.scale = nn.Parameter(torch.tensor(1e-3))  # of the scores, for losses that learn it

    def forward(self, images: Tensor) -> Tensor:
        x = self.image.pixels.of(images)
        for layer in self.layers:
            x = layer(x)
        return x


def cross_entropy(scores: Tensor, labels: Tensor, scale: Tensor, b: float) -> Tensor:
    """Cross-entropy of the scores times a learned scale; `b` plays no part."""
    return F.cross_entropy(scores * scale, labels)


def modified_hinge(scores: Tensor, labels: Tensor, scale: Tensor, b: float) -> Tensor:
    """Mean over the classes of max(0, b - y score) / b, y = 1 for the true class, else -1."""
    wanted = 2.0 * F.one_hot(labels, scores.shape[1]) - 1
    return (F.relu(b - wanted * scores * scale) / b).mean()


def margin(scores: Tensor, labels: Tensor, scale: Tensor, b: float) -> Tensor:
    """Cross-entropy where the true class has to lead by `b`: the loss sees its score less `b`."""
    return F.cross_entropy((scores - b * F.one_hot(labels, scores.shape[1])) * scale, labels)


LOSSES = {"crossentropy": cross_entropy, "mhl": modified_hinge, "margin": margin}
