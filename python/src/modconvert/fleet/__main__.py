"""`python -m modconvert.fleet sweep ...` and `merge FOLDER`: what jobs of a scheduler call."""

from __future__ import annotations

import argparse
import sys
from typing import Optional

from .._error import Error
from . import merge, sweep


def main(words: Optional[list[str]] = None) -> int:
    parser = argparse.ArgumentParser(prog="modconvert.fleet", description="Sweeps of many networks, on many machines.")
    commands = parser.add_subparsers(dest="command", required=True)
    work = commands.add_parser("sweep", help="do the tasks that the folder has no results of")
    work.add_argument("models", nargs="+")
    work.add_argument("--ratios", required=True, help="as 1/8,0.5")
    work.add_argument("--data", required=True, help="images to compare on")
    work.add_argument("--output", required=True, help="the folder for results")
    work.add_argument("--address", help="of a Ray cluster, such as auto")
    work.add_argument("--shard", metavar="I/N", help="do one part of the tasks")
    work.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="of modconvert sweep")
    gather = commands.add_parser("merge", help="write the table of all results")
    gather.add_argument("folder")
    options = parser.parse_args(words)
    try:
        if options.command == "merge":
            rows = merge(options.folder)
        else:
            others = dict(word.split("=", 1) for word in options.option)
            rows = sweep(
                options.models,
                options.ratios.split(","),
                options.data,
                output=options.output,
                address=options.address,
                part=options.shard,
                report=lambda task: print(f"{task.model} {task.ratio}", flush=True),
                **{name.replace("-", "_"): value for name, value in others.items()},
            )
    except (Error, OSError, ValueError) as error:
        print(f"modconvert.fleet: error: {error}", file=sys.stderr)
        return getattr(error, "exit_code", None) or 65
    print(f"{len(rows)} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
