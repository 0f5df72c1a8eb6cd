"""Checks that every command deals with graphs of 100,000 inputs, outputs, nodes or initialisers within ten seconds.

    scale.py [--modconvert PATH] [--count N] [--seconds S] [--models NAME,...] [--commands NAME,...]

Builds each model of scale_models.py and gives it to every command: it is handled, or refused with one line on
standard error. Prints the processor seconds of each, and fails if one takes longer, dies, or says more than a line.
"""

import argparse
import os
import subprocess
import sys
import tempfile

import numpy as np

from processes import Usage
from scale_models import MODELS

COMMANDS = {
    "inspect": ["inspect", "MODEL"],
    "macs": ["macs", "MODEL"],
    "run": ["run", "MODEL", "--fill", "ones"],
    "optimize": ["optimize", "MODEL", "-o", "OUT"],
    "convert paper": ["convert", "MODEL", "--recipe", "paper", "--mod-ratio", "0.5", "-o", "OUT"],
    "convert": ["convert", "MODEL", "--mod-ratio", "0.5", "-o", "OUT"],
    "verify": ["verify", "MODEL", "MODEL"],
    "diff": ["diff", "MODEL", "MODEL"],
    "compare": ["compare", "MODEL", "MODEL"],
    "explain": ["explain", "MODEL"],
    "profile": ["profile", "MODEL", "--runs", "1"],
    "bench": ["bench", "MODEL", "--runs", "1", "--batch", "2"],
    "evaluate": ["evaluate", "MODEL", "MODEL", "--data", "DATA"],
    "import-weights": ["import-weights", "MODEL", "MODEL", "-o", "OUT"],
    "sweep": ["sweep", "MODEL", "--data", "DATA"],
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--modconvert", default=".build/release/modconvert")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--models", type=lambda text: text.split(","), default=list(MODELS))
    parser.add_argument("--commands", type=lambda text: text.split(","), default=list(COMMANDS))
    arguments = parser.parse_args()
    tool = os.path.abspath(arguments.modconvert)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        places = {name: os.path.join(folder, name) for name in ("MODEL", "OUT", "DATA")}
        places = {"MODEL": places["MODEL"] + ".onnx", "OUT": places["OUT"] + ".onnx", "DATA": places["DATA"] + ".npy"}
        np.save(places["DATA"], np.random.default_rng(0).standard_normal((4, 3, 8, 8)).astype(np.float32))
        for model in arguments.models:
            with open(places["MODEL"], "wb") as file:
                file.write(MODELS[model](arguments.count).SerializeToString())
            for name in arguments.commands:
                command = [places.get(word, word) for word in COMMANDS[name]]
                usage = Usage([tool, *command], check=False)
                if os.path.exists(places["OUT"]):
                    os.remove(places["OUT"])
                # An exit code of 1 is the verdict of a check.
                refused = usage.status in (64, 65) and usage.errors.count("\n") == 1
                kept = usage.processor <= arguments.seconds and (usage.status in (0, 1) or refused)
                failed |= not kept
                print(
                    f"{model:22} {name:15} {usage.processor:6.1f} s  {usage.resident / 1e6:6.0f} MB"
                    f"  {usage.errors.strip()[:150] if refused else usage.status}" + ("" if kept else "  FAILED"),
                    flush=True,
                )
    sys.exit(1 if failed else 0)


main()
