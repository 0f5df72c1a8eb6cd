#!/usr/bin/env python3
"""The experiments behind docs/accuracy.md, on the trained fixtures and Fashion-MNIST.

Usage: measure.py MODCONVERT [--split validation|test] [--seeds 0,1,2] [--only NAME,...] [--limit N]

Needs Debian's dataset-fashion-mnist and NumPy. Calibration images are drawn by the seed from the first 55,000
training images, without their labels. Settings are chosen on the validation split (the last 5,000 training images);
`--split test` reads the test set, once for a table. Writes results-<split>.json beside this script, and the
tables as Markdown to standard output.
"""

import argparse
import gzip
import json
import statistics
import subprocess
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent.parent / "fixtures" / "trained"
FOLDER = Path("/usr/share/datasets/fashion-mnist")
SCALE = ["--mean", "0.2860", "--std", "0.3530"]
VALIDATION = 5000

# name: (options of convert, whether images are real)
ALTERNATE = ["--mod-ratio", "0.5"]
REAL, SYNTHETIC = True, False
# All blocks with an identity shortcut, for --blocks.
IDENTITY = {"bottleneck": "0.1,0.2,1.1,1.2,1.3,2.1,2.2", "basic": "0.0,0.1,0.2,1.1,1.2,1.3,2.1"}


def fixed(ratio, blocks="alternate", bias="none"):
    """Options of fixed hidden units with a bias that depends on the image."""
    return ["--mod-ratio", ratio, "--blocks", blocks, "--router", "fixed", "--dynamic-bias", bias]


SETTINGS = {
    "alternate 0.5, auto": (ALTERNATE + ["--router", "auto"], REAL),
    "alternate 0.5, fixed": (ALTERNATE + ["--router", "fixed"], REAL),
    "alternate 0.5, routed": (ALTERNATE + ["--router", "topk"], REAL),
    "alternate dropped": (["--drop"], REAL),
    "alternate 0.5, fixed, weights kept": (ALTERNATE + ["--router", "fixed", "--weights", "keep"], REAL),
    "alternate 0.5, routed, weights kept": (ALTERNATE + ["--router", "topk", "--weights", "keep"], REAL),
    "alternate 0.5, channels fixed": (ALTERNATE + ["--route", "channels", "--router", "fixed"], REAL),
    "alternate 0.5, channels routed": (ALTERNATE + ["--route", "channels", "--router", "topk"], REAL),
    "alternate 0.5, pairs": (ALTERNATE + ["--router", "pairs"], REAL),
    "alternate 0.25, channels fixed": (
        ["--mod-ratio", "0.25", "--route", "channels", "--router", "fixed", "--weights", "refit"], REAL),
    "alternate 0.25, pairs": (["--mod-ratio", "0.25", "--router", "pairs", "--weights", "refit"], REAL),
    "all 0.5, auto": (["--mod-ratio", "0.5", "--blocks", "all", "--router", "auto"], REAL),
    "all 0.5, fixed": (["--mod-ratio", "0.5", "--blocks", "all", "--router", "fixed"], REAL),
    "all 0.5, routed": (["--mod-ratio", "0.5", "--blocks", "all", "--router", "topk"], REAL),
    "alternate 0.125, auto": (["--mod-ratio", "0.125", "--router", "auto", "--weights", "refit"], REAL),
    "alternate 0.125, fixed": (["--mod-ratio", "0.125", "--router", "fixed", "--weights", "refit"], REAL),
    "alternate 0.125, routed": (["--mod-ratio", "0.125", "--router", "topk", "--weights", "refit"], REAL),
    "alternate 0.125, fixed, others kept": (
        ["--mod-ratio", "0.125", "--router", "fixed", "--weights", "refit-converted"], REAL),
    "alternate 0.125, routed, others kept": (
        ["--mod-ratio", "0.125", "--router", "topk", "--weights", "refit-converted"], REAL),
    "all 0.125, fixed": (["--mod-ratio", "0.125", "--blocks", "all", "--router", "fixed", "--weights", "refit"], REAL),
    "all 0.125, routed": (["--mod-ratio", "0.125", "--blocks", "all", "--router", "topk", "--weights", "refit"], REAL),
    "alternate 0.125, fixed, tuned": (
        ["--mod-ratio", "0.125", "--router", "fixed", "--weights", "tune"], REAL),
    "all 0.25, fixed": (["--mod-ratio", "0.25", "--blocks", "all", "--router", "fixed", "--weights", "refit"], REAL),
    "all 0.25, fixed, tuned": (
        ["--mod-ratio", "0.25", "--blocks", "all", "--router", "fixed", "--weights", "tune"], REAL),
    "all 0.125, fixed, tuned": (
        ["--mod-ratio", "0.125", "--blocks", "all", "--router", "fixed", "--weights", "tune"], REAL),
    "identity 0.125, fixed, tuned": (
        ["--mod-ratio", "0.125", "--blocks", "identity", "--router", "fixed", "--weights", "tune"], REAL),
    "all 0.5, fixed, tuned": (
        ["--mod-ratio", "0.5", "--blocks", "all", "--router", "fixed", "--weights", "tune"], REAL),
    "alternate 0.5, fixed, tuned": (ALTERNATE + ["--router", "fixed", "--weights", "tune"], REAL),
    "alternate 0.5, pairs, tuned": (ALTERNATE + ["--router", "pairs", "--weights", "tune"], REAL),
    **{
        f"budget {share}, auto{', tuned' if weights == 'tune' else ''}": (
            ["--target-macs", share, "--router", "auto", "--weights", weights], REAL)
        for share in ("0.75", "0.5", "0.35")
        for weights in ("refit", "tune")
    },
    "budget 0.75, fixed": (["--target-macs", "0.75", "--router", "fixed"], REAL),
    "budget 0.75, routed": (["--target-macs", "0.75", "--router", "topk"], REAL),
    **{
        f"{'' if is_real else 'synthetic, '}{blocks} {ratio}, bias {bias}": (fixed(ratio, blocks, bias), is_real)
        for is_real in (REAL, SYNTHETIC)
        for ratio in ("0.5", "0.25", "0.125")
        for blocks in ("alternate", "identity", "all")
        for bias in ("none", "32", "auto")
    },
    **{
        f"synthetic, alternate {ratio}, pairs, bias {bias}": (
            ["--mod-ratio", ratio, "--dynamic-bias", bias], SYNTHETIC)
        for ratio in ("0.5", "0.125")
        for bias in ("none", "32", "auto")
    },
    "synthetic, alternate 0.5, pairs, tuned": (ALTERNATE + ["--weights", "tune"], SYNTHETIC),
    "synthetic, alternate 0.5, channels fixed": (ALTERNATE + ["--route", "channels", "--router", "fixed"], SYNTHETIC),
    "synthetic, alternate 0.5, fixed, tuned": (ALTERNATE + ["--router", "fixed", "--weights", "tune"], SYNTHETIC),
    "synthetic, alternate 0.5": (ALTERNATE + ["--router", "auto"], SYNTHETIC),
    "synthetic, alternate 0.75": (["--mod-ratio", "0.75", "--router", "auto"], SYNTHETIC),
    "synthetic, alternate 0.5, weights kept": (ALTERNATE + ["--router", "topk", "--weights", "keep"], SYNTHETIC),
}


