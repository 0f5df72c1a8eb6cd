"""modconvert's graphs as PyTorch modules, and their trained values on the way back."""

import warnings

import numpy as np
import onnx
import onnx2torch
import torch
from onnx2torch.onnx_graph import OnnxGraph

# What a module of onnx2torch calls the inputs of its node, after the first.
FIELDS = ("weight", "bias", "running_mean", "running_var")
TRAINED = ("BatchNormalization", "Conv", "Gemm")


def load(path):
    """The graph as a module, in the memory layout in which processors train fastest."""
    return onnx2torch.convert(str(path)).to(memory_format=torch.channels_last)


def values(model, path):
    """The module's trained values under the names that they have in the graph that it was loaded from."""
    found = {}
    for module, node in OnnxGraph(onnx.load(str(path)).graph).nodes.items():
        if node.operation_type in TRAINED:
            for name, field in zip(node.input_values[1:], FIELDS):
                tensor = getattr(model.get_submodule(module), field).detach()
                found[name] = np.ascontiguousarray(tensor.numpy())
    return found


def export(model, path, size=(1, 28, 28)):
    """The module as an ONNX file for inference, as PyTorch writes it: BatchNormalization folded, any batch."""
    axes = {0: "N"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer's, on constants that are constants
        torch.onnx.export(
            model.eval(), torch.zeros(1, *size), str(path), input_names=["input"], output_names=["output"],
            dynamic_axes={"input": axes, "output": axes}, opset_version=17,
        )
