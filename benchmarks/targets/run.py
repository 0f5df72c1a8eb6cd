#!/usr/bin/env python3
"""Runs every toolchain on the fixed set of files, each in an environment of its own, and fills docs/targets.md.

    python3 benchmarks/targets/run.py --modconvert .build/release/modconvert [--only NAME ...] [--keep FOLDER]
    python3 benchmarks/targets/run.py --modconvert .build/release/modconvert --here

Needs Python's venv and pip alone: onnxruntime, which gives the expected answers, is installed in an environment too.
Results are kept in results.json, so that --only renews single rows. Exit code 1 if a cell is red for which the
table has no advice. With --here the interpreter that runs this script runs what it can import, installs and stores
nothing, and prints what is red: the tests do that.
"""

import argparse
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import files
import table
import trained
from toolchains import ORT, TOOLCHAINS

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs/targets.md"

ANSWERS = """
import sys, numpy, onnxruntime
from pathlib import Path
for path in Path(sys.argv[1]).glob("*.onnx"):
    if path.with_suffix(".npz").exists():
        continue
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    shape = session.get_inputs()[0].shape
    batch = shape[0] if isinstance(shape[0], int) else 3
    x = numpy.random.default_rng(0).standard_normal([batch, *shape[1:]]).astype(numpy.float32)
    numpy.savez(path.with_suffix(".npz"), x=x, y=session.run(None, {session.get_inputs()[0].name: x})[0])
"""


def environment(folder, packages):
    """An environment with the packages; the path of its interpreter."""
    python = Path(folder, "bin/python")
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "numpy", *packages], check=True)
    return python


def make_files(modconvert, source, folder, toolchain):
    """The files of a row; those that the target refuses, by cell, with the reason."""
    folder.mkdir(parents=True, exist_ok=True)
    refused = {}
    for batch in toolchain.batches:
        for kind, words in files.KINDS.items():
            path = folder / f"{kind}, batch {batch}.onnx"
            if not path.exists():
                reason = files.convert(modconvert, source, path, toolchain.target, words, batch)
                if reason:
                    refused[path.stem] = {"refused": reason}
    return refused


def make_trained(modconvert, folder, toolchain, oracle):
    """The trained networks for a row's target, with the answers of onnxruntime to the files for onnxruntime."""
    reference = folder.parents[1] / "trained"
    if not reference.exists():
        trained.write(modconvert, ["--target", "onnxruntime"], reference)
        subprocess.run([oracle, "-c", ANSWERS, reference], check=True)
    trained.write(modconvert, toolchain.target, folder)
    for answers in reference.glob("*.npz"):
        shutil.copy(answers, folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--modconvert", default=".build/release/modconvert")
    parser.add_argument("--only", nargs="*", help="rows to renew")
    parser.add_argument("--table", action="store_true", help="write the table of the results that are there")
    parser.add_argument("--here", action="store_true", help="run what this interpreter can import, and store nothing")
    parser.add_argument("--keep", help="a folder for files and environments, which are used again; instead of a temporary one")
    arguments = parser.parse_args()
    modconvert = Path(arguments.modconvert).resolve()
    if arguments.here:
        return run_here(modconvert)
    store = HERE / "results.json"
    results = json.loads(store.read_text()) if store.exists() else {}
    wanted = [] if arguments.table else [t for t in TOOLCHAINS if not arguments.only or t.name in arguments.only]
    if wanted:
        measure(wanted, modconvert, results, store, arguments.keep)
    forms, formsAreGreen = table.forms(results)
    networks, networksAreGreen = table.trained_networks(results)
    fill("forms", forms)
    fill("trained networks", networks)
    return 0 if formsAreGreen and networksAreGreen else 1


def fill(name, text):
    """Puts a table between its marks in docs/targets.md."""
    begin, end = f"<!-- table: benchmarks/targets/run.py, {name} -->", "<!-- end of table -->"
    head, rest = PAGE.read_text().split(begin)
    PAGE.write_text(f"{head}{begin}\n\n{text}\n\n{end}{rest.split(end, 1)[1]}")


# The packages of a check that --here runs.
QUICK = {
    "onnxruntime": ["onnxruntime"],
    "shape_inference": ["onnx", "onnxruntime", "sympy"],
    "quantize": ["onnx", "onnxruntime", "sympy"],
    "reference": ["onnx"],
    "onnx2torch": ["onnx2torch"],
}


def run_here(modconvert):
    """Runs the checks whose packages are there; returns 1 if a cell is red."""
    red, ran = [], []
    with tempfile.TemporaryDirectory() as temporary:
        source = files.build(modconvert, temporary)
        for toolchain in TOOLCHAINS:
            needed = QUICK.get(toolchain.check)
            if needed is None or not all(importlib.util.find_spec(name) for name in needed):
                continue
            folder = Path(temporary, toolchain.target[-1])
            cells = make_files(modconvert, source, folder, toolchain)
            subprocess.run([sys.executable, "-c", ANSWERS, folder], check=True)
            command = [sys.executable, HERE / "checks" / f"check_{toolchain.check}.py", folder]
            done = subprocess.run(command, capture_output=True, text=True)
            lines = [line for line in done.stdout.splitlines() if line.startswith('{"versions"')]
            cells |= json.loads(lines[0])["cells"] if lines else {"all": {"error": done.stderr.strip()[-200:]}}
            for name, result in cells.items():
                text, isRight = table.cell(toolchain, name, result)
                if not isRight:
                    red.append(f"{toolchain.name}, {name}: {text}")
            ran.append(toolchain.name)
    print(f"ran: {', '.join(ran)}", *red, sep="\n")
    return 1 if red or not ran else 0


def measure(wanted, modconvert, results, store, keep):
    """Runs the toolchains and stores their results."""
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(keep or temporary)
        work.mkdir(parents=True, exist_ok=True)
        source = files.build(modconvert, work)
        oracle = environment(work / "environments/oracle", ORT)
        for toolchain in wanted:
            folder = work / "files" / toolchain.target[-1]
            refused = make_files(modconvert, source, folder, toolchain)
            if toolchain.runs_trained:
                make_trained(modconvert, folder, toolchain, oracle)
            subprocess.run([oracle, "-c", ANSWERS, folder], check=True)
            name = re.sub(r"[^a-z0-9.-]", "", "-".join(sorted(toolchain.packages)).lower())[:80]
            python = environment(work / "environments" / name, toolchain.packages)
            command = [python, HERE / "checks" / f"check_{toolchain.check}.py", folder]
            # Rows with the same target share a folder.
            if toolchain.batches != files.BATCHES:
                command += toolchain.batches
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                sys.exit(f"{toolchain.name}: {done.stderr.strip().splitlines()[-1]}")
            line = next(line for line in done.stdout.splitlines() if line.startswith('{"versions"'))
            results[toolchain.name] = json.loads(line)
            results[toolchain.name]["cells"] |= refused
            store.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
            print(toolchain.name, "done", flush=True)


if __name__ == "__main__":
    sys.exit(main())
