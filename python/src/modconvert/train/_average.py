"""The exponential moving average of the weights, which does better than the last step's."""

from __future__ import annotations

import copy
from typing import Any

import torch

from ._network import Network


class Average:
    """A copy of the network whose weights follow: w = k w + (1 - k) w', where k is smaller in the first steps."""

    def __init__(self, network: Network, keep: float) -> None:
        self.network = copy.deepcopy(network).eval()
        self._keep, self._steps = keep, 0

    @torch.no_grad()
    def update(self, network: Network) -> None:
        self._steps += 1
        keep = min(self._keep, self._steps / (self._steps + 9))
        for own, other in zip(self.network.state_dict().values(), network.state_dict().values()):
            own.lerp_(other, 1 - keep)

    def state_dict(self) -> dict[str, Any]:
        return {"network": self.network.state_dict(), "steps": self._steps}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        self._steps = state["steps"]
