"""Training: batches, the loss with and without bit errors, and the steps of the optimiser."""

import sys
import time
from contextlib import AbstractContextManager
from typing import Callable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.stateless import functional_call

import augment
import data
from memory import Errors, Memory, Parameters, RandomErrors
from onnx_network import OnnxNetwork

LOSS_BEFORE_ERRORS = 1.75  # bit errors join once the clean loss of a batch is under this
PERTURBED_GRADIENT_LIMIT = 0.05
FIRST_SHARE_OF_RATE = 1 / 20  # of the bit error rate that curricular training begins with
CURRICULUM = 0.5  # share of the epochs after which it has reached the whole rate


class Recipe(NamedTuple):
    """How to train, in numbers."""

    epochs: int
    batch: int
    rate: float
    schedule: str  # "steps": a tenth after each share of `drops`; "linear": to zero
    drops: Sequence[float]
    decay: float
    shift: int
    cut_out: int
    smoothing: float
    clip: Optional[float]
    randbet: str  # "fixed", "curricular" or "alternating"
    half_precision: bool  # convolutions and products in bfloat16
    teaching: float  # share of the loss that the teachers have, where there are any
    temperature: float  # by which logits are divided before they are compared with the teachers'


def batches(part: data.Images, recipe: Recipe, generator: torch.Generator) -> Iterator[data.Images]:
    """One epoch in random order, augmented; the incomplete last batch is left out."""
    order = torch.randperm(len(part.labels), generator=generator)
    for chosen in order[: len(order) // recipe.batch * recipe.batch].split(recipe.batch):
        images = augment.mirror_and_shift(part.images[chosen], recipe.shift, generator)
        yield data.Images(augment.cut_out(images, recipe.cut_out, generator), part.labels[chosen])


def learning_rate(recipe: Recipe, epoch: int, step: int, steps: int) -> float:
    """The rate of step `step` of `steps` in epoch `epoch`, both counted from 0.

    "linear" rises from nothing to the rate in the first epoch and then falls to nothing.
    """
    if recipe.schedule == "steps":
        rate = recipe.rate
        for share in recipe.drops:
            if epoch >= round(recipe.epochs * share):
                rate *= 0.1
        return rate
    whole = recipe.epochs * steps
    at = epoch * steps + step
    if recipe.epochs == 1:
        return recipe.rate * (whole - at) / whole
    return recipe.rate * min((at + 1) / steps, (whole - at) / (whole - steps))


class Lesson(NamedTuple):
    """What the images of a batch are to be answered with."""

    labels: Tensor
    taught: Optional[Tensor]  # mean class probabilities of the teachers, at the temperature


def with_teaching(loss: Tensor, logits: Tensor, taught: Tensor, recipe: Recipe) -> Tensor:
    """The loss of the labels together with that of what teachers say (Hinton, Vinyals and Dean,
    "Distilling the knowledge in a neural network", 2015).

    The latter is times the square of the temperature, so that its gradients are as large.
    """
    of_teachers = F.cross_entropy(logits / recipe.temperature, taught) * recipe.temperature**2
    return (1 - recipe.teaching) * loss + recipe.teaching * of_teachers


class Trainer:
    """A network in training, with the optimiser's state: all that a checkpoint holds."""

    def __init__(self, network: nn.Module, memory: Memory, errors: Optional[Errors],
                 recipe: Recipe, seed: int, teachers: Sequence[OnnxNetwork] = ()) -> None:
        self.network = network
        self.teachers = teachers
        self.memory = memory
        self.errors = errors
        self.recipe = recipe
        self.order = torch.Generator().manual_seed(seed)
        self.optimizer = torch.optim.SGD(network.parameters(), lr=recipe.rate, momentum=0.9,
                                         nesterov=True, weight_decay=recipe.decay)
        self.epochs_done = 0
        self.seconds = 0.0

    def run(self, training: data.Images, after_epoch: Callable[[], None]) -> None:
        """Trains the epochs that are left, and says after each how long the others will take."""
        while self.epochs_done < self.recipe.epochs:
            began = time.monotonic()
            words = self._train_epoch(training)
            self.epochs_done += 1
            self.seconds += time.monotonic() - began
            left = self.seconds / self.epochs_done * (self.recipe.epochs - self.epochs_done)
            print(f"epoch {self.epochs_done}/{self.recipe.epochs}: {words}; "
                  f"{self.seconds:.0f} s, {left:.0f} s left", file=sys.stderr, flush=True)
            after_epoch()

    def state(self) -> dict:
        state = {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict(),
                 "order": self.order.get_state(), "epochs_done": self.epochs_done,
                 "seconds": self.seconds}
        if isinstance(self.errors, RandomErrors):
            state["errors"] = self.errors.generator.get_state()
        return state

    def load_state(self, state: dict) -> None:
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.order.set_state(state["order"])
        self.epochs_done, self.seconds = state["epochs_done"], state["seconds"]
        if isinstance(self.errors, RandomErrors):
            self.errors.generator.set_state(state["errors"])

    def _train_epoch(self, training: data.Images) -> str:
        """One pass over the images; returns the mean losses in words."""
        recipe, clean_losses, perturbed_losses = self.recipe, [], []
        self.network.train()
        steps = len(training.labels) // recipe.batch
        for step, (images, labels) in enumerate(batches(training, recipe, self.order)):
            for group in self.optimizer.param_groups:
                group["lr"] = learning_rate(recipe, self.epochs_done, step, steps)
            inputs = data.to_input(images).contiguous(memory_format=torch.channels_last)
            lesson = self._lesson_of(inputs, labels)
            loss, grads = self._gradients(None, inputs, lesson)
            clean_losses.append(loss)
            if self.errors is not None and loss < LOSS_BEFORE_ERRORS:
                perturbed_losses.append(self._step_with_errors(grads, inputs, lesson))
            else:
                self._step(grads)
        words = f"loss {sum(clean_losses) / len(clean_losses):.4f}"
        if perturbed_losses:
            words += f", with bit errors {sum(perturbed_losses) / len(perturbed_losses):.4f}"
        return words

    def _lesson_of(self, inputs: Tensor, labels: Tensor) -> Lesson:
        """What a batch is to be answered with: labels, and what the teachers say to its images."""
        if not self.teachers:
            return Lesson(labels, None)
        with precision(self.recipe.half_precision):
            said = [teacher.logits(inputs, teacher.parameters).float() for teacher in self.teachers]
        softened = [F.softmax(logits / self.recipe.temperature, dim=1) for logits in said]
        return Lesson(labels, torch.stack(softened).mean(dim=0))

    def _step_with_errors(self, clean: Sequence[Tensor], inputs: Tensor, lesson: Lesson) -> float:
        """Makes one step with the mean of both gradients, or, alternating, a step with each.

        The step with errors of the latter leaves every parameter in the range that it had: errors
        are not to widen the range that decides how large they are. Returns the loss with errors.
        """
        limit = PERTURBED_GRADIENT_LIMIT
        if self.recipe.randbet == "alternating":
            self._step(clean)
            spans = self.memory.ranges(self.network)
            loss, grads = self._gradients(self._errors_now(), inputs, lesson)
            self._step([grad.clamp(-limit, limit) for grad in grads])
            with torch.no_grad():
                for name, parameter in self.network.named_parameters():
                    if name in spans:
                        parameter.clamp_(spans[name].low, spans[name].high)
            return loss
        loss, grads = self._gradients(self._errors_now(), inputs, lesson)
        self._step([(one + other.clamp(-limit, limit)) / 2 for one, other in zip(clean, grads)])
        return loss

    def _errors_now(self) -> Optional[Errors]:
        """The errors of this epoch: fewer at first in curricular training."""
        if self.recipe.randbet != "curricular" or not isinstance(self.errors, RandomErrors):
            return self.errors
        grown = min(1.0, self.epochs_done / max(1.0, CURRICULUM * self.recipe.epochs))
        share = FIRST_SHARE_OF_RATE + (1 - FIRST_SHARE_OF_RATE) * grown
        return RandomErrors(self.errors.rate * share, self.errors.generator, self.errors.every_bit)

    def _gradients(self, errors: Optional[Errors], images: Tensor,
                   lesson: Lesson) -> Tuple[float, Sequence[Tensor]]:
        """Loss of one batch's labels with the parameters read through `errors`, and the gradients
        of that and of what teachers say."""
        read = self.memory.read(self.network, errors)
        with precision(self.recipe.half_precision):
            logits = functional_call(self.network, read, images).float()
        loss = F.cross_entropy(logits, lesson.labels, label_smoothing=self.recipe.smoothing)
        whole = (loss if lesson.taught is None else
                 with_teaching(loss, logits, lesson.taught, self.recipe))
        return loss.item(), torch.autograd.grad(whole, list(self.network.parameters()))

    def _step(self, grads: Sequence[Tensor]) -> None:
        for parameter, grad in zip(self.network.parameters(), grads):
            parameter.grad = grad
        self.optimizer.step()
        if self.recipe.clip is not None:
            with torch.no_grad():
                for parameter in self.network.parameters():
                    parameter.clamp_(-self.recipe.clip, self.recipe.clip)


def precision(half: bool) -> AbstractContextManager:
    """Convolutions and products in bfloat16 where `half`, for processors that have it."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=half)


@torch.no_grad()
def error_on(network: nn.Module, parameters: Parameters, part: data.Images) -> float:
    """The share of images that the network gets wrong, computed in float32."""
    network.eval()
    wrong: List[int] = []
    for images, labels in zip(part.images.split(500), part.labels.split(500)):
        inputs = data.to_input(images).contiguous(memory_format=torch.channels_last)
        logits = functional_call(network, parameters, inputs)
        wrong.append(int((logits.argmax(dim=1) != labels).sum()))
    return sum(wrong) / len(part.labels)
