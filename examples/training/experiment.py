#!/usr/bin/env python3
"""The experiment behind docs/experiments.md: one recipe for every network, several seeds, Fashion-MNIST.

Usage: experiment.py train MODCONVERT [--seeds 0,1,2] [--only a,g] [--epochs N] [--folder FOLDER]
       experiment.py evaluate MODCONVERT [--folder FOLDER]
       experiment.py table MODCONVERT [--folder FOLDER]

`train` builds the networks, trains those that the folder has not yet, and writes for each its graph, its trained
values and a record of the training with the accuracy on the validation images, the last 5,000 of the training
images, on which all choices were made. `evaluate` brings the trained values back into the graphs and reads the test
set, once. `table` prints the means and standard deviations as Markdown.
"""

import argparse
import json
import statistics
import subprocess
from pathlib import Path

import numpy as np
import torch
from torch import nn

import fashion
import graphs

SIZES = ["--input", "Nx1x28x28", "--classes", "10", "--width", "8"]
PLAIN, MOD = ["resnet50", *SIZES], ["resnet50-mod", *SIZES]
HIDDEN = [*MOD, "--route", "hidden"]

# name: (what it is, options of build)
VARIANTS = {
    "a": ("base, 2 + 2 blocks", [*PLAIN, "--depths", "2,2"]),
    "g": ("the MoD blocks dropped, 1 + 1", [*PLAIN, "--depths", "1,1"]),
    "b": ("MoD, c = 8", [*MOD, "--depths", "2,2", "--mod-reduction", "8"]),
    "c": ("MoD, c = 2", [*MOD, "--depths", "2,2", "--mod-reduction", "2"]),
    "d": ("deeper MoD, 2 + 4, c = 8", [*MOD, "--depths", "2,4", "--mod-reduction", "8"]),
    "e": ("as c, random routing", [*MOD, "--depths", "2,2", "--mod-reduction", "2"]),
    "f": ("as c, first channels, no selector", [*MOD, "--depths", "2,2", "--mod-reduction", "2", "--router", "fixed"]),
    "h": ("hidden units, 3/8 of W", [*HIDDEN, "--depths", "2,2", "--mod-ratio", "0.375"]),
    "h-wide": (
        "hidden units, half of 2 W",
        [*HIDDEN, "--depths", "2,2", "--mod-ratio", "0.5", "--mod-width", "2"],
    ),
    "d-half": ("deeper MoD, 2 + 4, c = 2", [*MOD, "--depths", "2,4", "--mod-reduction", "2"]),
    "d-dropped": ("as d, the MoD blocks dropped, 1 + 2", [*PLAIN, "--depths", "1,2"]),
    "h-fixed": (
        "as h, the first units, no selector",
        [*HIDDEN, "--depths", "2,2", "--mod-ratio", "0.375", "--router", "fixed"],
    ),
}
RANDOM = {"e"}


class RandomChoice(nn.Module):
    """Stands for the selector's TopK: any k channels of each sample, in training and afterwards."""

    def forward(self, scores, k):
        values, indices = torch.rand_like(scores).topk(int(k), dim=1)
        return values, indices


def build(tool, name, seed, graph):
    options = [*VARIANTS[name][1], "--seed", seed, "-o", graph, "--force", "--quiet"]
    subprocess.run([str(part) for part in [tool, "build", *options]], check=True)


def load(name, graph):
    model = graphs.load(graph)
    if name in RANDOM:
        for path in [path for path, _ in model.named_modules() if path.endswith("mod/topk/TopK")]:
            setattr(model, path, RandomChoice())
    return model


def train(tool, name, seed, epochs, folder):
    """Trains one network, unless that is done, and writes what is known of it."""
    stem = folder / f"{name}-{seed}"
    if stem.with_suffix(".json").exists():
        return
    graph = stem.with_suffix(".onnx")
    build(tool, name, seed, graph)
    model = load(name, graph)
    images, labels = fashion.split("train")
    steps = epochs * (len(images) // fashion.BATCH)
    loss, seconds = fashion.train(model, images, labels, steps, seed)
    np.savez(stem.with_suffix(".npz"), **graphs.values(model, graph))
    record = {
        "variant": name, "seed": seed, "steps": steps, "loss": loss, "seconds": seconds,
        "validation": fashion.accuracy(model, *fashion.split("validation")),
    }
    stem.with_suffix(".json").write_text(json.dumps(record) + "\n")
    print(json.dumps(record), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("step", choices=("train", "evaluate", "table"))
    parser.add_argument("tool", type=Path)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--only", default=",".join(VARIANTS))
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("experiment"))
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.folder.mkdir(exist_ok=True)
    for seed in map(int, options.seeds.split(",")):
        for name in options.only.split(","):
            train(options.tool, name, seed, options.epochs, options.folder)


if __name__ == "__main__":
    main()
