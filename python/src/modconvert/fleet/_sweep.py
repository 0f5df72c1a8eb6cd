"""Sweeps of many networks, and the table of all."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable, Sequence
from typing import Any, Optional, Union

from ._tasks import Results, Task
from ._workers import complete


def sweep(
    models: Sequence[Union[str, os.PathLike]],
    ratios: Sequence[Union[str, float]],
    data: Union[str, os.PathLike],
    *,
    output: Union[str, os.PathLike],
    address: Optional[str] = None,
    part: Optional[str] = None,
    report: Optional[Callable[[Task], None]] = None,
    **options: Any,
) -> list[dict[str, Any]]:
    """Converts every network at every ratio and compares each with its source, one task for each pair.

    Tasks whose results the output folder holds are not done again. The table is written to `table.parquet` there,
    where pyarrow is installed, once no task is missing.

    Args:
        models, data: paths that every worker reads under the same name, as on a shared file system.
        ratios: as the tool takes them: 0.5 or "1/8".
        output: the folder for results, which the caller alone writes to.
        address: of a Ray cluster (`"auto"`, `"local"`, `"ray://..."`); None does the tasks here, one by one.
        part: `i/n`: do only these tasks, as one of n jobs that share the folder; not with `address`.
        report: called with each task that is done.
        **options: those of `modconvert sweep`, with underscores: `calibrate="images/"`, `limit=1000`.

    Returns:
        A row for each network, ratio and kind of block: `model`, `ratio`, `kind`, `macs`, `agreement`, `top_one` and
        the ends of its 95 % interval; those without labels are None.

    Raises:
        modconvert.Error: the first task that the tool refused, after all others are done.
        ValueError: for a part that cannot be meant.
    """
    tasks = [Task(os.fspath(model), str(ratio), os.fspath(data), options) for model in models for ratio in ratios]
    results = Results(os.fspath(output))
    if not complete(tasks, results, address, part, report):
        return results.rows()
    return merge(output)


def merge(output: Union[str, os.PathLike]) -> list[dict[str, Any]]:
    """The table of all results in the folder, also written to `table.parquet` there where pyarrow is installed."""
    rows = Results(os.fspath(output)).rows()
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        return rows
    path = pathlib.Path(output) / "table.parquet"
    beside = path.with_suffix(".parquet.new")
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), beside)
    os.replace(beside, path)
    return rows
