"""The fixed set of files that every toolchain has to read: one network in every form of block, at three batches."""

import re
import subprocess
from pathlib import Path

# A ResNet-50 of small width: every layer of the real one, in a second's work.
SIZE = ["--width", "8", "--depths", "2,2,2,2", "--classes", "10", "--input", "1x3x64x64", "--bn", "folded"]
HALF = ["--mod-ratio", "0.5"]
# What a toolchain takes does not depend on how well weights fit.
CALIBRATED = ["--recipe", "calibrated", "--calibrate-samples", "8", "--weights", "keep"]

# What a cell of the table is called, and the words that convert to it.
KINDS = {
    "paper": ["--recipe", "paper", "--router", "topk"],
    "paper, fixed": ["--recipe", "paper", "--router", "fixed"],
    "gated hidden": ["--recipe", "paper", "--route", "hidden", "--router", "topk"],
    "paired channels": [*CALIBRATED, "--router", "pairs"],
    "routed channels": [*CALIBRATED, "--route", "channels", "--router", "topk"],
    "routed hidden": [*CALIBRATED, "--router", "topk"],
    "fixed hidden": [*CALIBRATED, "--route", "hidden", "--router", "fixed"],
    "fixed channels": [*CALIBRATED, "--route", "channels", "--router", "fixed"],
}
BATCHES = ["1", "4", "N"]


def build(modconvert, folder):
    """Writes the source, for a batch of any size, and returns its path."""
    path = Path(folder, "source.onnx")
    subprocess.run([modconvert, "build", "resnet50", *SIZE, "--batch", "N", "-o", path, "-q", "--force"], check=True)
    return path


def convert(modconvert, source, path, target, words, batch):
    """Converts the source for a target; returns why it is refused and what to ask for instead, or None."""
    done = subprocess.run(
        [modconvert, source, *HALF, *words, *target, "--batch", batch, "-o", path, "-q", "--force", "--no-verify"],
        capture_output=True,
        text=True,
    )
    refusal = re.search(r"lacks (.*), which .*; use (--.*), or another --target", done.stderr)
    if refusal:
        return f"refused: it lacks {refusal[1]}; use {refusal[2]}"
    if done.returncode:
        raise ValueError(done.stderr.strip())
    return None
