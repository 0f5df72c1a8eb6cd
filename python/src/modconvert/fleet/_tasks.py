"""Tasks, and the folder that holds their results."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import os
import pathlib
from collections.abc import Sequence
from typing import Any, Optional

from .._api import _words
from .._models import digest
from .._process import run


@dataclasses.dataclass(frozen=True)
class Task:
    """One call of the tool: a network at one ratio, compared with its source on images.

    Attributes:
        model: the path of the network, which every worker reads.
        ratio: as the tool takes it, such as `1/8`.
        data: the images to compare on.
        options: options of `modconvert sweep`, with underscores.
    """

    model: str
    ratio: str
    data: str
    options: dict[str, Any] = dataclasses.field(default_factory=dict)

    @functools.cached_property
    def name(self) -> str:
        """The name of the result's file; another for each task, and for other contents of the network's file."""
        return named(self.model, [digest(self.model), self.ratio, self.data, self.options])

    def run(self) -> dict[str, Any]:
        """The task's result: the model, the ratio, and the tool's document.

        Raises:
            modconvert.Error: what the tool refuses.
        """
        options = {"ratios": self.ratio, "data": self.data, **self.options}
        return {"model": self.model, "ratio": self.ratio, "document": run(["sweep", self.model, *_words(options)])}


def named(model: str, meaning: Any) -> str:
    """A name for a result's file: the model's, and a digest of all that the result depends on."""
    words = json.dumps(meaning, sort_keys=True, default=str)
    return f"{pathlib.Path(model).stem}-{hashlib.sha256(words.encode()).hexdigest()[:16]}"


class Results:
    """The results of tasks, one file each in a folder of the output folder, which appears whole or not at all."""

    def __init__(self, output: str, folder: str = "results") -> None:
        self._folder = pathlib.Path(output) / folder
        self._folder.mkdir(parents=True, exist_ok=True)

    def path(self, task: Any) -> pathlib.Path:
        """Where the task's result is, or will be."""
        return self._folder / f"{task.name}.json"

    def has(self, task: Any) -> bool:
        return self.path(task).exists()

    def write(self, task: Any, result: dict[str, Any]) -> None:
        # Two jobs may do the same task: each writes a file of its own.
        beside = self.path(task).with_suffix(f".{os.getpid()}.new")
        beside.write_text(json.dumps(result, sort_keys=True) + "\n", encoding="utf-8")
        os.replace(beside, self.path(task))

    def rows(self) -> list[dict[str, Any]]:
        """Of a sweep: a row for each network, ratio and kind of block, sorted; the same, whoever did the tasks."""
        rows = []
        for path in sorted(self._folder.glob("*.json")):
            result = json.loads(path.read_text(encoding="utf-8"))
            place = {"model": result["model"], "ratio": result["ratio"]}
            rows += [{**place, **row} for row in _measured(result["document"])]
        return sorted(rows, key=lambda row: (row["model"], row["ratio"], row["kind"]))


def shard(tasks: Sequence[Any], part: Optional[str]) -> list[Any]:
    """The tasks of the part `i/n`, from 1/n to n/n; all for None."""
    if part is None:
        return list(tasks)
    try:
        index, count = (int(word) for word in part.split("/"))
    except ValueError:
        index, count = 0, 0
    if not 1 <= index <= count:
        raise ValueError(f"the shard is {part!r}; it has to be i/n, from 1/n to n/n")
    return list(tasks)[index - 1 :: count]


def _measured(document: dict[str, Any]) -> list[dict[str, Any]]:
    """What a sweep's document says of each network. Times are left out: they are those of one machine at one moment."""
    rows = []
    for row in document["rows"]:
        low, high = row.get("top_one_interval") or (None, None)
        rows.append(
            {
                "kind": row["kind"],
                "macs": row["macs"],
                "agreement": row["agreement"],
                "top_one": row.get("top_one"),
                "top_one_low": low,
                "top_one_high": high,
            }
        )
    return rows
