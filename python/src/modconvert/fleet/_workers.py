"""Who does which task: this process, one of several jobs, or the workers of a Ray cluster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Optional, Protocol, Union

from .._error import Error
from ._tasks import Results, shard

# How often a task is given to another worker after one that died or lost its machine.
_RETRIES = 3


class Work(Protocol):
    """One call of the tool; `name` is that of the file for its result."""

    @property
    def name(self) -> str: ...

    def run(self) -> dict[str, Any]: ...


def complete(
    tasks: Sequence[Any],
    results: Results,
    address: Optional[str],
    part: Optional[str],
    report: Optional[Callable[[Any], None]],
) -> bool:
    """Does the tasks whose results are missing, or those among them that are in the part; whether none is missing then.

    Raises:
        modconvert.Error: the first task that the tool refused, after all others are done.
        ValueError: for a part that cannot be meant.
    """
    if part is not None and address is not None:
        raise ValueError("a part is for jobs without Ray: leave one of them out")
    missing = [task for task in shard(tasks, part) if not results.has(task)]
    refused: list[Error] = []

    def take(task: Work, result: Union[dict[str, Any], Error]) -> None:
        if isinstance(result, Error):
            refused.append(result)
            return
        results.write(task, result)
        if report:
            report(task)

    (_one_by_one if address is None else _by_ray(address))(missing, take)
    if refused:
        raise refused[0]
    return all(results.has(task) for task in tasks)


Take = Callable[[Work, Union[dict[str, Any], Error]], None]


def _done(task: Work) -> Union[dict[str, Any], Error]:
    """A task's result; what the tool refuses is a result too, which no retry changes."""
    try:
        return task.run()
    except Error as error:
        return error


def _one_by_one(tasks: Sequence[Work], take: Take) -> None:
    for task in tasks:
        take(task, _done(task))


def _by_ray(address: str) -> Callable[[Sequence[Work], Take], None]:
    try:
        import ray
    except ImportError as error:
        raise ValueError("an address needs the package ray: pip install 'modconvert[fleet]'") from error

    def work(tasks: Sequence[Work], take: Take) -> None:
        if not ray.is_initialized():
            ray.init(address=None if address == "local" else address, log_to_driver=False)
        remote = ray.remote(max_retries=_RETRIES, num_cpus=1)(_done)
        running = {remote.remote(task): task for task in tasks}
        while running:
            done, _ = ray.wait(list(running), num_returns=1)
            take(running.pop(done[0]), ray.get(done[0]))

    return work
