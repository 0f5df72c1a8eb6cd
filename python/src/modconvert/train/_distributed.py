"""Several processes that train one network: started by torchrun, joined by DistributedDataParallel."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.distributed as distributed
import torch.distributed.nn.functional as differentiable
from torch.nn import functional


class World:
    """This process among those that torchrun started; alone without torchrun."""

    def __init__(self) -> None:
        self.size = int(os.environ.get("WORLD_SIZE", "1"))
        self.rank = int(os.environ.get("RANK", "0"))
        self.local_rank = int(os.environ.get("LOCAL_RANK", "0"))

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    @property
    def device(self) -> torch.device:
        return torch.device("cuda", self.local_rank) if torch.cuda.is_available() else torch.device("cpu")

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Joins the other processes for as long as the block lasts: nccl on GPUs, gloo on processors."""
        if self.size == 1:
            yield
            return
        distributed.init_process_group("nccl" if self.device.type == "cuda" else "gloo")
        try:
            yield
        finally:
            distributed.destroy_process_group()

    def summed(self, numbers: list[float]) -> list[float]:
        """The sums over all processes."""
        if self.size == 1:
            return numbers
        total = torch.tensor(numbers, dtype=torch.float64, device=self.device)
        distributed.all_reduce(total)
        return total.tolist()

    def wait(self) -> None:
        if self.size > 1:
            distributed.barrier()


def synchronised_normalization(
    x: torch.Tensor,
    scale: torch.Tensor,
    bias: torch.Tensor,
    mean: torch.Tensor,
    variance: torch.Tensor,
    momentum: float,
    epsilon: float,
) -> torch.Tensor:
    """BatchNormalization in training, by the statistics of the whole batch, wherever its parts are.

    PyTorch's SyncBatchNorm does the same on GPUs alone.
    """
    if not (distributed.is_available() and distributed.is_initialized()):
        return functional.batch_norm(x, mean, variance, scale, bias, True, momentum, epsilon)
    axes = [axis for axis in range(x.dim()) if axis != 1]
    count = x.numel() / x.shape[1] * distributed.get_world_size()
    sums = torch.stack([x.sum(axes), (x * x).sum(axes)])
    here, squares = differentiable.all_reduce(sums) / count
    spread = squares - here * here
    with torch.no_grad():
        mean.lerp_(here, momentum)
        variance.lerp_(spread * (count / max(1, count - 1)), momentum)
    shape = [1, -1] + [1] * (x.dim() - 2)
    factor = scale * torch.rsqrt(spread + epsilon)
    return x * factor.reshape(shape) + (bias - here * factor).reshape(shape)
