"""The whole state of a training, so that a run that is killed continues to the same weights."""

from __future__ import annotations

import os
import pathlib
from typing import Any, Optional

import torch


class Checkpoint:
    """One file, replaced as a whole: a run that dies while it writes leaves the one before."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path

    def write(self, state: dict[str, Any]) -> None:
        beside = self.path.with_name(self.path.name + ".new")
        with open(beside, "wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self.path)

    def read(self, identity: dict[str, Any], device: torch.device) -> Optional[dict[str, Any]]:
        """The state, or None if there is none.

        Raises:
            ValueError: if the state is of a run with other settings, files or images.
        """
        if not self.path.exists():
            return None
        state = torch.load(self.path, map_location=device)
        if state["identity"] != identity:
            different = [name for name in identity if state["identity"].get(name) != identity[name]]
            raise ValueError(
                f"{self.path}: is of a run that differs in {', '.join(different)}; remove it to start anew"
            )
        return state

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)
