"""One evaluation whose images are shared among workers."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import pathlib
from collections.abc import Callable, Sequence
from typing import Any, Optional, Union

from .._api import _words
from .._models import digest
from .._process import run
from .._report import Evaluation, parsed
from ._tasks import Results, named
from ._workers import complete


@dataclasses.dataclass(frozen=True)
class Part:
    """One call of the tool: models on one part of the images.

    Attributes:
        models: the paths of the networks; the first is the one that the others are compared with.
        data: the images.
        shard: the part of them, `i/n`.
        options: options of `modconvert evaluate`, with underscores.
    """

    models: tuple[str, ...]
    data: str
    shard: str
    options: dict[str, Any] = dataclasses.field(default_factory=dict)

    @functools.cached_property
    def name(self) -> str:
        """The name of the result's file; another for each part, and for other contents of the models' files."""
        return named(self.models[0], [list(map(digest, self.models)), self.data, self.shard, self.options])

    def run(self) -> dict[str, Any]:
        """The tool's document.

        Raises:
            modconvert.Error: what the tool refuses.
        """
        return run(["evaluate", *self.models, *_words({"data": self.data, **self.options, "shard": self.shard})])


def evaluate(
    models: Sequence[Union[str, os.PathLike]],
    data: Union[str, os.PathLike],
    *,
    output: Union[str, os.PathLike],
    parts: int = 8,
    address: Optional[str] = None,
    part: Optional[str] = None,
    report: Optional[Callable[[Part], None]] = None,
    **options: Any,
) -> Optional[Evaluation]:
    """Compares models on images that are shared among workers; the result is that of one call of the tool.

    Whole numbers are added, so that every figure is equal to the last digit. Workers whose processors have other
    instruction sets may round scores in other ways; then an image on the edge between two classes may count otherwise.

    Args:
        models, data: paths that every worker reads under the same name, as on a shared file system.
        output: the folder for the parts' results, which the caller alone writes to; what is there is not done again.
            `evaluation.json` in it is the document of all images.
        parts: into how many parts the images are divided; at most one for each 32 images.
        address, part, report: as in `sweep`.
        **options: those of `modconvert evaluate`, with underscores: `labels="labels.txt"`, `limit=1000`.

    Returns:
        The evaluation of all images, or None while other jobs' parts are missing.

    Raises:
        modconvert.Error: the first part that the tool refused, after all others are done.
        ValueError: for a part that cannot be meant.
    """
    names = tuple(map(os.fspath, models))
    tasks = [Part(names, os.fspath(data), f"{number + 1}/{parts}", options) for number in range(parts)]
    results = Results(os.fspath(output), "parts")
    if not complete(tasks, results, address, part, report):
        return None
    document = pathlib.Path(output) / "evaluation.json"
    merged = run(["merge", *(str(results.path(task)) for task in tasks)])
    beside = document.with_suffix(f".{os.getpid()}.new")
    beside.write_text(json.dumps(merged, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    os.replace(beside, document)
    return parsed(Evaluation, merged)
