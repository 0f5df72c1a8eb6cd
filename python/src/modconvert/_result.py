"""A model that the tool wrote."""

from __future__ import annotations

import functools
import html
import pathlib
import shutil
import tempfile
from typing import TYPE_CHECKING, Generic, Optional, TypeVar

from . import _models

if TYPE_CHECKING:
    import onnx

Report = TypeVar("Report")


class Result(Generic[Report]):
    """A written model and what the tool says of it.

    The files live as long as this object, unless they were written where `output` says.

    Attributes:
        report: what was done, from the tool's JSON.
        path: the model's file.
    """

    def __init__(self, report: Report, path: str, page: str, folder: Optional[tempfile.TemporaryDirectory]) -> None:
        self.report = report
        self.path = path
        self._page = page
        self._folder = folder

    @functools.cached_property
    def model(self) -> onnx.ModelProto:
        """The model, with its weights; imports onnx, and loads the file on first use."""
        return _models.load(self.path)

    @property
    def bytes(self) -> bytes:
        """The bytes of the model's file, as onnxruntime's InferenceSession takes them."""
        return pathlib.Path(self.path).read_bytes()

    def save(self, path: str) -> None:
        """Copies the model's file, and the file of its weights if it has one; replaces what is there."""
        shutil.copyfile(self.path, path)
        weights = pathlib.Path(self.path + ".data")
        if weights.exists():
            # The model names this file; its copy has to be called the same.
            shutil.copyfile(weights, pathlib.Path(path).parent / weights.name)

    def _repr_html_(self) -> str:
        """The report page, as notebooks show it."""
        page = html.escape(self._page, quote=True)
        return f'<iframe srcdoc="{page}" style="width:100%;height:640px;border:0" title="report"></iframe>'

    def __repr__(self) -> str:
        return f"Result(path={self.path!r}, report={self.report!r})"
