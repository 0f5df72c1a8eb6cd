"""The training itself."""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import math
import os
import pathlib
import tempfile
from collections.abc import Callable, Iterator
from typing import Any, Optional, Union

import numpy as np
import torch
from torch import nn

from .. import _models
from .._api import verify
from .._process import run
from . import _data
from ._average import Average
from ._checkpoint import Checkpoint
from ._data import Images, Order, Pixels, changed
from ._distributed import World
from ._log import Log
from ._loss import distillation, whole
from ._network import Network
from ._settings import Epoch, Outcome, Settings
from ._shards import Shards

_HELD_OUT = 0.1  # of the images, where no others are given to judge by
_JUDGED = 256  # images at once


def distill(
    student: Any,
    teacher: Any,
    data: Any,
    *,
    output: Union[str, os.PathLike],
    labels: Any = None,
    validation: Any = None,
    validation_labels: Any = None,
    limit: Optional[int] = None,
    settings: Settings = Settings(),
    pixels: Pixels = Pixels(),
    checkpoint: Optional[Union[str, os.PathLike]] = None,
    log: Optional[str] = None,
    report: Optional[Callable[[Epoch], None]] = None,
) -> Outcome:
    """Fine-tunes a converted network so that it predicts what its source predicts.

    The weights of the epoch that does best on the validation images, the one before training included, go back into
    the student's file by `modconvert import-weights`, and `modconvert verify` checks the result.

    Args:
        student: the converted file: a path, bytes or a `ModelProto`.
        teacher: its source.
        data: training images: an array [N,C,H,W] (floats are the networks' input, bytes are scaled by `pixels`), a
            .npy, .npz or IDX file, a folder of pictures or of one such folder for each class, or WebDataset's
            shards as `train-{000..099}.tar`.
        output: the ONNX file to write, replacing what is there.
        labels: the class of each image: numbers, a .npy or an IDX file; None for those that the data bring along.
        limit: use the first training images only; not of shards.
        validation, validation_labels: images to judge by; without, a tenth of the training images is held out.
        checkpoint: a file for the state of the run. If it is there, the run continues from it, to the same
            weights; it is removed at the end.
        log: a folder for TensorBoard.
        report: called with each epoch, in the first process.

    Raises:
        ValueError: for settings, data or a network that cannot be trained.
        modconvert.Error: if the weights cannot be brought back.
    """
    world = World()
    if settings.batch % world.size:
        raise ValueError(f"a batch of {settings.batch} cannot be divided among {world.size} processes")
    with tempfile.TemporaryDirectory(prefix="modconvert-") as scratch, world.joined():
        paths = [_models.as_file(model, scratch, f"{name}.onnx") for name, model in (("s", student), ("t", teacher))]
        training = _Training(paths[0], paths[1], world, settings, pixels)
        training.take(data, labels, limit, validation, validation_labels)
        state = Checkpoint(pathlib.Path(checkpoint)) if checkpoint else None
        losses = training.run(state, Log(log if world.is_first else None), report)
        verified = True
        if world.is_first:
            verified = training.write(paths[0], paths[1], str(output), scratch)
            if state:
                state.remove()
        world.wait()
        return Outcome(str(output), training.epochs, losses, verified)


