"""The fixed set of files that every toolchain has to read: one network in every form of block, at three batches."""

import subprocess
from pathlib import Path

# A ResNet-50 of small width: every layer of the real one, in a second's work.
SIZE = ["--width", "8", "--depths", "2,2,2,2", "--classes", "10", "--input", "1x3x64x64", "--bn", "folded"]
HALF = ["--mod-ratio", "0.5"]
# What a toolchain takes does not depend on how well weights fit.
CALIBRATED = ["--recipe", "calibrated", "--calibrate-samples", "8", "--weights", "keep"]

# What a cell of the table is called, the words that convert to it, and whether images choose in it.
KINDS = {
    "paper": (["--recipe", "paper", "--router", "topk"], True),
    "paper, fixed": (["--recipe", "paper", "--router", "fixed"], False),
    "gated hidden": (["--recipe", "paper", "--route", "hidden", "--router", "topk"], True),
    "routed channels": ([*CALIBRATED, "--route", "channels", "--router", "topk"], True),
    "routed hidden": ([*CALIBRATED, "--router", "topk"], True),
    "fixed hidden": ([*CALIBRATED, "--router", "fixed"], False),
    "fixed channels": ([*CALIBRATED, "--route", "channels", "--router", "fixed"], False),
}
BATCHES = ["1", "4", "N"]


def build(modconvert, folder):
    """Writes the source, for a batch of any size, and returns its path."""
    path = Path(folder, "source.onnx")
    subprocess.run([modconvert, "build", "resnet50", *SIZE, "--batch", "N", "-o", path, "-q", "--force"], check=True)
    return path


def convert(modconvert, source, path, target, words, batch):
    """Converts the source for a target; returns the text of the error, or None."""
    done = subprocess.run(
        [modconvert, source, *HALF, *words, *target, "--batch", batch, "-o", path, "-q", "--force", "--no-verify"],
        capture_output=True,
        text=True,
    )
    return done.stderr.strip() if done.returncode else None
