#!/usr/bin/env python3
"""The experiment behind docs/experiments.md: one recipe for every network, several seeds, Fashion-MNIST.

Usage: experiment.py train|evaluate|cost|table MODCONVERT [--folder FOLDER] [--seeds 0,1,2] [--only a,g] [--epochs N]
                     [--scale N]

  train     builds the networks and trains those that the folder has not yet; the folder then holds for each its graph,
            its trained values, and what the training gave, with the accuracy on the validation images, the last 5,000
            of the training images, on which all choices were made
  evaluate  brings the trained values back into the graphs, and reads the test set, once for each network
  cost      counts MACs and parameters, and measures speeds and training steps next to the base's (costs.py)
  table     prints what the folder has as Markdown
"""

import argparse
import json
import statistics
import subprocess
from pathlib import Path

import torch
from torch import nn

import costs
import fashion
import graphs
from variants import RANDOM, VARIANTS, build, load


def enlarged(model, scale):
    """The model behind a layer that repeats every pixel scale x scale times."""
    return nn.Sequential(nn.Upsample(scale_factor=scale), model)


def train(tool, name, seed, epochs, scale, folder):
    stem = folder / f"{name}-{seed}"
    graph = stem.with_suffix(".onnx")
    build(tool, name, graph, scale * fashion.SIDE, "--seed", seed)
    network = load(name, graph)
    model = enlarged(network, scale)
    images, labels = fashion.split("train")
    steps = epochs * (len(images) // fashion.BATCH)
    loss, seconds = fashion.train(model, images, labels, steps, seed)
    graphs.save(network, stem.with_suffix(".npz"))
    return {
        "steps": steps, "loss": loss, "seconds": seconds,
        "validation": fashion.accuracy(model, *fashion.split("validation")),
    }


def evaluate(tool, name, seed, scale, folder):
    """The share of test images told right, by modconvert; by PyTorch where routing is random, which no graph is."""
    stem = folder / f"{name}-{seed}"
    graph, values = stem.with_suffix(".onnx"), stem.with_suffix(".npz")
    trained = folder / f"{name}-{seed}.trained.onnx"
    run(tool, "import-weights", graph, values, "-o", trained, "--force", "--quiet")
    if name in RANDOM:
        torch.manual_seed(seed)
        return {"test": fashion.accuracy(enlarged(load(name, trained), scale), *fashion.split("test"))}
    images = folder / "test-images-idx3-ubyte"
    if not images.exists():
        fashion.write_enlarged(scale, images)
    data = ["--data", images, "--labels", fashion.TEST_LABELS, *fashion.SCALE]
    report = json.loads(run(tool, "evaluate", trained, *data, "--json", "-"))
    return {"test": report["models"][0]["top_one"]}


def run(tool, *arguments):
    return subprocess.run([str(part) for part in (tool, *arguments)], check=True, capture_output=True).stdout


def once(file, work):
    """What the file holds, or else what the work gives, which is then written to it."""
    if not file.exists():
        file.write_text(json.dumps(work()) + "\n")
        print(f"{file.name}: {file.read_text()}", end="", flush=True)
    return json.loads(file.read_text())


def table(folder):
    """A row for each variant: means over the seeds, with standard deviations where they say something."""
    lines = [
        "| | network | top-1, % | against a | validation, % | MACs | params | our engine | onnxruntime | training step |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    base = None
    for name, (text, _) in VARIANTS.items():
        tests = records(folder, name, "test")
        validations = [100 * record["validation"] for record in records(folder, name, "train")]
        if not tests:
            continue
        shares = [100 * record["test"] for record in tests]
        base = base or statistics.mean(shares)
        cost = json.loads((folder / f"{name}.cost.json").read_text())
        lines.append(
            f"| {name} | {text} | {spread(shares)} | {statistics.mean(shares) - base:+.2f} | {spread(validations)} "
            f"| {cost['macs'] / 1e3:.1f} k | {cost['params'] / 1e3:.2f} k | {cost['modconvert']:.2f} "
            f"| {cost['onnxruntime']:.2f} | {cost['step']:.2f} |")
    return "\n".join(lines)


def records(folder, name, kind):
    """Of all seeds; names of variants hold no dots and no digits after their dash."""
    return [json.loads(file.read_text()) for file in sorted(folder.glob(f"{name}-[0-9]*.{kind}.json"))]


def spread(values):
    deviation = f" ± {statistics.stdev(values):.2f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.2f}{deviation}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("work", choices=("train", "evaluate", "cost", "table"))
    parser.add_argument("tool", type=Path, help="the built modconvert")
    parser.add_argument("--folder", type=Path, default=Path("experiment"))
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--only", default=",".join(VARIANTS))
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--scale", type=int, default=2, help="repeats of a pixel in a row and in a column")
    options = parser.parse_args()
    torch.set_num_threads(1)
    tool, folder = options.tool.resolve(), options.folder
    folder.mkdir(exist_ok=True)
    if options.work == "table":
        print(table(folder))
        return
    names = options.only.split(",")
    if options.work == "cost":
        for name in names:
            once(folder / f"{name}.cost.json", lambda: costs.measure(tool, name, options.scale * fashion.SIDE, folder))
        return
    for seed in options.seeds.split(","):
        for name in names:
            stem, settings = folder / f"{name}-{seed}", (tool, name, int(seed))
            if options.work == "train":
                work = lambda: train(*settings, options.epochs, options.scale, folder)
                once(stem.with_suffix(".train.json"), work)
            else:
                once(stem.with_suffix(".test.json"), lambda: evaluate(*settings, options.scale, folder))


if __name__ == "__main__":
    main()
