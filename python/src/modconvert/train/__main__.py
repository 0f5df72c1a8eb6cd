"""`python -m modconvert.train STUDENT TEACHER --data IMAGES -o FILE`, alone or started by torchrun."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from typing import Optional

import torch

from .._error import Error
from . import Settings, distill
from ._data import Pixels
from ._settings import Epoch


def main(words: Optional[list[str]] = None) -> int:
    options = _parser().parse_args(words)
    if options.threads:
        torch.set_num_threads(options.threads)
    try:
        settings = Settings(**{field.name: getattr(options, field.name) for field in dataclasses.fields(Settings)})
        pixels = Pixels(tuple(options.mean or Pixels.mean), tuple(options.std or Pixels.std))
        outcome = distill(
            options.student,
            options.teacher,
            options.data,
            output=options.output,
            labels=options.labels,
            limit=options.limit,
            validation=options.validation,
            validation_labels=options.validation_labels,
            settings=settings,
            pixels=pixels,
            checkpoint=options.checkpoint,
            log=options.log,
            report=_show,
        )
    except (Error, OSError, ValueError) as error:
        print(f"modconvert.train: error: {error}", file=sys.stderr)
        return getattr(error, "exit_code", None) or 65
    return 0 if outcome.verified else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="modconvert.train", description="Fine-tunes a converted network against its source."
    )
    parser.add_argument("student", help="the converted file")
    parser.add_argument("teacher", help="its source")
    parser.add_argument(
        "--data", required=True, help="images: a folder, a .npy, .npz or IDX file, or shards as a-{0..9}.tar"
    )
    parser.add_argument("-o", "--output", required=True, help="the ONNX file to write")
    parser.add_argument("--labels", help="the class of each image: a .npy or IDX file")
    parser.add_argument("--limit", type=int, help="use the first images only")
    parser.add_argument("--validation", help="images to judge by (default: a tenth of the others)")
    parser.add_argument("--validation-labels")
    parser.add_argument("--mean", type=float, nargs="+", help="of pixels / 255, by channel (default: ImageNet's)")
    parser.add_argument("--std", type=float, nargs="+")
    parser.add_argument("--checkpoint", help="a file from which a run that was killed continues")
    parser.add_argument("--log", help="a folder for TensorBoard")
    parser.add_argument("--threads", type=int, help="of each process")
    for field in dataclasses.fields(Settings):
        word, default = "--" + field.name.replace("_", "-"), field.default
        if isinstance(default, bool):
            parser.add_argument(f"--no-{word[2:]}", dest=field.name, action="store_false")
        else:
            parser.add_argument(word, type=type(default), default=default, help=f"default: {default}")
    return parser


def _show(epoch: Epoch) -> None:
    parts = [f"epoch {epoch.number}"]
    if epoch.loss is not None:
        parts.append(f"loss {epoch.loss:.5f}")
    if epoch.agreement is not None:
        parts.append(f"agreement {100 * epoch.agreement:.2f} %")
    if epoch.accuracy is not None:
        parts.append(f"top-1 {100 * epoch.accuracy:.2f} %")
    parts.append(f"difference {epoch.difference:.5f}")
    print("  ".join(parts), flush=True)


if __name__ == "__main__":
    sys.exit(main())
