"""Runs one toolchain on the files of a folder, each in a process of its own, and prints what came out as JSON.

A file NAME.onnx comes with NAME.npz: x, the input, and y, what onnxruntime answers. A check calls `main` with a
function from (path, x) to the answer, or to None where the tool gives no answer but a file. Batches after the folder
leave the files of others out.
"""

import json
import multiprocessing
import os
import sys
from pathlib import Path

import numpy

SECONDS = 900


def attempt(run, path, results):
    """The worst difference from y, relative to y's largest magnitude, or the error."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    try:
        data = numpy.load(path.with_suffix(".npz"))
        answer = run(str(path), data["x"])
        if answer is None:
            results.put({})
            return
        answer = numpy.asarray(answer, dtype=numpy.float64).reshape(data["y"].shape)
        results.put({"difference": float(abs(answer - data["y"]).max() / abs(data["y"]).max())})
    except BaseException as error:
        lines = str(error).strip().splitlines() or [""]
        results.put({"error": f"{type(error).__name__}: {lines[-1]}"[:240]})


def main(run, versions):
    context = multiprocessing.get_context("fork")
    cells = {}
    ends = tuple(f"batch {batch}" for batch in sys.argv[2:]) or ("",)
    for path in sorted(Path(sys.argv[1]).glob("*.onnx")):
        if not path.stem.endswith(ends):
            continue
        results = context.Queue()
        process = context.Process(target=attempt, args=(run, path, results))
        process.start()
        try:
            cells[path.stem] = results.get(timeout=SECONDS)
        except Exception:
            process.join(1)
            ended = process.exitcode
            cells[path.stem] = {"error": f"ends with {ended}" if ended is not None else f"takes over {SECONDS} s"}
            process.kill()
        process.join()
    # Some tools print on standard output as they are imported, or as they end.
    print("\n" + json.dumps({"versions": versions, "cells": cells}), flush=True)


def versions(*packages):
    from importlib.metadata import version

    return {package: version(package) for package in packages}
