"""The tool's JSON documents as dataclasses.

Field by field they are what docs/schemas/ says; `raw` is the whole document.
"""

from __future__ import annotations

import dataclasses
import typing
from typing import Any, Optional, TypeVar, Union

Extent = Union[int, str, None]
Document = TypeVar("Document")


@dataclasses.dataclass(frozen=True)
class Totals:
    """A network's costs: strict multiply-accumulates for one sample, parameters, bytes of weights, nodes."""

    macs: int
    params: int
    weight_bytes: int
    nodes: int


@dataclasses.dataclass(frozen=True)
class Block:
    """One residual block of the source, with its verdict: a line of the ledger."""

    stage: int
    index: int
    scope: str
    kind: str
    verdict: str
    reason: str
    shape: Optional[list[Extent]] = None
    processed_channels: Optional[int] = None
    hidden_channels: Optional[list[int]] = None
    bias_rank: Optional[int] = None
    saved_macs: Optional[int] = None


@dataclasses.dataclass(frozen=True)
class Check:
    """One check of the verification, with its outcome and figures."""

    number: int
    title: str
    outcome: str
    summary: str
    figures: dict[str, float]
    details: list[str]


@dataclasses.dataclass(frozen=True)
class Verification:
    """The six checks; docs/verification.md says what each proves."""

    passed: bool
    checks: list[Check]
    checked_up_to: Optional[str] = None
    raw: dict[str, Any] = dataclasses.field(default_factory=dict, repr=False)


@dataclasses.dataclass(frozen=True)
class Calibration:
    """The converted network next to its source on calibration images, where possible on some that no fit saw.

    `output` says what is compared: "classes" (agreement by image, with Wilson's 95 % interval), "map" (agreement by
    pixel), or "values" (the cosine alone).
    """

    samples: int
    is_held_out: bool
    output: Optional[str] = None
    agreement: Optional[float] = None
    agreement_interval: Optional[list[float]] = None
    cosine: Optional[float] = None
    block_error: Optional[float] = None


@dataclasses.dataclass(frozen=True)
class Conversion:
    """What a conversion did."""

    recipe: str
    recipe_reason: str
    goal: str
    before: Totals
    after: Totals
    blocks: list[Block]
    notes: list[str]
    seed: int
    source_sha256: str
    ratio: Optional[float] = None
    calibration: Optional[Calibration] = None
    verification: Optional[Verification] = None
    raw: dict[str, Any] = dataclasses.field(default_factory=dict, repr=False)

    @property
    def agreement(self) -> Optional[float]:
        """The share of images for which source and result rank the same class first.

        The images are those of the calibration; without one, the verification's seeded inputs.
        """
        if self.calibration and self.calibration.agreement is not None:
            return self.calibration.agreement
        drift = self.verification.checks[-1] if self.verification else None
        return drift.figures.get("argmax_agreement") if drift else None

    @property
    def mac_share(self) -> float:
        """Multiply-accumulates after over before."""
        return self.after.macs / self.before.macs if self.before.macs else 1.0


@dataclasses.dataclass(frozen=True)
class ModelResult:
    """One model of an evaluation; intervals are of 95 % (Wilson). Accuracies are None without labels."""

    model: str
    macs: int
    agreement: float
    mean_cosine: float
    top_one: Optional[float] = None
    top_one_interval: Optional[list[float]] = None
    top_five: Optional[float] = None


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """Models on the same images; the first is the one that the others are compared with."""

    samples: int
    models: list[ModelResult]
    raw: dict[str, Any] = dataclasses.field(default_factory=dict, repr=False)


@dataclasses.dataclass(frozen=True)
class Costs:
    """A network's costs, in total."""

    convention: str
    total_macs: int
    total_params: int
    activation_bytes: Optional[int] = None
    peak_activation_bytes: Optional[int] = None
    raw: dict[str, Any] = dataclasses.field(default_factory=dict, repr=False)


@dataclasses.dataclass(frozen=True)
class Inspection:
    """A file: who wrote it, its size, its operators, its blocks (in `raw`)."""

    producer: str
    ir_version: int
    node_count: int
    total_params: int
    total_macs: int
    operators: dict[str, int]
    manifest: dict[str, str]
    raw: dict[str, Any] = dataclasses.field(default_factory=dict, repr=False)


@dataclasses.dataclass(frozen=True)
class Quantization:
    """What became integers, and what that costs; layers and scales in `.raw`."""

    rounding: str
    activations: str
    macs: int
    int8_macs: int
    float_layers: list[str]
    calibration: Calibration
    verification: Optional[Verification]
    notes: list[str]
    raw: dict[str, Any] = dataclasses.field(default_factory=dict, repr=False)


@dataclasses.dataclass(frozen=True)
class Optimization:
    """What the passes did."""

    notes: list[str]
    raw: dict[str, Any] = dataclasses.field(default_factory=dict, repr=False)


def parsed(kind: type[Document], document: dict[str, Any]) -> Document:
    """A document as a dataclass; members without a field stay in `raw` only."""
    names = typing.get_type_hints(kind)
    values = {
        field.name: _value(names[field.name], document[field.name])
        for field in dataclasses.fields(kind)
        if field.name in document
    }
    if "raw" in names:
        values["raw"] = document
    return kind(**values)


def _value(kind: Any, value: Any) -> Any:
    arguments = typing.get_args(kind)
    if typing.get_origin(kind) is Union and value is not None:
        return _value(next(a for a in arguments if a is not type(None)), value) if type(None) in arguments else value
    if typing.get_origin(kind) is list:
        return [_value(arguments[0], item) for item in value]
    return parsed(kind, value) if dataclasses.is_dataclass(kind) and isinstance(value, dict) else value
