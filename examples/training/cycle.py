#!/usr/bin/env python3
"""The whole cycle on Fashion-MNIST: build two networks, train them, bring them back, compare them.

Usage: cycle.py MODCONVERT [--steps N] [--folder FOLDER] [--seed SEED]

Every command of modconvert is printed before it is run. docs/training.md walks through it.
"""

import argparse
import shlex
import subprocess
from pathlib import Path

import numpy as np
import torch

import fashion
import graphs

SIZES = ["--input", "Nx1x28x28", "--classes", "10", "--width", "8", "--depths", "2,4"]
NETWORKS = {
    "base": ["resnet50", *SIZES],
    "mod": ["resnet50-mod", *SIZES, "--mod-ratio", "0.5"],
}
SCALE = ["--scale", "1/255", "--mean", str(fashion.MEAN), "--std", str(fashion.DEVIATION)]
TEST = ["--data", fashion.FOLDER / "t10k-images-idx3-ubyte.gz", "--labels", fashion.FOLDER / "t10k-labels-idx1-ubyte.gz"]


def run(tool, *arguments):
    """Prints a command of modconvert, and runs it."""
    arguments = [str(argument) for argument in arguments]
    print(f"\n$ modconvert {shlex.join(arguments)}", flush=True)
    subprocess.run([tool, *arguments], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("tool", type=Path)
    parser.add_argument("--steps", type=int, default=1718, help="of 64 images each; 859 are an epoch")
    parser.add_argument("--folder", type=Path, default=Path("training"))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    options.folder.mkdir(exist_ok=True)
    torch.set_num_threads(1)
    images, labels = fashion.split("train")
    trained = []
    for name, arguments in NETWORKS.items():
        graph = options.folder / f"{name}.onnx"
        run(options.tool, "build", *arguments, "--seed", options.seed, "-o", graph, "--force")

        model = graphs.load(graph)
        loss, seconds = fashion.train(model, images, labels, options.steps, options.seed)
        share = fashion.accuracy(model, *fashion.split("validation"))
        print(f"{options.steps} steps in {seconds:.0f} s: loss {loss:.3f}, {100 * share:.2f} % of the validation images")

        # The way back through PyTorch's exporter: a file without a manifest, recognised by its structure.
        exported = options.folder / f"{name}.pytorch.onnx"
        graphs.export(model, exported)
        run(options.tool, "inspect", exported)

        # The way back into the graph that was built: values by name, the manifest kept.
        np.savez(options.folder / f"{name}.npz", **graphs.values(model, graph))
        imported = options.folder / f"{name}.trained.onnx"
        run(options.tool, "import-weights", graph, options.folder / f"{name}.npz", "-o", imported, "--force")
        trained += [imported, exported]
    run(options.tool, "evaluate", *trained, *TEST, *SCALE)
    run(options.tool, "macs", options.folder / "mod.trained.onnx")


if __name__ == "__main__":
    main()
