"""What TensorBoard shows of a training, in its own format, written by its own library where that is installed."""

from __future__ import annotations

from typing import Any, Optional

from ._settings import Epoch


class Log:
    """Losses and rates by step, shares by epoch; nothing where no folder is given."""

    def __init__(self, folder: Optional[str]) -> None:
        self._writer: Any = None
        if folder is None:
            return
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise ValueError("a log needs the package tensorboard: pip install tensorboard") from error
        self._writer = SummaryWriter(folder)

    def step(self, number: int, loss: float, rate: float) -> None:
        if self._writer:
            self._writer.add_scalar("loss", loss, number)
            self._writer.add_scalar("learning rate", rate, number)

    def epoch(self, epoch: Epoch) -> None:
        for name in ("agreement", "accuracy", "difference"):
            value = getattr(epoch, name)
            if self._writer and value is not None:
                self._writer.add_scalar(f"validation/{name}", value, epoch.number)

    def close(self) -> None:
        if self._writer:
            self._writer.close()
