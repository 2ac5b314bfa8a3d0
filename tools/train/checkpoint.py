"""Checkpoints: a training that is killed goes on from its last epoch, and ends as it would have.

A checkpoint knows the options that it was made with: other options don't continue it.
"""

import argparse
import os
from pathlib import Path
from typing import Container, Protocol, Tuple

import torch


class Resumable(Protocol):
    """A training, all of whose state can be taken and given."""

    def state(self) -> dict: ...

    def load_state(self, state: dict) -> None: ...


class CheckpointError(Exception):
    """Says in one line why a checkpoint can't be gone on from."""


def identity_of(args: argparse.Namespace, without: Container[str]) -> dict:
    """What decides the result of a training: all of its options but those named."""
    return {name: str(value) for name, value in vars(args).items() if name not in without}


def read(path: Path) -> Tuple[dict, dict]:
    """Identity and state of the checkpoint in a file."""
    try:
        saved = torch.load(path)
        return saved["identity"], saved["state"]
    except Exception as error:  # pickle, zip and PyTorch share no narrower class
        raise CheckpointError(f"{path}: cannot read: {str(error).splitlines()[0]}")


class Checkpoint:
    """The checkpoint of one training, which `identity` names by all that decides its result."""

    def __init__(self, path: Path, identity: dict) -> None:
        self.path = path
        self.identity = identity

    def resume(self, trainer: Resumable) -> bool:
        """Gives `trainer` the state of the checkpoint; False if there is none."""
        if not self.path.is_file():
            return False
        identity, state = read(self.path)
        different = sorted(key for key in {*identity, *self.identity}
                           if identity.get(key) != self.identity.get(key))
        if different:
            raise CheckpointError(f"{self.path}: of a training with other options "
                                  f"({', '.join(different)}); remove it to begin anew")
        trainer.load_state(state)
        return True

    def save(self, trainer: Resumable) -> None:
        """Writes beside the checkpoint and renames, so that it is never half of one."""
        temporary = self.path.with_name(f"{self.path.name}.{os.getpid()}.tmp")
        try:
            torch.save({"identity": self.identity, "state": trainer.state()}, temporary)
            os.replace(temporary, self.path)
        finally:
            temporary.unlink(missing_ok=True)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
