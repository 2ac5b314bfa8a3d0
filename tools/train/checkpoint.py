"""Checkpoints: a training that is killed goes on from its last epoch, and ends as it would have.

A checkpoint lies beside the file that is being trained and goes away with its completion. It knows
the options that it was made with: other options don't continue it.
"""

import os
from pathlib import Path

import torch

from training import Trainer


class CheckpointError(Exception):
    """Says in one line why a checkpoint can't be gone on from."""


class Checkpoint:
    """The checkpoint of one training, which `identity` names by all that decides its result."""

    def __init__(self, path: Path, identity: dict) -> None:
        self.path = path
        self.identity = identity

    def resume(self, trainer: Trainer) -> bool:
        """Gives `trainer` the state of the checkpoint; False if there is none."""
        if not self.path.is_file():
            return False
        try:
            saved = torch.load(self.path)
            identity, state = saved["identity"], saved["state"]
        except Exception as error:  # pickle, zip and PyTorch share no narrower class
            raise CheckpointError(f"{self.path}: cannot read: {str(error).splitlines()[0]}")
        different = sorted(key for key in {*identity, *self.identity}
                           if identity.get(key) != self.identity.get(key))
        if different:
            raise CheckpointError(f"{self.path}: of a training with other options "
                                  f"({', '.join(different)}); remove it to begin anew")
        trainer.load_state(state)
        return True

    def save(self, trainer: Trainer) -> None:
        """Writes beside the checkpoint and renames, so that it is never half of one."""
        temporary = self.path.with_name(f"{self.path.name}.{os.getpid()}.tmp")
        try:
            torch.save({"identity": self.identity, "state": trainer.state()}, temporary)
            os.replace(temporary, self.path)
        finally:
            temporary.unlink(missing_ok=True)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
