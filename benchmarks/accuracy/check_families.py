#!/usr/bin/env python3
"""Converts a small network of each family by calibration and checks the files outside this tool.

Usage: check_families.py MODCONVERT [NETWORK...]

Needs PyTorch, torchvision, onnx, onnxruntime and NumPy, for three of the networks timm or ultralytics. The networks have random weights. Each is converted
on 16 generated images, with the hidden units of all blocks cut to one half, the same for every image. The file
has to pass onnx.checker (full_check), and onnxruntime has to give the same outputs as this tool at batch 1 and
3. Prints the table of docs/compatibility.md.
"""

import re
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy
import onnx
import onnxruntime
import torch
from torch import nn
from torchvision import models, ops
from torchvision.models.convnext import CNBlockConfig, ConvNeXt
from torchvision.models.densenet import DenseNet
from torchvision.models.regnet import BlockParams, RegNet
from torchvision.models.resnet import Bottleneck, ResNet
from torchvision.models.segmentation.deeplabv3 import DeepLabHead, DeepLabV3
from torchvision.models.segmentation.fcn import FCN, FCNHead
from torchvision.models.vgg import make_layers

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures/models"
SIZE, LIMIT = 64, 1e-4


class Values(nn.Module):
    """A network whose results are a dictionary, with results in a row."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, images):
        return tuple(self.network(images).values())


class Pyramid(nn.Module):
    def __init__(self):
        super().__init__()
        self.stages = stages({f"layer{i}": f"{i}" for i in range(1, 5)})
        self.pyramid = ops.FeaturePyramidNetwork([256, 512, 1024, 2048], 32)

    def forward(self, images):
        return self.pyramid(self.stages(images))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList([self.pair(3, 16), self.pair(16, 32), self.pair(32, 64)])
        self.up = nn.ModuleList([nn.ConvTranspose2d(64, 32, 2, 2), nn.ConvTranspose2d(32, 16, 2, 2)])
        self.merge = nn.ModuleList([self.pair(64, 32), self.pair(32, 16)])
        self.last = nn.Conv2d(16, 5, 1)

    @staticmethod
    def pair(inputs, outputs):
        layers = []
        for width in (inputs, outputs):
            layers += [nn.Conv2d(width, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU()]
        return nn.Sequential(*layers)

    def forward(self, images):
        fine = self.down[0](images)
        middle = self.down[1](nn.functional.max_pool2d(fine, 2))
        value = self.down[2](nn.functional.max_pool2d(middle, 2))
        for skip, up, merge in zip((middle, fine), self.up, self.merge):
            value = merge(torch.cat([skip, up(value)], 1))
        return self.last(value)


def stages(returned, **options):
    """The results of a narrow ResNet's stages."""
    network = ResNet(Bottleneck, [2, 2, 2, 2], width_per_group=16, **options)
    return models._utils.IntermediateLayerGetter(network, returned)


def regnet(**options):
    widths = BlockParams.from_init_params(depth=8, w_0=24, w_a=8.0, w_m=2.0, group_width=8, **options)
    return RegNet(widths, num_classes=10)


def convnext():
    blocks = [CNBlockConfig(16, 32, 2), CNBlockConfig(32, 64, 2), CNBlockConfig(64, None, 2)]
    return ConvNeXt(blocks, num_classes=10)