def read(name):
    """The bytes of an IDX file as an array."""
    data = gzip.open(FOLDER / name).read()
    shape = [int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(data[3])]
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


def write_data(folder, split, limit):
    """Calibration images, and the images and labels to compare on."""
    images, labels = read("train-images-idx3-ubyte.gz"), read("train-labels-idx1-ubyte.gz")
    np.save(folder / "calibration.npy", images[:-VALIDATION])
    images, labels = images[-VALIDATION:], labels[-VALIDATION:]
    if split == "test":
        images, labels = read("t10k-images-idx3-ubyte.gz"), read("t10k-labels-idx1-ubyte.gz")
    np.save(folder / "images.npy", images[:limit])
    np.save(folder / "labels.npy", labels[:limit].astype(np.int64))


def convert(tool, source, network, setting, seed, folder):
    """Converts and returns the output's path with what the tool reports."""
    words, is_real = setting
    options = [IDENTITY[network] if word == "identity" else word for word in words]
    data = str(folder / "calibration.npy") if is_real else "synthetic"
    output = folder / "converted.onnx"
    command = [tool, "convert", source, *options, "--recipe", "calibrated", "--calibrate", data, *SCALE]
    command += ["--seed", str(seed), "-o", output, "--force", "--no-verify", "--json", "-"]
    report = subprocess.run([str(part) for part in command], check=True, capture_output=True).stdout
    return output, json.loads(report)


def evaluate(tool, source, converted, folder):
    command = [tool, "evaluate", source, converted, "--data", folder / "images.npy"]
    command += ["--labels", folder / "labels.npy", *SCALE, "--json", "-"]
    return json.loads(subprocess.run([str(part) for part in command], check=True, capture_output=True).stdout)


def measure(tool, network, name, seed, folder):
    source = FIXTURES / f"fashion-{network}.onnx"
    output, report = convert(tool, source, network, SETTINGS[name], seed, folder)
    first, second = evaluate(tool, source, output, folder)["models"]
    return {
        "network": network, "setting": name, "seed": seed,
        "macs": report["after"]["macs"] / report["before"]["macs"],
        "source": first["top_one"], "topOne": second["top_one"], "agreement": second["agreement"],
        "p": second["comparison"]["probability"],
        "kinds": [block["reason"] for block in report["blocks"] if block["verdict"] == "convert"],
    }


def table(results):
    lines = ["| network | setting | MACs | top-1, % | drop, points | agreement, % |", "|---|---|---|---|---|---|"]
    for network in ("bottleneck", "basic"):
        for name in SETTINGS:
            rows = [row for row in results if row["network"] == network and row["setting"] == name]
            if not rows:
                continue
            mean = {key: statistics.mean(row[key] for row in rows) for key in ("macs", "topOne", "agreement", "source")}
            drops = [100 * (row["source"] - row["topOne"]) for row in rows]
            lines.append(
                f"| {network} | {name} | {mean['macs']:.3f} | {100 * mean['topOne']:.2f} | "
                f"{statistics.mean(drops):.2f} ({min(drops):.2f} to {max(drops):.2f}) | {100 * mean['agreement']:.2f} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("tool", type=Path)
    parser.add_argument("--split", choices=("validation", "test"), default="validation")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--networks", default="bottleneck,basic")
    parser.add_argument("--only", help="names of settings, separated by semicolons")
    parser.add_argument("--limit", type=int, default=None)
    options = parser.parse_args()
    names = options.only.split(";") if options.only else list(SETTINGS)
    results = []
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        write_data(folder, options.split, options.limit)
        for network in options.networks.split(","):
            for name in names:
                for seed in map(int, options.seeds.split(",")):
                    results.append(measure(options.tool, network, name, seed, folder))
                    row = results[-1]
                    print(f"{network}, {name}, seed {seed}: MACs {row['macs']:.3f}, drop "
                          f"{100 * (row['source'] - row['topOne']):.2f}, agreement {100 * row['agreement']:.2f}",
                          flush=True)
                (HERE / f"results-{options.split}.json").write_text(json.dumps(results, indent=1) + "\n")
    print(table(results))


if __name__ == "__main__":
    main()
