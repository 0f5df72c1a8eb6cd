"""An ONNX network as a PyTorch module whose weights train."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from ._operators import OPERATORS, Node

# What `modconvert import-weights` brings back: the positions of weights among these operators' inputs.
_WEIGHTS = {"Conv": (1, 2), "Gemm": (1, 2), "BatchNormalization": (1, 2)}
_STATISTICS = {"BatchNormalization": (3, 4)}


class Network(nn.Module):
    """Runs an ONNX graph node by node. Weights of Conv, Gemm and BatchNormalization are parameters.

    The names of the file's initializers stay the names of the weights, so that `weights()` is what
    `modconvert import-weights` takes.

    Args:
        model: a path, the bytes of a file, or an `onnx.ModelProto`, with one input [N,...] and one output [N,...].

    Raises:
        ValueError: for an operator that is not known here, or more than one input or output.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        if isinstance(model, (bytes, bytearray)):
            model = onnx.load_from_string(bytes(model))
        elif not isinstance(model, onnx.ModelProto):
            model = onnx.load(str(model))
        graph = model.graph
        constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        inputs = [value.name for value in graph.input if value.name not in constants]
        outputs = [value.name for value in graph.output]
        if len(inputs) != 1 or not outputs:
            raise ValueError(f"the network has {len(inputs)} inputs and {len(outputs)} outputs; one of each is needed")
        self._input, self._output = inputs[0], outputs[0]
        self._shape = next(_extents(value) for value in graph.input if value.name == inputs[0])
        opset = next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), 1)
        self._nodes = []
        for proto in graph.node:
            if proto.op_type == "Constant":
                constants[proto.output[0]] = _constant(proto)
                continue
            if proto.op_type not in OPERATORS:
                raise ValueError(f'node "{proto.name}": no {proto.op_type} can be trained here')
            self._nodes.append(Node(proto, opset))
        self._places: dict[str, str] = {}
        self._hold(constants)
        self._last_use = {name: index for index, node in enumerate(self._nodes) for name in node.inputs}

    def _hold(self, constants: dict[str, np.ndarray]) -> None:
        trained, kept = set(), set()
        for node in self._nodes:
            trained |= {node.inputs[place] for place in _WEIGHTS.get(node.kind, ()) if place < len(node.inputs)}
            kept |= {node.inputs[place] for place in _STATISTICS.get(node.kind, ())}
        self._weights = [name for name in constants if name in trained | kept]
        for index, (name, values) in enumerate(constants.items()):
            place = f"constant{index}"
            tensor = torch.from_numpy(np.array(values))
            if tensor.dim() == 4 and tensor.is_floating_point():
                # The layout in which gradients come, which `contiguous` does not give kernels of 1x1.
                tensor = torch.empty_like(tensor, memory_format=torch.channels_last).copy_(tensor)
            self._places[name] = place
            if name in trained:
                self.register_parameter(place, nn.Parameter(tensor))
            else:
                self.register_buffer(place, tensor, persistent=name in kept)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """The first output for images [N,...]."""
        if images.dim() == 4:
            images = images.contiguous(memory_format=torch.channels_last)
        values = {name: getattr(self, place) for name, place in self._places.items()}
        values[self._input] = images
        for index, node in enumerate(self._nodes):
            arguments = [values[name] if name else None for name in node.inputs]
            results = OPERATORS[node.kind](node, arguments, self.training)
            if isinstance(results, torch.Tensor):
                results = (results,)
            values.update(zip(node.outputs, results))
            for name in node.inputs:
                if self._last_use.get(name) == index and name not in self._places and name != self._output:
                    values.pop(name, None)
        return values[self._output]

    @property
    def channels(self) -> int:
        """The channels of an image; 3 where the file leaves them open."""
        return self._shape[1] or 3 if len(self._shape) == 4 else 3

    @property
    def image_size(self) -> tuple[int, int]:
        """The height and the width of an image; 224 where the file leaves them open."""
        return (self._shape[2] or 224, self._shape[3] or 224) if len(self._shape) == 4 else (224, 224)

    def weights(self) -> dict[str, torch.Tensor]:
        """The weights and statistics by the names that they have in the file."""
        return {name: getattr(self, self._places[name]).detach() for name in self._weights}


def _extents(value: onnx.ValueInfoProto) -> list[int]:
    """The input's shape; 0 where it is open."""
    return [axis.dim_value for axis in value.type.tensor_type.shape.dim]


def _constant(proto: onnx.NodeProto) -> np.ndarray:
    """The value of a Constant node, whichever of its attributes holds it."""
    attribute = proto.attribute[0]
    value = onnx.helper.get_attribute_value(attribute)
    if isinstance(value, onnx.TensorProto):
        return numpy_helper.to_array(value)
    return np.array(value, np.float32 if attribute.name.startswith("value_float") else np.int64)
