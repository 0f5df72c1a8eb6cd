"""Sweeps of many networks: who does which task, and the table of all."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable, Sequence
from typing import Any, Optional, Union

from .._error import Error
from ._tasks import Results, Task, shard

# How often a task is given to another worker after one that died or lost its machine.
_RETRIES = 3


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
    if part is not None and address is not None:
        raise ValueError("a part is for jobs without Ray: leave one of them out")
    tasks = [Task(os.fspath(model), str(ratio), os.fspath(data), options) for model in models for ratio in ratios]
    results = Results(os.fspath(output))
    missing = [task for task in shard(tasks, part) if not results.has(task)]
    refused: list[Error] = []

    def take(task: Task, result: Union[dict[str, Any], Error]) -> None:
        if isinstance(result, Error):
            refused.append(result)
            return
        results.write(task, result)
        if report:
            report(task)

    (_one_by_one if address is None else _by_ray(address))(missing, take)
    if refused:
        raise refused[0]
    if not all(results.has(task) for task in tasks):
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


Take = Callable[[Task, Union[dict[str, Any], Error]], None]


def _done(task: Task) -> Union[dict[str, Any], Error]:
    """A task's result; what the tool refuses is a result too, which no retry changes."""
    try:
        return task.run()
    except Error as error:
        return error


def _one_by_one(tasks: Sequence[Task], take: Take) -> None:
    for task in tasks:
        take(task, _done(task))


def _by_ray(address: str) -> Callable[[Sequence[Task], Take], None]:
    try:
        import ray
    except ImportError as error:
        raise ValueError("an address needs the package ray: pip install 'modconvert[fleet]'") from error

    def work(tasks: Sequence[Task], take: Take) -> None:
        if not ray.is_initialized():
            ray.init(address=None if address == "local" else address, log_to_driver=False)
        remote = ray.remote(max_retries=_RETRIES, num_cpus=1)(_done)
        running = {remote.remote(task): task for task in tasks}
        while running:
            done, _ = ray.wait(list(running), num_returns=1)
            take(running.pop(done[0]), ray.get(done[0]))

    return work
