#!/usr/bin/env python3
"""This tool next to onnxsim's structured pruning, on the same images at equal multiply-accumulates.

Usage: compare.py MODCONVERT [--limit N]

Takes the two trained fixtures. Both tools get the same 256 unlabelled training images of Fashion-MNIST; the 10,000
test images judge, in onnxruntime. onnxsim prunes by a ratio of channels, so its ratio is searched until the strict
multiply-accumulates, counted by `modconvert macs`, are those of the budget within half a point, or as near as its
steps allow: its own share is printed. Needs Debian's dataset-fashion-mnist, and requirements.txt of this folder.
"""

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import onnxsim

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent.parent / "fixtures" / "trained"
DATA = Path("/usr/share/datasets/fashion-mnist")
MEAN, DEVIATION = 0.2860, 0.3530
IMAGES = 256
BUDGETS = (0.75, 0.5)


def read(name: str) -> np.ndarray:
    """An IDX file of the data set."""
    data = gzip.decompress((DATA / f"{name}.gz").read_bytes())
    extents = [int.from_bytes(data[4 + 4 * axis : 8 + 4 * axis], "big") for axis in range(data[3])]
    return np.frombuffer(data, np.uint8, offset=4 + 4 * len(extents)).reshape(extents)


def scaled(pixels: np.ndarray) -> np.ndarray:
    return ((pixels.astype(np.float32) / 255 - MEAN) / DEVIATION)[:, None]


def top_one(model: Path, images: np.ndarray, labels: np.ndarray) -> float:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    right = 0
    for start in range(0, len(images), 500):
        scores = session.run(None, {name: images[start : start + 500]})[0]
        right += int((scores.argmax(1) == labels[start : start + 500]).sum())
    return 100 * right / len(images)


def macs(tool: str, model: Path) -> int:
    command = [tool, "macs", str(model), "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["total_macs"]


def converted(tool: str, source: Path, target: Path, budget: int, images: Path) -> None:
    command = [tool, "convert", source, target, "--target-macs", str(budget), "--calibrate", images]
    command += ["--calibrate-samples", str(IMAGES), "--force", "--quiet"]
    subprocess.run(list(map(str, command)), check=True)


def pruned(tool: str, source: Path, target: Path, budget: int, images: np.ndarray, finetune: bool) -> None:
    """onnxsim's result with the multiply-accumulates nearest to the budget."""
    best = None
    low, high = 0.0, 0.9
    for _ in range(9):
        ratio = (low + high) / 2
        onnx.save(prune(source, ratio, images), target)
        count = macs(tool, target)
        if best is None or abs(count - budget) < abs(best[1] - budget):
            best = (ratio, count)
        low, high = (ratio, high) if count > budget else (low, ratio)
    model = prune(source, best[0], images)
    if finetune:
        model = onnxsim.apply_pruning_finetune(onnx.load(source), model, calibration_data=batches(source, images))
    onnx.save(model, target)


def prune(source: Path, ratio: float, images: np.ndarray) -> onnx.ModelProto:
    return onnxsim.apply_structured_wanda_pruning(
        onnx.load(source), calibration_data=batches(source, images), sparsity=ratio
    )


def batches(source: Path, images: np.ndarray) -> list:
    """The images as onnxsim takes them."""
    name = onnx.load(source).graph.input[0].name
    return [{name: images[start : start + 32]} for start in range(0, len(images), 32)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modconvert")
    parser.add_argument("--limit", type=int, default=10_000, help="use the first test images only")
    arguments = parser.parse_args()
    tool = arguments.modconvert
    images, labels = scaled(read("t10k-images-idx3-ubyte")), read("t10k-labels-idx1-ubyte")
    images, labels = images[: arguments.limit], labels[: arguments.limit]
    calibration = scaled(read("train-images-idx3-ubyte")[:IMAGES])
    print("| network | budget | tool | MACs, of the source's | top-1, % | points lost |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        array, target = Path(folder) / "images.npy", Path(folder) / "small.onnx"
        np.save(array, calibration)
        for name in ("fashion-bottleneck", "fashion-basic"):
            source = FIXTURES / f"{name}.onnx"
            before, work = top_one(source, images, labels), macs(tool, source)
            print(f"| {name} | | source | 1 | {before:.2f} | |")
            for share in BUDGETS:
                budget = int(share * work)
                ways = {
                    "modconvert": lambda: converted(tool, source, target, budget, array),
                    "onnxsim": lambda: pruned(tool, source, target, budget, calibration, finetune=False),
                    "onnxsim, fine-tuned": lambda: pruned(tool, source, target, budget, calibration, finetune=True),
                }
                for way, make in ways.items():
                    target.unlink(missing_ok=True)
                    try:
                        make()
                    except Exception as error:  # a peer that fails has a row too
                        print(f"| {name} | {share} | {way} | | | failed: {str(error).splitlines()[0][:80]} |")
                        continue
                    after = top_one(target, images, labels)
                    print(f"| {name} | {share} | {way} | {macs(tool, target) / work:.3f} | {after:.2f} | {before - after:.2f} |")
                    sys.stdout.flush()


if __name__ == "__main__":
    main()
