#!/usr/bin/env python3
"""The whole cycle on Fashion-MNIST: build two networks, train them, bring them back, compare them.

Usage: cycle.py MODCONVERT [--steps N] [--images N] [--folder FOLDER] [--seed SEED]

Every command of modconvert is printed before it is run. docs/training.md walks through it.
"""

import argparse
import shlex
import subprocess
from pathlib import Path

import torch

import fashion
import graphs

SIZES = ["--input", "Nx1x28x28", "--classes", "10", "--width", "8", "--depths", "2,2"]
NETWORKS = {
    "base": ["resnet50", *SIZES],
    "mod": ["resnet50-mod", *SIZES, "--mod-ratio", "0.5"],
}
TEST = ["--data", fashion.TEST_IMAGES, "--labels", fashion.TEST_LABELS, *fashion.SCALE]


def run(tool, *arguments):
    """Prints a command of modconvert, and runs it."""
    arguments = [str(argument) for argument in arguments]
    print(f"\n$ modconvert {shlex.join(arguments)}", flush=True)
    subprocess.run([tool, *arguments], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("tool", type=Path, help="the built modconvert")
    parser.add_argument("--steps", type=int, default=2577, help="of 64 images each; 859 are an epoch")
    parser.add_argument("--images", type=int, default=10000, help="of the test set, for the comparison")
    parser.add_argument("--folder", type=Path, default=Path("trained"))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    tool = options.tool.resolve()
    options.folder.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    images, labels = fashion.split("train")
    trained = []
    for name, arguments in NETWORKS.items():
        graph = options.folder / f"{name}.onnx"
        run(tool, "build", *arguments, "--seed", options.seed, "-o", graph, "--force")

        model = graphs.load(graph)
        loss, seconds = fashion.train(model, images, labels, options.steps, options.seed)
        share = fashion.accuracy(model, *fashion.split("validation"))
        print(f"{options.steps} steps in {seconds:.0f} s: loss {loss:.3f}, {100 * share:.2f} % of the validation images")

        # The way back through PyTorch's exporter: a file without a manifest, recognised by its structure.
        exported = options.folder / f"{name}.pytorch.onnx"
        graphs.export(model, exported)
        run(tool, "inspect", exported)

        # The way back into the graph that was built: values by name; the manifest is kept.
        graphs.save(model, options.folder / f"{name}.npz")
        imported = options.folder / f"{name}.trained.onnx"
        run(tool, "import-weights", graph, options.folder / f"{name}.npz", "-o", imported, "--force")
        trained += [imported, exported]
    run(tool, "evaluate", *trained, *TEST, "--limit", options.images)


if __name__ == "__main__":
    main()
