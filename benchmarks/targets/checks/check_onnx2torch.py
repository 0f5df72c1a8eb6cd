"""onnx2torch: a PyTorch module of the file's nodes."""

import onnx2torch
import torch

from common import main, versions


def run(path, x):
    with torch.no_grad():
        return onnx2torch.convert(path).eval()(torch.from_numpy(x)).numpy()


main(run, versions("onnx2torch", "torch"))
