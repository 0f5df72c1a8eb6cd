#!/usr/bin/env python3
"""Node counts that modconvert optimize, onnxsim and OnnxSlim leave, as a Markdown table.

    swift build -c release --product modconvert
    python3 -m venv venv && venv/bin/pip install numpy onnx onnxruntime onnxsim onnxslim
    venv/bin/python benchmarks/optimizers/compare.py fixtures/models/*/model.onnx

Every result of modconvert is loaded in onnxruntime and compared with the source on seeded inputs; the last column is the
largest difference of an output over its largest magnitude. --counts prints `name onnxsim onnxslim` lines instead,
which Tests/PassesTests/peer-nodes.txt holds.
"""
import argparse
import os
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
import onnxsim
import onnxslim

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ELEMENT_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64}


def name_of(path):
    """`torchvision-resnet50` for `.../torchvision-resnet50/model.onnx`."""
    stem = os.path.splitext(os.path.basename(path))[0]
    return os.path.basename(os.path.dirname(os.path.abspath(path))) if stem == "model" else stem


def peer_counts(path):
    """Nodes that onnxsim and OnnxSlim leave."""
    simplified, is_valid = onnxsim.simplify(onnx.load(path))
    if not is_valid:
        sys.exit(f"{path}: onnxsim's own check failed")
    return len(simplified.graph.node), len(onnxslim.slim(onnx.load(path)).graph.node)


def session(path):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def difference(source, result, size):
    """The largest relative difference of an output, both files run by onnxruntime."""
    before, after = session(source), session(result)
    generator = np.random.default_rng(0)
    inputs = {}
    for value in after.get_inputs():
        shape = [extent if isinstance(extent, int) else (1 if axis == 0 else size)
                 for axis, extent in enumerate(value.shape)]
        inputs[value.name] = generator.standard_normal(shape).astype(ELEMENT_TYPES[value.type])
    names = [output.name for output in before.get_outputs()]
    if names != [output.name for output in after.get_outputs()]:
        sys.exit(f"{result}: other outputs than {source}")
    worst = 0.0
    for expected, found in zip(before.run(names, inputs), after.run(names, inputs)):
        expected, found = expected.astype(np.float64), found.astype(np.float64)
        scale = np.abs(expected).max()
        worst = max(worst, np.abs(found - expected).max() / (scale if scale else 1))
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("models", nargs="+")
    parser.add_argument("--counts", action="store_true", help="print the peers' counts only, for the tests")
    parser.add_argument("--growth-limit", help="handed on to modconvert")
    parser.add_argument("--size", type=int, default=64, help="what open extents other than the batch are")
    parser.add_argument("--modconvert", default=os.path.join(ROOT, ".build/release/modconvert"))
    arguments = parser.parse_args()
    if not arguments.counts:
        print("| model | source | onnxsim | OnnxSlim | modconvert | difference |")
        print("|---|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for path in arguments.models:
            simplified, slimmed = peer_counts(path)
            if arguments.counts:
                print(name_of(path), simplified, slimmed, flush=True)
                continue
            result = os.path.join(folder, "optimized.onnx")
            command = [arguments.modconvert, "optimize", path, "-o", result, "--force", "--check", "0", "-q"]
            if arguments.growth_limit:
                command += ["--growth-limit", arguments.growth_limit]
            subprocess.run(command, check=True)
            nodes = len(onnx.load(path, load_external_data=False).graph.node)
            ours = len(onnx.load(result, load_external_data=False).graph.node)
            try:
                error = f"{difference(path, result, arguments.size):.1e}"
            except onnxruntime.capi.onnxruntime_pybind11_state.Fail as problem:
                error = f"not run: {str(problem).splitlines()[0]}"
            print(f"| {name_of(path)} | {nodes} | {simplified} | {slimmed} | {ours} | {error} |", flush=True)


if __name__ == "__main__":
    main()
