"""Accuracy of 8-bit integers on the trained fixtures: the tables of docs/int8.md.

    accuracy.py [--modconvert PATH] [--split validation|test] [--seeds 0,1,2] [--only fashion-basic]

Quantised on 256 images that the seed draws from the first 55,000 training images of Fashion-MNIST, without labels; judged on the last
5,000 training images, or on the test set, once for a table. Beside this tool's roundings stands onnxruntime's quantize_static (QDQ, per
channel, uint8 activations) on the same number of images, with MinMax and Percentile ranges.

All files run in onnxruntime without graph optimisations, that is by the definition of each node: its fused kernels saturate on processors
with AVX2 and without VNNI. The column "fused" shows what the file of the first seed gives with them.

Needs Debian's dataset-fashion-mnist; onnx, onnxruntime, sympy, NumPy.
"""

import argparse
import gzip
import json
import statistics
import subprocess
import tempfile
from pathlib import Path

import numpy
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = Path("/usr/share/datasets/fashion-mnist")
SCALE = ["--mean", "0.2860", "--std", "0.3530"]
VALIDATION, IMAGES = 5000, 256

# name: the options of `quantize`, or those of `convert`
OURS = {
    "gram": ["quantize"],
    "nearest": ["quantize", "--rounding", "nearest"],
    "gram, range half": ["quantize", "--weight-range", "half"],
    "gram, range full": ["quantize", "--weight-range", "full"],
}
REDUCED = {
    "budget 0.5": [],
    "budget 0.5, int8": ["--int8"],
}
PEERS = {
    "onnxruntime MinMax": CalibrationMethod.MinMax,
    "onnxruntime Percentile": CalibrationMethod.Percentile,
}


def read(kind, offset):
    with gzip.open(FOLDER / kind) as file:
        return numpy.frombuffer(file.read(), numpy.uint8, offset=offset)


def pixels(kind):
    images = read(f"{kind}-images-idx3-ubyte.gz", 16).reshape(-1, 1, 28, 28)
    return images, read(f"{kind}-labels-idx1-ubyte.gz", 8)


def scaled(images):
    return ((images / numpy.float32(255) - numpy.float32(0.2860)) / numpy.float32(0.3530)).astype(numpy.float32)


def predictions(path, images, isFused):
    options = onnxruntime.SessionOptions()
    if not isFused:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return numpy.concatenate(
        [session.run(None, {name: images[i : i + 100]})[0].argmax(1) for i in range(0, len(images), 100)]
    )


class Images(CalibrationDataReader):
    def __init__(self, name, images):
        self.feeds = iter([{name: image[None]} for image in images])

    def get_next(self):
        return next(self.feeds, None)


def peer(source, result, method, images):
    prepared = f"{result}.prepared.onnx"
    quant_pre_process(str(source), prepared)
    name = onnxruntime.InferenceSession(prepared).get_inputs()[0].name
    quantize_static(
        prepared, str(result), Images(name, images), per_channel=True, activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8, calibrate_method=method,
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--modconvert", default=str(ROOT / ".build/release/modconvert"))
    parser.add_argument("--split", choices=["validation", "test"], default="validation")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--only")
    arguments = parser.parse_args()
    seeds = [int(seed) for seed in arguments.seeds.split(",")]
    train, labels = pixels("train")
    calibration = train[:-VALIDATION]
    images, labels = (train[-VALIDATION:], labels[-VALIDATION:]) if arguments.split == "validation" else pixels("t10k")
    images = scaled(images)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        numpy.save(folder / "images.npy", calibration)
        for source in sorted((ROOT / "fixtures/trained").glob("*.onnx")):
            if arguments.only and source.stem != arguments.only:
                continue
            table(arguments.modconvert, source, folder, seeds, calibration, images, labels)


def table(tool, source, folder, seeds, calibration, images, labels):
    reference = predictions(source, images, isFused=False)
    accuracy = 100 * (reference == labels).mean()
    print(f"\n{source.stem}: {accuracy:.2f} % top-1 in float\n")
    print("| network | points lost: mean | by seed | agreement | points lost, fused |")
    print("|---|---|---|---|---|")
    budget = macs(tool, source) // 2
    for name in [*OURS, *PEERS, *REDUCED]:
        lost, fused, agreement = [], [], []
        for seed in seeds:
            result = folder / "result.onnx"
            result.unlink(missing_ok=True)
            if name in PEERS:
                chosen = numpy.random.default_rng(seed).choice(len(calibration), IMAGES, replace=False)
                peer(source, result, PEERS[name], scaled(calibration[chosen]))
            else:
                options = OURS.get(name) or ["convert", "--target-macs", str(budget), *REDUCED[name]]
                words = [options[0], str(source), "-o", str(result), "--calibrate", str(folder / "images.npy"), "-q"]
                subprocess.run([tool, *words, *options[1:], *SCALE, "--seed", str(seed)], check=True)
            found = predictions(result, images, isFused=False)
            lost.append(accuracy - 100 * (found == labels).mean())
            agreement.append(100 * (found == reference).mean())
            if not fused:
                fused = [accuracy - 100 * (predictions(result, images, isFused=True) == labels).mean()]
        each = ", ".join(f"{value:.2f}" for value in lost)
        print(
            f"| {name} | {statistics.mean(lost):.2f} | {each} | {statistics.mean(agreement):.2f} % "
            f"| {fused[0]:.2f} |", flush=True,
        )


def macs(tool, source):
    return json.loads(subprocess.check_output([tool, "macs", str(source), "--json", "-"]))["total_macs"]


if __name__ == "__main__":
    main()
