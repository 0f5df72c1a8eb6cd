#!/usr/bin/env python3
"""Checks calibrated exports outside this tool: onnx.checker, and onnxruntime's outputs and routing.

Usage: check_exports.py MODCONVERT

Needs onnx, onnxruntime, NumPy and Debian's dataset-fashion-mnist. Converts the trained fixtures in every way;
each result has to pass `modconvert verify` and onnx.checker (full_check), and give in onnxruntime the same
outputs (1e-4 relative) and the same choices as here, at batch 1 and 4.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import onnx
import onnxruntime

from measure import FIXTURES, SCALE, write_data

HALF = ["--mod-ratio", "0.5"]
WAYS = {
    "auto": HALF,
    "routed": [*HALF, "--router", "topk"],
    "routed, weights kept": [*HALF, "--router", "topk", "--weights", "keep"],
    "routed channels": [*HALF, "--route", "channels", "--router", "topk"],
    "paired channels": [*HALF, "--router", "pairs"],
    "fixed channels, first k": [*HALF, "--route", "channels", "--router", "fixed", "--fusion", "first-k"],
    "all blocks, fixed": [*HALF, "--router", "fixed", "--blocks", "all"],
    "dropped": ["--drop"],
}


def run(*command):
    subprocess.run([str(part) for part in command], check=True)


def choices(model):
    """The names of the indices that the file's routers compute, with their types: a choice of pairs is bool."""
    text = next(entry.value for entry in model.metadata_props if entry.key == "ai.modconvert.blocks")
    routes = [route for block in json.loads(text) for route in block.get("routes") or []]
    types = onnx.TensorProto.BOOL, onnx.TensorProto.INT64
    return {route["indices"]: types[0] if route.get("pairs") else types[1] for route in routes}


def check(tool, network, way, images, folder):
    source, output = FIXTURES / f"fashion-{network}.onnx", folder / "converted.onnx"
    run(tool, "convert", source, *WAYS[way], "--recipe", "calibrated", "--calibrate",
        folder / "calibration.npy", "--calibrate-samples", "64", *SCALE, "-o", output, "--force", "--quiet")
    run(tool, "verify", source, output, "--quiet")
    model = onnx.load(output)
    onnx.checker.check_model(model, full_check=True)
    names = choices(model)
    for name, kind in names.items():
        model.graph.output.append(onnx.helper.make_tensor_value_info(name, kind, None))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    worst = 0.0
    for batch in (1, 4):
        numpy.save(folder / "x.npy", images[:batch])
        dump = ["--dump", ",".join(names), folder / "choices.npz"] if names else []
        run(tool, "run", output, "--input", folder / "x.npy", "-o", folder / "y.npy", *dump, "--force", "--quiet")
        expected, *chosen = session.run(None, {"input": images[:batch]})
        worst = max(worst, abs(numpy.load(folder / "y.npy") - expected).max() / abs(expected).max())
        for name, indices in zip(names, chosen):
            assert (numpy.load(folder / "choices.npz")[name] == indices).all(), f"{name} differs"
    assert worst < 1e-4, worst
    print(f"{network}, {way}: {len(names)} choices equal, max relative error {worst:.1e}", flush=True)


def main():
    onnxruntime.set_default_logger_severity(3)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        write_data(folder, "validation", 4)
        images = (numpy.load(folder / "images.npy").astype(numpy.float32) / 255 - 0.2860) / 0.3530
        for network in ("bottleneck", "basic"):
            for way in WAYS:
                check(Path(sys.argv[1]).resolve(), network, way, images[:, None], folder)


if __name__ == "__main__":
    main()
