"""modconvert's graphs as PyTorch modules, and their trained values on the way back."""

import inspect
import warnings

import numpy as np
import onnx2torch
import torch
from onnx2torch.node_converters.topk import OnnxTopK
from torch import nn


class TopK(nn.Module):
    """TopK as ONNX defines it: of equal values the lower index wins, which PyTorch leaves open.

    It matters: a selector whose ReLU lets nothing through gives every channel the same score.
    """

    def __init__(self, converted):
        super().__init__()
        self.converted = converted

    def forward(self, values, k):
        if torch.onnx.is_in_onnx_export():
            return self.converted(values, k)
        values, indices = values.sort(dim=self.converted.dim, descending=self.converted.largest, stable=True)
        return values.narrow(self.converted.dim, 0, int(k)), indices.narrow(self.converted.dim, 0, int(k))


def load(path):
    """The graph as a module, in the memory layout in which processors train fastest."""
    model = onnx2torch.convert(str(path)).to(memory_format=torch.channels_last)
    for name, module in list(model.named_modules()):
        if isinstance(module, OnnxTopK):
            setattr(model, name, TopK(module))
    return model


def save(model, path):
    """Writes the module's trained values as `modconvert import-weights` reads them, a .npz file."""
    np.savez(path, **{name: np.ascontiguousarray(tensor) for name, tensor in model.state_dict().items()})


def export(model, path, size=(1, 28, 28)):
    """The module as an ONNX file for inference, as PyTorch writes it: BatchNormalization folded, any batch."""
    axes = {0: "N"}
    # PyTorch from 2.5 on has a second exporter, which needs a package of its own.
    first = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer's, on constants that are constants
        torch.onnx.export(
            model.eval(), torch.zeros(1, *size), str(path), input_names=["input"], output_names=["output"],
            dynamic_axes={"input": axes, "output": axes}, opset_version=17, **first,
        )
