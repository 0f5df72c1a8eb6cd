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
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import files
from toolchains import ORT, TOOLCHAINS

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs/targets.md"
BEGIN, END = "<!-- table: benchmarks/targets/run.py -->", "<!-- end of table -->"
TOLERANCE = 1e-4

ANSWERS = """
import sys, numpy, onnxruntime
from pathlib import Path
for path in Path(sys.argv[1]).glob("*.onnx"):
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
    """The files of a row; the errors of those that are refused, by cell."""
    folder.mkdir(parents=True, exist_ok=True)
    refused = {}
    for batch in files.BATCHES:
        for kind, (words, is_routed) in files.KINDS.items():
            if is_routed and not toolchain.routes:
                continue
            path = folder / f"{kind}, batch {batch}.onnx"
            if not path.exists():
                problem = files.convert(modconvert, source, path, toolchain.target, words, batch)
                if problem:
                    refused[path.stem] = {"error": f"not converted: {problem}"}
    return refused


def cell(toolchain, name, result):
    """The text of a cell, and whether it is as it should be."""
    advice = next((text for start, text in toolchain.known.items() if name.startswith(start)), None)
    if "error" in result:
        return advice or f"**fails**: {result['error']}", advice is not None
    if "difference" not in result:
        return toolchain.does, True
    worst = result["difference"]
    if worst > TOLERANCE and advice:
        return f"{worst:.0e}: {advice}", True
    return f"{worst:.0e}", worst <= TOLERANCE


def table(results):
    """The rows as Markdown, a column for each kind, with one entry for all batches if they agree."""
    lines = ["| | version | " + " | ".join(files.KINDS) + " |", "|---|---|" + "---|" * len(files.KINDS)]
    isGreen, notes = True, []
    for toolchain in TOOLCHAINS:
        row = results.get(toolchain.name)
        if row is None:
            continue
        versions = ", ".join(f"{name} {version}" for name, version in row["versions"].items())
        cells = []
        for kind, (_, is_routed) in files.KINDS.items():
            if is_routed and not toolchain.routes:
                cells.append("refused: --router fixed")
                continue
            found = []
            for batch in files.BATCHES:
                name = f"{kind}, batch {batch}"
                if name in row["cells"]:
                    text, isRight = cell(toolchain, name, row["cells"][name])
                    isGreen &= isRight
                    found.append((batch, text))
            texts = {text for _, text in found}
            numbers = [row["cells"][f"{kind}, batch {batch}"].get("difference") for batch, _ in found]
            if len(texts) == 1:
                cells.append(texts.pop())
            elif all(text[0].isdigit() and ":" not in text for text in texts) and all(number is not None for number in numbers):
                cells.append(f"{max(numbers):.0e}")
            else:
                cells.append("; ".join(f"{batch}: {text}" for batch, text in found))
        lines.append(f"| {toolchain.name} | {versions} | " + " | ".join(cells) + " |")
    return "\n".join(lines), isGreen


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--modconvert", default=".build/release/modconvert")
    parser.add_argument("--only", nargs="*", help="rows to renew")
    parser.add_argument("--table", action="store_true", help="write the table of the results that are there")
    parser.add_argument("--here", action="store_true", help="run what this interpreter can import, and store nothing")
    parser.add_argument("--keep", help="a folder for files and environments, instead of a temporary one")
    arguments = parser.parse_args()
    modconvert = Path(arguments.modconvert).resolve()
    if arguments.here:
        return run_here(modconvert)
    store = HERE / "results.json"
    results = json.loads(store.read_text()) if store.exists() else {}
    wanted = [] if arguments.table else [t for t in TOOLCHAINS if not arguments.only or t.name in arguments.only]
    if wanted:
        measure(wanted, modconvert, results, store, arguments.keep)
    text, isGreen = table(results)
    page = PAGE.read_text()
    head, rest = page.split(BEGIN)
    PAGE.write_text(f"{head}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}")
    return 0 if isGreen else 1


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
                text, isRight = cell(toolchain, name, result)
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
            subprocess.run([oracle, "-c", ANSWERS, folder], check=True)
            name = "-".join(sorted(toolchain.packages)).replace("=", "").replace("/", "")[:80]
            python = environment(work / "environments" / name, toolchain.packages)
            done = subprocess.run(
                [python, HERE / "checks" / f"check_{toolchain.check}.py", folder], capture_output=True, text=True
            )
            if done.returncode:
                sys.exit(f"{toolchain.name}: {done.stderr.strip().splitlines()[-1]}")
            line = next(line for line in done.stdout.splitlines() if line.startswith('{"versions"'))
            results[toolchain.name] = json.loads(line)
            results[toolchain.name]["cells"] |= refused
            store.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
            print(toolchain.name, "done", flush=True)


if __name__ == "__main__":
    sys.exit(main())
