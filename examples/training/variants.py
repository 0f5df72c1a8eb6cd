"""The networks that docs/experiments.md compares, as commands of modconvert."""

import subprocess

import torch
from torch import nn

import graphs

SIZES = ["--classes", "10", "--width", "8"]
PLAIN, MOD = ["resnet50", *SIZES], ["resnet50-mod", *SIZES]
HALF = [*MOD, "--depths", "2,2", "--mod-reduction", "2"]
HIDDEN = [*MOD, "--depths", "2,2", "--route", "hidden"]

# name: (what it is, options of build)
VARIANTS = {
    "a": ("base, 2 + 2 blocks", [*PLAIN, "--depths", "2,2"]),
    "g": ("the MoD blocks dropped, 1 + 1", [*PLAIN, "--depths", "1,1"]),
    "b": ("MoD, c = 8", [*MOD, "--depths", "2,2", "--mod-reduction", "8"]),
    "c": ("MoD, c = 2", HALF),
    "d": ("deeper MoD, 2 + 4, c = 8", [*MOD, "--depths", "2,4", "--mod-reduction", "8"]),
    "e": ("as c, random routing", HALF),
    "f": ("as c, the first channels, no selector", [*HALF, "--router", "fixed"]),
    "h": ("hidden units, 3/8 of W", [*HIDDEN, "--mod-ratio", "0.375"]),
    "h-wide": ("hidden units, 1/2 of 2 W", [*HIDDEN, "--mod-ratio", "0.5", "--mod-width", "2"]),
    "d-dropped": ("as d, the MoD blocks dropped, 1 + 2", [*PLAIN, "--depths", "1,2"]),
}
RANDOM = {"e"}


class RandomChoice(nn.Module):
    """Stands for the TopK of a selector: any k channels, drawn anew for each sample whenever it is run."""

    def forward(self, scores, k):
        return torch.rand_like(scores).topk(int(k), dim=1)


def build(tool, name, graph, side, *options):
    """Writes a variant's graph for images of side x side pixels, with untrained weights."""
    size = ["--input", f"Nx1x{side}x{side}"]
    command = [tool, "build", *VARIANTS[name][1], *size, *options, "-o", graph, "--force", "--quiet"]
    subprocess.run([str(part) for part in command], check=True)


def load(name, graph):
    """A variant's graph as a module."""
    model = graphs.load(graph)
    if name in RANDOM:
        for path in [path for path, _ in model.named_modules() if path.endswith("mod/topk/TopK")]:
            setattr(model, path, RandomChoice())
    return model