def vgg():
    features = make_layers([8, 8, "M", 16, 16, "M", 32, 32, 32, "M", 64, 64, "M"], batch_norm=True)
    return nn.Sequential(features, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def dilated(returned):
    return stages(returned, replace_stride_with_dilation=[False, True, True])


class FaceBlock(nn.Module):
    """ArcFace's block: normalisation first, slopes by channel, nothing after the sum."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.BatchNorm2d(inputs), nn.Conv2d(inputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs),
            nn.PReLU(outputs), nn.Conv2d(outputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs))
        narrow = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
        self.shortcut = nn.Identity() if stride == 1 and inputs == outputs else narrow

    def forward(self, x):
        return self.body(x) + self.shortcut(x)


def iresnet():
    blocks, width = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.PReLU(16)], 16
    for outputs in (16, 24, 32, 48):
        blocks += [FaceBlock(width, outputs, 2), FaceBlock(outputs, outputs, 1)]
        width = outputs
    return nn.Sequential(*blocks, nn.BatchNorm2d(width), nn.Flatten(), nn.Linear(16 * width, 32), nn.BatchNorm1d(32))


def timm(name):
    import timm

    return timm.create_model(name, num_classes=10)


def yolo():
    """YOLOv8n from its description, as ultralytics exports it."""
    from ultralytics.nn.tasks import DetectionModel

    network = DetectionModel("yolov8n.yaml", verbose=False)
    network.model[-1].export = True
    network.model[-1].format = "onnx"
    return network


NETWORKS = {
    "mobilenet_v2": lambda: models.mobilenet_v2(width_mult=0.35),
    "mobilenet_v3_large": lambda: models.mobilenet_v3_large(width_mult=0.5),
    "efficientnet_b0": models.efficientnet_b0,
    "regnet_x": regnet,
    "regnet_y": lambda: regnet(se_ratio=0.25),
    "convnext": convnext,
    "densenet": lambda: DenseNet(8, (3, 3, 3, 3), 16, num_classes=10),
    "vgg": vgg,
    "unet": UNet,
    "pyramid": lambda: Values(Pyramid()),
    "fcn": lambda: Values(FCN(dilated({"layer4": "out"}), FCNHead(2048, 5))),
    "deeplabv3": lambda: Values(
        DeepLabV3(dilated({"layer4": "out", "layer3": "aux"}), DeepLabHead(2048, 5), FCNHead(1024, 5))),
    "iresnet": iresnet,
    "timm resnetrs50": lambda: timm("resnetrs50"),
    "timm seresnet50": lambda: timm("seresnet50"),
    "yolov8n": yolo,
    "timm-seresnet": None,
    "timm-ecaresnet": None,
    "torchvision-siamese": None,
}


def export(name, path):
    torch.manual_seed(0)
    network = NETWORKS[name]().eval()
    for module in network.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    for parameter, value in network.named_parameters():
        if "layer_scale" in parameter:
            value.data.uniform_(0.2, 1)
    options = {} if torch.__version__ < "2.5" else {"dynamo": False}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, torch.randn(2, 3, SIZE, SIZE), str(path), opset_version=13, input_names=["input"],
            dynamic_axes={"input": {0: "N"}}, **options)


def check(tool, name, folder):
    source, output = FIXTURES / name / "model.onnx", folder / f"{name}.mod.onnx"
    if NETWORKS[name]:
        source = folder / f"{name}.onnx"
        export(name, source)
    report = subprocess.run(
        [tool, source, "-o", output, "--mod-ratio", "0.5", "--router", "fixed", "--blocks", "all",
         "--calibrate-samples", "16"], check=True, capture_output=True, text=True).stdout
    onnx.checker.check_model(onnx.load(output), full_check=True)
    session = onnxruntime.InferenceSession(str(output), providers=["CPUExecutionProvider"])
    worst = 0.0
    for batch in (1, 3):
        random = numpy.random.RandomState(batch)
        images = {
            image.name: random.randn(batch, *image.shape[1:]).astype("float32") for image in session.get_inputs()}
        numpy.savez(folder / "images.npz", **images)
        subprocess.run(
            [tool, "run", output, "--input", folder / "images.npz", "-o", folder / "results.npz", "--force"],
            check=True, capture_output=True)
        results = numpy.load(folder / "results.npz")
        for value, expected in zip(session.get_outputs(), session.run(None, images)):
            error = abs(results[value.name] - expected).max() / abs(expected).max()
            worst = max(worst, float(error))
    blocks = len(re.findall("fixed hidden", report))
    before, after = re.search(r"MACs +(\S+ [kMG]) +(\S+ [kMG])", report).groups()
    print(f"| {name} | {blocks} | {before} → {after} | {worst:.0e} |", flush=True)
    return worst <= LIMIT


def main():
    tool, names = sys.argv[1], sys.argv[2:] or list(NETWORKS)
    with tempfile.TemporaryDirectory() as folder:
        good = [check(tool, name, Path(folder)) for name in names]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