class _Training:
    def __init__(self, student: str, teacher: str, world: World, settings: Settings, pixels: Pixels) -> None:
        self.world, self.settings, self.pixels, self.device = world, settings, pixels, world.device
        self.student = Network(student).to(self.device)
        self.teacher = Network(teacher).to(self.device).eval()
        self.identity = {
            "settings": dataclasses.asdict(settings),
            "student": _models.digest(student),
            "teacher": _models.digest(teacher),
        }
        share = settings.batch // world.size
        self.part = slice(world.rank * share, (world.rank + 1) * share)
        self.epochs: list[Epoch] = []
        self.best: dict[str, torch.Tensor] = {}

    def take(self, data: Any, labels: Any, limit: Optional[int], validation: Any, validation_labels: Any) -> None:
        """Reads the images; holds some out if there are no others to judge by."""
        size, channels = self.student.image_size, self.student.channels
        judged = None if validation is None else _data.read(validation, validation_labels, size, channels)
        if isinstance(data, str) and data.endswith(".tar"):
            if judged is None:
                raise ValueError("shards are read in order: name other images to judge by")
            self.batches: Union[Order, Shards] = Shards(data, size, channels, self.settings)
        else:
            images = _data.read(data, labels, size, channels)
            if limit is not None:
                images = images.first(limit)
            if judged is None:
                images, judged = images.divided(_HELD_OUT, self.settings.seed)
            self.batches = Order(images, self.settings)
        self.judged = judged
        self.identity["steps"] = self.batches.steps

    # Steps

    def run(self, state: Optional[Checkpoint], log: Log, report: Optional[Callable[[Epoch], None]]) -> list[float]:
        """All epochs; the loss of each step."""
        settings, steps = self.settings, self.batches.steps
        total = settings.epochs * steps
        descent = torch.optim.AdamW(
            self.student.parameters(), settings.learning_rate, weight_decay=settings.weight_decay
        )
        rate = torch.optim.lr_scheduler.LambdaLR(descent, lambda step: _rate(step, total, settings.warm_up))
        scaler = _scaler(settings.precision == "float16" and self.device.type == "cuda")
        average = Average(self.student, settings.ema)
        parts = {"student": self.student, "average": average, "descent": descent, "rate": rate, "scaler": scaler}
        losses: list[float] = []
        found = state.read(self.identity, self.device) if state else None
        if found:
            for name, part in parts.items():
                part.load_state_dict(found[name])
            losses, self.best = found["losses"], found["best"]
            self.epochs = [Epoch(**epoch) for epoch in found["epochs"]]
        else:
            self.judge(self.student, None, log, report)
        module = self._joined()
        for number in range(len(losses) // steps, settings.epochs):
            for images, labels in self.batches.epoch(number, len(losses) - number * steps, self.part):
                loss = self._step(module, images, labels, len(losses), descent, scaler)
                average.update(self.student)
                rate.step()
                losses.append(self.world.summed([loss])[0] / self.world.size)
                log.step(len(losses), losses[-1], rate.get_last_lr()[0])
                if len(losses) % steps == 0:
                    # The epoch is judged before the state is written, so that no state lies between the two.
                    self.judge(average.network, losses[-steps:], log, report)
                is_due = len(losses) % steps == 0 or len(losses) % settings.checkpoint_steps == 0
                if state and is_due and self.world.is_first:
                    held = {name: part.state_dict() for name, part in parts.items()}
                    epochs = [dataclasses.asdict(epoch) for epoch in self.epochs]
                    state.write(
                        {**held, "losses": losses, "epochs": epochs, "best": self.best, "identity": self.identity}
                    )
        log.close()
        return losses

    def _joined(self) -> nn.Module:
        if self.world.size == 1:
            return self.student
        parallel = nn.parallel.DistributedDataParallel
        # Every process computes the same statistics; PyTorch has renamed the option that sends them around.
        names = inspect.signature(parallel).parameters
        sending = "forward_sync_buffers" if "forward_sync_buffers" in names else "broadcast_buffers"
        places = [self.device] if self.device.type == "cuda" else None
        return parallel(self.student, device_ids=places, **{sending: False})

    def _step(
        self,
        module: nn.Module,
        images: torch.Tensor,
        labels: Optional[torch.Tensor],
        number: int,
        descent: torch.optim.Optimizer,
        scaler: Any,
    ) -> float:
        settings = self.settings
        images = changed(self.pixels.scaled(images.to(self.device)), number, self.part, settings)
        labels = None if labels is None else labels.to(self.device)
        module.train()
        with self._precision():
            with torch.no_grad():
                wanted = self.teacher(images)
            found = module(images)
        loss = whole(found.float(), wanted.float(), labels, settings)
        descent.zero_grad()
        scaler.scale(loss).backward()
        if settings.clip:
            scaler.unscale_(descent)
            nn.utils.clip_grad_norm_(self.student.parameters(), settings.clip)
        scaler.step(descent)
        scaler.update()
        return float(loss.detach())

    @contextlib.contextmanager
    def _precision(self) -> Iterator[None]:
        if self.settings.precision == "float32":
            yield
            return
        with torch.autocast(self.device.type, getattr(torch, self.settings.precision)):
            yield

    # Judging

    @torch.no_grad()
    def judge(
        self,
        network: Network,
        losses: Optional[list[float]],
        log: Log,
        report: Optional[Callable[[Epoch], None]],
    ) -> None:
        """Runs both networks on the validation images, shared among the processes, and keeps the best weights."""
        network.eval()
        same = right = difference = labelled = 0.0
        for numbers in torch.arange(len(self.judged))[self.world.rank :: self.world.size].split(_JUDGED):
            images, labels = self.judged.batch(numbers)
            images = self.pixels.scaled(images.to(self.device))
            wanted, found = self.teacher(images), network(images)
            difference += float(distillation(found, wanted, self.settings)) * len(images)
            if self.settings.loss == "kl":
                same += float((found.argmax(1) == wanted.argmax(1)).sum())
                if labels is not None:
                    right += float((found.argmax(1).cpu() == labels).sum())
                    labelled += len(labels)
        same, right, difference, labelled = self.world.summed([same, right, difference, labelled])
        count = len(self.judged)
        epoch = Epoch(
            len(self.epochs),
            sum(losses) / len(losses) if losses else None,
            same / count if self.settings.loss == "kl" else None,
            right / count if labelled else None,
            difference / count,
        )
        if not self.epochs or epoch.merit > max(other.merit for other in self.epochs):
            self.best = {name: tensor.clone() for name, tensor in network.weights().items()}
        self.epochs.append(epoch)
        if self.world.is_first:
            log.epoch(epoch)
            if report:
                report(epoch)

    def write(self, student: str, teacher: str, output: str, scratch: str) -> bool:
        """Puts the best weights into the student's file; whether the checks of the result pass."""
        values = os.path.join(scratch, "trained.npz")
        np.savez(values, **{name: tensor.float().cpu().numpy() for name, tensor in self.best.items()})
        run(["import-weights", student, values, "-o", output, "--force", "--json"])
        return verify(teacher, output).passed


def _rate(step: int, total: int, warm_up: float) -> float:
    """The share of the peak rate: linearly up, then down along half a cosine."""
    rising = warm_up * total
    if step < rising:
        return (step + 1) / (rising + 1)
    return 0.5 * (1 + math.cos(math.pi * (step - rising) / max(1, total - rising)))


def _scaler(is_needed: bool) -> Any:
    """What keeps gradients of float16 from vanishing; passes everything through where it is not needed."""
    if hasattr(torch.amp, "GradScaler"):
        return torch.amp.GradScaler("cuda", enabled=is_needed)
    return torch.cuda.amp.GradScaler(enabled=is_needed)
