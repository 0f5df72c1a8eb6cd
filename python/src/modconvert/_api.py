"""The functions of the package: one for each command that deployers use."""

from __future__ import annotations

import os
import pathlib
import tempfile
from collections.abc import Sequence
from typing import Any, Optional, TypeVar

from . import _data, _models, _report
from ._models import Model
from ._process import run
from ._result import Result

Report = TypeVar("Report")

# Told from a ratio that the caller gives by being this very object.
_DEFAULT_RATIO = float("0.5")

# Options that say in another way how much is to be left.
_OTHER_GOALS = ("mod_reduction", "target_macs", "target_speedup", "max_drop", "drop", "mod_width")


def convert(
    model: Model,
    mod_ratio: Optional[float] = _DEFAULT_RATIO,
    calibrate: Optional[_data.Images] = None,
    *,
    output: Optional[str] = None,
    **options: Any,
) -> Result[_report.Conversion]:
    """Converts a network's residual blocks into smaller ones, and verifies the result.

    Args:
        model: a path, the bytes of an ONNX file, or a `ModelProto`.
        mod_ratio: the share of hidden units or channels that converted blocks keep; the default does not count
            where another goal is given, such as `target_macs="3.0G"`.
        calibrate: unlabelled images to fit the weights to: a folder, an array, an iterable of arrays or of
            dictionaries, or a CalibrationDataReader. Without, images are generated.
        output: where to write the model, replacing what is there; otherwise it lives with the result.
        **options: the command's options with underscores: `target_macs="3.0G"`, `blocks="all"`, `verify=False`.
            A flag is True; a list gives an option several times.

    Raises:
        Error: what the command would print, with its exit code and remedy.
    """
    if mod_ratio is _DEFAULT_RATIO and any(options.get(goal) for goal in _OTHER_GOALS):
        mod_ratio = None
    with tempfile.TemporaryDirectory(prefix="modconvert-") as scratch:
        images, folder = _images(calibrate, scratch)
        options = {"mod_ratio": mod_ratio, "calibrate": images, **options}
        return _written("convert", model, output, options, scratch, _report.Conversion, folder)


def optimize(
    model: Model, *, output: Optional[str] = None, **options: Any
) -> Result[_report.Optimization]:
    """Runs the passes alone: fewer nodes, same outputs, compared before the result is written.

    Args:
        model, output, options: as in `convert`.
    """
    with tempfile.TemporaryDirectory(prefix="modconvert-") as scratch:
        return _written("optimize", model, output, options, scratch, _report.Optimization)


def quantize(
    model: Model, calibrate: Optional[_data.Images] = None, *, output: Optional[str] = None, **options: Any
) -> Result[_report.Quantization]:
    """Turns a float network into 8-bit integers (QDQ), fitted to what it computes on images, and verifies it.

    Args:
        model, calibrate, output, options: as in `convert`; `convert(..., int8=True)` reduces and quantises in one go.
    """
    with tempfile.TemporaryDirectory(prefix="modconvert-") as scratch:
        images, folder = _images(calibrate, scratch)
        options = {"calibrate": images, **options}
        return _written("quantize", model, output, options, scratch, _report.Quantization, folder)


def evaluate(
    *models: Model, data: _data.Images, labels: Any = None, **options: Any
) -> _report.Evaluation:
    """Compares models on images: accuracy, agreement, and whether a difference is more than chance.

    Args:
        *models: the first is the one that the others are compared with.
        data: images, as `convert` takes them for calibration.
        labels: the class of each image: a path, or numbers; None for those that the data bring along.
    """
    with tempfile.TemporaryDirectory(prefix="modconvert-") as scratch:
        options = {
            "data": _data.as_file(data, scratch),
            "labels": _data.labels_as_file(labels, scratch),
            **options,
        }
        return _report.parsed(_report.Evaluation, run(["evaluate", *_files(models, scratch), *_words(options)]))


def macs(model: Model, **options: Any) -> _report.Costs:
    """Counts multiply-accumulates, parameters and activation memory; per node and block in `.raw`."""
    return _read("macs", [model], options, _report.Costs)


def inspect(model: Model, **options: Any) -> _report.Inspection:
    """Describes a file: interface, operators, blocks and the verdicts that a conversion would give them."""
    return _read("inspect", [model], options, _report.Inspection)


def verify(source: Model, converted: Model, **options: Any) -> _report.Verification:
    """Makes the checks of a converted model against its source; `.passed` says how they went."""
    return _read("verify", [source, converted], options, _report.Verification, accept=(0, 1))


def _images(calibrate: Optional[_data.Images], scratch: str) -> tuple[Optional[str], Optional[str]]:
    """The images' path and the folder that it is relative to.

    A converted file records where its images came from; a name alone is the same every time.
    """
    images = _data.as_file(calibrate, scratch)
    if images and os.path.dirname(images) == scratch:
        return os.path.basename(images), scratch
    return images, None


def _read(
    command: str, models: Sequence[Model], options: dict[str, Any], kind: type[Report], accept: Sequence[int] = (0,)
) -> Report:
    with tempfile.TemporaryDirectory(prefix="modconvert-") as scratch:
        words = [command, *_files(models, scratch), *_words(options)]
        return _report.parsed(kind, run(words, accept=accept))


def _written(
    command: str,
    model: Model,
    output: Optional[str],
    options: dict[str, Any],
    scratch: str,
    kind: type[Report],
    folder: Optional[str] = None,
) -> Result[Report]:
    """Runs a command that writes a model, in `folder` if one is given."""
    home = None if output else tempfile.TemporaryDirectory(prefix="modconvert-")
    path = os.fspath(output) if output else os.path.join(home.name, "model.onnx")
    source = _models.as_file(_file(model), scratch)
    page = os.path.join(scratch, "page.html")
    places = [source, path] if folder is None else [os.path.abspath(source), os.path.abspath(path)]
    words = [command, places[0], "-o", places[1], "--report", page, "--force"]
    report = _report.parsed(kind, run([*words, *_words(options)], folder=folder))
    return Result(report, path, pathlib.Path(page).read_text(encoding="utf-8"), home)


def _files(models: Sequence[Model], scratch: str) -> list[str]:
    return [_models.as_file(_file(model), scratch, f"model-{n}.onnx") for n, model in enumerate(models)]


def _file(model: Any) -> Model:
    return model.path if isinstance(model, Result) else model


def _words(options: dict[str, Any]) -> list[str]:
    """`{"mod_ratio": 0.5, "force": True}` as `--mod-ratio=0.5 --force`."""
    words = []
    for name, value in options.items():
        option = "--" + name.replace("_", "-")
        if value is None or (value is False and name != "verify"):
            continue
        if isinstance(value, bool):
            words.append(option if value else f"--no-{option[2:]}")
        else:
            several = value if isinstance(value, (list, tuple)) else [value]
            words += [f"{option}={item}" for item in several]
    return words
