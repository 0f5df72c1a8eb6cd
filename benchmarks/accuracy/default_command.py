#!/usr/bin/env python3
"""What the plain command keeps of a trained network, without images and without a word about the recipe.

    default_command.py MODCONVERT

converts fixtures/trained/*.onnx, and a copy of each without metadata, by `modconvert MODEL --mod-ratio 0.5`, and evaluates
source and result on Fashion-MNIST's test images (Debian's dataset-fashion-mnist). Exits with 1 if a network loses more
than 2 points. Needs the onnx package. About two minutes on two cores.
"""

import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import onnx

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = Path("/usr/share/datasets/fashion-mnist")


def main():
    tool = Path(sys.argv[1]).resolve()
    worst = 0.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind in ["images-idx3-ubyte", "labels-idx1-ubyte"]:
            (folder / f"t10k-{kind}").write_bytes(gzip.open(DATA / f"t10k-{kind}.gz").read())
        for source in sorted((ROOT / "fixtures/trained").glob("*.onnx")):
            model = onnx.load(source)
            del model.metadata_props[:]
            model.producer_name = model.producer_version = model.doc_string = ""
            onnx.save(model, folder / f"{source.stem}-stripped.onnx")
            for path in [source, folder / f"{source.stem}-stripped.onnx"]:
                subprocess.run([tool, path, "--mod-ratio", "0.5", "-o", "out.onnx", "--force", "-q"], cwd=folder, check=True)
                words = [tool, "evaluate", path, "out.onnx", "--data", "t10k-images-idx3-ubyte"]
                words += ["--mean", "0.286", "--std", "0.353", "--json", "-"]
                found = json.loads(subprocess.run(words, cwd=folder, check=True, capture_output=True).stdout)
                before, after = (entry["top_one"] for entry in found["models"])
                worst = max(worst, before - after)
                print(f"{path.name}: {100 * before:.2f} % -> {100 * after:.2f} %", flush=True)
    return 1 if worst > 0.02 else 0


if __name__ == "__main__":
    sys.exit(main())
