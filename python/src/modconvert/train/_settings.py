"""What a training is asked for, and what it gives."""

from __future__ import annotations

import dataclasses
from typing import Optional


@dataclasses.dataclass(frozen=True)
class Settings:
    """How a network is fine-tuned; the defaults suit a converted network whose weights were fitted in closed form.

    Attributes:
        epochs: passes through the training images.
        batch: images of a step, over all processes together.
        learning_rate: Adam's, at its peak; it rises linearly in the first steps and falls to 0 along a cosine.
        warm_up: the share of the steps in which it rises.
        weight_decay: AdamW's.
        clip: the largest norm of the gradient; 0 for no limit.
        ema: how much of their average the weights keep in each step; 0 for no average.
        temperature: by which both networks' scores are divided before they are compared.
        label_weight: the share of the loss that is cross-entropy with the labels, from 0 to 1.
        loss: `kl` compares predictions; `mse` compares outputs of any shape.
        mirror: whether half of the images are mirrored left to right.
        shift: by how many pixels images are moved at most.
        precision: `float32`, or `bfloat16` or `float16` for automatic mixed precision.
        seed: of the order of images and of their changes.
        checkpoint_steps: steps between two checkpoints.
    """

    epochs: int = 10
    batch: int = 64
    learning_rate: float = 1e-3
    warm_up: float = 0.05
    weight_decay: float = 0.0
    clip: float = 1.0
    ema: float = 0.99
    temperature: float = 1.0
    label_weight: float = 0.0
    loss: str = "kl"
    mirror: bool = True
    shift: int = 0
    precision: str = "float32"
    seed: int = 0
    checkpoint_steps: int = 200

    def __post_init__(self) -> None:
        """Raises ValueError for what cannot be meant."""
        for name, is_right, wanted in (
            ("epochs", self.epochs >= 1, "at least 1"),
            ("batch", self.batch >= 1, "at least 1"),
            ("learning_rate", self.learning_rate > 0, "above 0"),
            ("warm_up", 0 <= self.warm_up < 1, "from 0 to below 1"),
            ("weight_decay", self.weight_decay >= 0, "not negative"),
            ("clip", self.clip >= 0, "not negative"),
            ("ema", 0 <= self.ema < 1, "from 0 to below 1"),
            ("temperature", self.temperature > 0, "above 0"),
            ("label_weight", 0 <= self.label_weight <= 1, "from 0 to 1"),
            ("loss", self.loss in ("kl", "mse"), "kl or mse"),
            ("shift", self.shift >= 0, "not negative"),
            ("precision", self.precision in ("float32", "bfloat16", "float16"), "float32, bfloat16 or float16"),
            ("checkpoint_steps", self.checkpoint_steps >= 1, "at least 1"),
        ):
            if not is_right:
                raise ValueError(f"{name} is {getattr(self, name)!r}; it has to be {wanted}")


@dataclasses.dataclass(frozen=True)
class Epoch:
    """What one epoch gave; epoch 0 is the network before training.

    Attributes:
        loss: the mean over the epoch's steps; None for epoch 0.
        agreement: the share of validation images of which both networks predict the same class; None for `mse`.
        accuracy: the share of validation images whose label is predicted; None without labels.
        difference: the mean loss of the validation images, without labels.
    """

    number: int
    loss: Optional[float]
    agreement: Optional[float]
    accuracy: Optional[float]
    difference: float

    @property
    def merit(self) -> float:
        """What the best epoch has most of: accuracy, else agreement, else closeness."""
        for share in (self.accuracy, self.agreement):
            if share is not None:
                return share
        return -self.difference


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a training gave.

    Attributes:
        path: the written ONNX file, with the weights of the best epoch.
        epochs: all of them, the network before training first.
        losses: the loss of each step.
        verified: whether `modconvert verify` passed the written file.
    """

    path: str
    epochs: list[Epoch]
    losses: list[float]
    verified: bool

    @property
    def best(self) -> Epoch:
        return max(self.epochs, key=lambda epoch: (epoch.merit, -epoch.number))
