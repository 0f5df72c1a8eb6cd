"""What the student is asked to do: say what the teacher says, and where there are labels, what they say."""

from __future__ import annotations

from typing import Optional

import torch
from torch.nn import functional

from ._settings import Settings


def distillation(student: torch.Tensor, teacher: torch.Tensor, settings: Settings) -> torch.Tensor:
    """The mean over the images of the divergence of predictions, or of the squared difference of outputs.

    With a temperature T the divergence KL(softmax(teacher/T) || softmax(student/T)) is multiplied by T^2, which
    keeps the size of its gradient (Hinton, Vinyals, Dean 2015).
    """
    if settings.loss == "mse":
        return functional.mse_loss(student, teacher)
    heat = settings.temperature
    wanted, found = functional.log_softmax(teacher / heat, 1), functional.log_softmax(student / heat, 1)
    return functional.kl_div(found, wanted, reduction="batchmean", log_target=True) * heat * heat


def whole(
    student: torch.Tensor, teacher: torch.Tensor, labels: Optional[torch.Tensor], settings: Settings
) -> torch.Tensor:
    """The loss of a step."""
    loss = distillation(student, teacher, settings)
    if labels is None or settings.label_weight == 0:
        return loss
    share = settings.label_weight
    return (1 - share) * loss + share * functional.cross_entropy(student, labels)
