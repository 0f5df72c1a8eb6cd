"""`python -m modconvert.fleet sweep ...`, `evaluate ...` and `merge FOLDER`: what jobs of a scheduler call."""

from __future__ import annotations

import argparse
import sys
from typing import Optional

from .._error import Error
from . import evaluate, merge, sweep


def main(words: Optional[list[str]] = None) -> int:
    parser = argparse.ArgumentParser(prog="modconvert.fleet", description="Sweeps of many networks, on many machines.")
    commands = parser.add_subparsers(dest="command", required=True)
    work = commands.add_parser("sweep", help="do the tasks that the folder has no results of")
    work.add_argument("--ratios", required=True, help="as 1/8,0.5")
    shared = commands.add_parser("evaluate", help="compare models on images that are shared among workers")
    shared.add_argument("--parts", type=int, default=8, help="of the images (default: 8)")
    for command in (work, shared):
        command.add_argument("models", nargs="+")
        command.add_argument("--data", required=True, help="images to compare on")
        command.add_argument("--output", required=True, help="the folder for results")
        command.add_argument("--address", help="of a Ray cluster, such as auto")
        command.add_argument("--shard", metavar="I/N", help="do one part of the tasks")
        command.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="of the command")
    gather = commands.add_parser("merge", help="write the table of all results of a sweep")
    gather.add_argument("folder")
    options = parser.parse_args(words)
    try:
        print(_done(options))
    except (Error, OSError, ValueError) as error:
        print(f"modconvert.fleet: error: {error}", file=sys.stderr)
        return getattr(error, "exit_code", None) or 65
    return 0


def _done(options: argparse.Namespace) -> str:
    """Does what the command asks for; the line that says how it went."""
    if options.command == "merge":
        return f"{len(merge(options.folder))} rows"
    others = dict(word.split("=", 1) for word in options.option)
    settings = {
        "output": options.output,
        "address": options.address,
        "part": options.shard,
        **{name.replace("-", "_"): value for name, value in others.items()},
    }
    if options.command == "sweep":
        ratios = options.ratios.split(",")
        rows = sweep(options.models, ratios, options.data, report=lambda task: _say(task.model, task.ratio), **settings)
        return f"{len(rows)} rows"
    found = evaluate(
        options.models, options.data, parts=options.parts, report=lambda part: _say("part", part.shard), **settings
    )
    if found is None:
        return "other parts are missing"
    return "\n".join(
        f"{model.model}  agreement {100 * model.agreement:.2f} %"
        + ("" if model.top_one is None else f"  top-1 {100 * model.top_one:.2f} %")
        for model in found.models
    )


def _say(*words: str) -> None:
    print(*words, flush=True)


if __name__ == "__main__":
    sys.exit(main())
