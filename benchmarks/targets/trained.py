"""The trained networks of fixtures/training in files of this tool, as they are and with scores that tie."""

import subprocess
from pathlib import Path

import numpy

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures/training"
# A row of zeros in a selector's last layer scores 0.5, whatever the image: one row in so many is made so.
TIES = {"as trained": 0, "half of the scores equal": 2, "all scores equal": 1}
NETWORKS = ["channels", "hidden"]
CELLS = [f"{network}, {ties}" for network in NETWORKS for ties in TIES]


def state(network, every):
    """The trained values; with `every`, the last layer of every selector has a row of zeros in so many."""
    values = dict(numpy.load(FIXTURES / network / "state.npz"))
    if every:
        for name in values:
            if "/selector/" in name and name.endswith("fc2/Conv.weight"):
                values[name][::every] = 0
    return values


def write(modconvert, target, folder):
    """Writes all networks for a target."""
    folder.mkdir(parents=True, exist_ok=True)
    for network in NETWORKS:
        built = folder / "built"
        words = (FIXTURES / network / "build.txt").read_text().split()
        subprocess.run([modconvert, "build", *words, *target, "-o", built, "-q", "--force"], check=True)
        for ties, every in TIES.items():
            values = folder / "state.npz"
            numpy.savez(values, **state(network, every))
            path = folder / f"{network}, {ties}.onnx"
            subprocess.run([modconvert, "import-weights", built, values, "-o", path, "-q", "--force"], check=True)
        built.unlink()
        values.unlink()
