"""ONNX operators in PyTorch, as far as networks that this tool converts need them, with gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Optional, Union

import onnx
import torch
from onnx import numpy_helper
from torch.nn import functional

from ._distributed import synchronised_normalization

Results = Union[torch.Tensor, tuple]
OPERATORS: dict[str, Callable[["Node", list, bool], Results]] = {}


class Node:
    """A node's operator, names and attributes."""

    def __init__(self, proto: onnx.NodeProto, opset: int) -> None:
        self.kind = proto.op_type
        self.inputs = list(proto.input)
        self.outputs = list(proto.output)
        self.opset = opset
        self.attributes = {entry.name: _value(entry) for entry in proto.attribute}

    def __call__(self, name: str, default: Any = None) -> Any:
        """The value of an attribute."""
        return self.attributes.get(name, default)


def _value(attribute: onnx.AttributeProto) -> Any:
    value = onnx.helper.get_attribute_value(attribute)
    if isinstance(value, bytes):
        return value.decode()
    return torch.from_numpy(numpy_helper.to_array(value).copy()) if isinstance(value, onnx.TensorProto) else value


def _operator(*names: str) -> Callable:
    def add(function: Callable) -> Callable:
        for name in names:
            OPERATORS[name] = function
        return function

    return add


def _plain(name: str, function: Callable) -> None:
    OPERATORS[name] = lambda node, inputs, training: function(*inputs)


def _numbers(tensor: Optional[torch.Tensor]) -> Optional[list]:
    return None if tensor is None else [int(value) for value in tensor.reshape(-1).tolist()]


def _given(node: Node, inputs: list, place: int, name: str) -> Optional[list]:
    """Integers that older operator sets have as an attribute, newer ones as an input."""
    if len(inputs) > place and inputs[place] is not None:
        return _numbers(inputs[place])
    value = node(name)
    return None if value is None else list(value)


# Elementwise

for _name, _function in {
    "Add": torch.add,
    "Sub": torch.sub,
    "Mul": torch.mul,
    "Relu": functional.relu,
    "Sigmoid": torch.sigmoid,
    "Tanh": torch.tanh,
    "Erf": torch.erf,
    "Exp": torch.exp,
    "Log": torch.log,
    "Sqrt": torch.sqrt,
    "Neg": torch.neg,
    "Abs": torch.abs,
    "Pow": torch.pow,
    "Less": torch.lt,
    "LessOrEqual": torch.le,
    "Greater": torch.gt,
    "GreaterOrEqual": torch.ge,
    "Equal": torch.eq,
    "Not": torch.logical_not,
    "And": torch.logical_and,
    "Or": torch.logical_or,
    "Softplus": functional.softplus,
    "HardSwish": functional.hardswish,
    "Mish": functional.mish,
    "Identity": lambda x: x,
    "Min": lambda first, *others: _folded(torch.minimum, first, others),
    "Max": lambda first, *others: _folded(torch.maximum, first, others),
    "Sum": lambda first, *others: _folded(torch.add, first, others),
    "Where": torch.where,
    "MatMul": torch.matmul,
    "GlobalAveragePool": lambda x: x.mean(tuple(range(2, x.dim())), keepdim=True),
    "GlobalMaxPool": lambda x: x.amax(tuple(range(2, x.dim())), keepdim=True),
    "Expand": lambda x, shape: x * torch.ones(_numbers(shape), dtype=x.dtype, device=x.device),
    "Range": lambda start, stop, step: torch.arange(start.item(), stop.item(), step.item(), device=start.device),
}.items():
    _plain(_name, _function)


def _folded(function: Callable, first: torch.Tensor, others: tuple) -> torch.Tensor:
    for other in others:
        first = function(first, other)
    return first


@_operator("Div")
def _div(node: Node, inputs: list, training: bool) -> torch.Tensor:
    mode = None if inputs[0].is_floating_point() else "trunc"
    return torch.div(inputs[0], inputs[1], rounding_mode=mode)


@_operator("Clip")
def _clip(node: Node, inputs: list, training: bool) -> torch.Tensor:
    low, high = [inputs[place] if place < len(inputs) else None for place in (1, 2)]
    low = node("min") if low is None else low.item()
    high = node("max") if high is None else high.item()
    return inputs[0] if low is None and high is None else torch.clamp(inputs[0], low, high)


@_operator("LeakyRelu")
def _leaky(node: Node, inputs: list, training: bool) -> torch.Tensor:
    return functional.leaky_relu(inputs[0], node("alpha", 0.01))


@_operator("HardSigmoid")
def _hard_sigmoid(node: Node, inputs: list, training: bool) -> torch.Tensor:
    return torch.clamp(node("alpha", 0.2) * inputs[0] + node("beta", 0.5), 0, 1)


@_operator("Gelu")
def _gelu(node: Node, inputs: list, training: bool) -> torch.Tensor:
    return functional.gelu(inputs[0], approximate=node("approximate", "none"))


@_operator("PRelu")
def _prelu(node: Node, inputs: list, training: bool) -> torch.Tensor:
    return torch.where(inputs[0] < 0, inputs[0] * inputs[1], inputs[0])


@_operator("Cast")
def _cast(node: Node, inputs: list, training: bool) -> torch.Tensor:
    numpy = onnx.helper.tensor_dtype_to_np_dtype if hasattr(onnx.helper, "tensor_dtype_to_np_dtype") else None
    kind = numpy(node("to")) if numpy else onnx.mapping.TENSOR_TYPE_TO_NP_TYPE[node("to")]
    return inputs[0].to(getattr(torch, kind.name if hasattr(kind, "name") else str(kind)))


# Layers


def _padded(node: Node, x: torch.Tensor, kernel: list, value: float = 0) -> tuple[torch.Tensor, tuple]:
    """The tensor with what padding PyTorch's layers do not know, and the padding that is left to them."""
    axes = x.dim() - 2
    pads = list(node("pads", [0] * 2 * axes))
    strides, dilations = node("strides", [1] * axes), node("dilations", [1] * axes)
    automatic = node("auto_pad", "NOTSET")
    if automatic in ("SAME_UPPER", "SAME_LOWER"):
        for axis in range(axes):
            extent = x.shape[axis + 2]
            steps = -(-extent // strides[axis])
            needed = max(0, (steps - 1) * strides[axis] + dilations[axis] * (kernel[axis] - 1) + 1 - extent)
            small, large = needed // 2, needed - needed // 2
            pads[axis], pads[axes + axis] = (small, large) if automatic == "SAME_UPPER" else (large, small)
    elif automatic == "VALID":
        pads = [0] * 2 * axes
    if pads[:axes] == pads[axes:]:
        return x, tuple(pads[:axes])
    explicit = [side for axis in reversed(range(axes)) for side in (pads[axis], pads[axes + axis])]
    return functional.pad(x, explicit, value=value), (0,) * axes


@_operator("Conv")
def _conv(node: Node, inputs: list, training: bool) -> torch.Tensor:
    weight = inputs[1]
    x, padding = _padded(node, inputs[0], list(weight.shape[2:]))
    layer = {1: functional.conv1d, 2: functional.conv2d, 3: functional.conv3d}[x.dim() - 2]
    bias = inputs[2] if len(inputs) > 2 else None
    ones = [1] * len(padding)
    return layer(x, weight, bias, node("strides", ones), padding, node("dilations", ones), node("group", 1))


@_operator("Gemm")
def _gemm(node: Node, inputs: list, training: bool) -> torch.Tensor:
    a = inputs[0].t() if node("transA", 0) else inputs[0]
    b = inputs[1].t() if node("transB", 0) else inputs[1]
    product = node("alpha", 1.0) * (a @ b)
    return product + node("beta", 1.0) * inputs[2] if len(inputs) > 2 and inputs[2] is not None else product


@_operator("BatchNormalization")
def _batch_normalization(node: Node, inputs: list, training: bool) -> torch.Tensor:
    x, scale, bias, mean, variance = inputs
    momentum, epsilon = 1 - node("momentum", 0.9), node("epsilon", 1e-5)
    if training:
        return synchronised_normalization(x, scale, bias, mean, variance, momentum, epsilon)
    return functional.batch_norm(x, mean, variance, scale, bias, False, momentum, epsilon)


@_operator("LayerNormalization")
def _layer_normalization(node: Node, inputs: list, training: bool) -> torch.Tensor:
    axis = node("axis", -1) % inputs[0].dim()
    bias = inputs[2] if len(inputs) > 2 else None
    return functional.layer_norm(inputs[0], inputs[0].shape[axis:], inputs[1], bias, node("epsilon", 1e-5))


@_operator("MaxPool")
def _max_pool(node: Node, inputs: list, training: bool) -> torch.Tensor:
    kernel = list(node("kernel_shape"))
    x, padding = _padded(node, inputs[0], kernel, float("-inf"))
    layer = {1: functional.max_pool1d, 2: functional.max_pool2d, 3: functional.max_pool3d}[x.dim() - 2]
    ones = [1] * len(kernel)
    strides, dilations = node("strides", ones), node("dilations", ones)
    return layer(x, kernel, strides, padding, dilations, bool(node("ceil_mode", 0)))


@_operator("AveragePool")
def _average_pool(node: Node, inputs: list, training: bool) -> torch.Tensor:
    kernel, counted = list(node("kernel_shape")), bool(node("count_include_pad", 0))
    x, padding = _padded(node, inputs[0], kernel)
    if x is not inputs[0] and not counted:
        raise ValueError("an AveragePool whose padding is not symmetric cannot be trained here")
    layer = {1: functional.avg_pool1d, 2: functional.avg_pool2d, 3: functional.avg_pool3d}[x.dim() - 2]
    strides = node("strides", [1] * len(kernel))
    return layer(x, kernel, strides, padding, bool(node("ceil_mode", 0)), counted)


@_operator("ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin")
def _reduce(node: Node, inputs: list, training: bool) -> torch.Tensor:
    axes = _given(node, inputs, 1, "axes") or list(range(inputs[0].dim()))
    kinds = {"ReduceMean": torch.mean, "ReduceSum": torch.sum, "ReduceMax": torch.amax, "ReduceMin": torch.amin}
    return kinds[node.kind](inputs[0], tuple(axes), keepdim=bool(node("keepdims", 1)))


@_operator("Softmax", "LogSoftmax")
def _softmax(node: Node, inputs: list, training: bool) -> torch.Tensor:
    function = functional.softmax if node.kind == "Softmax" else functional.log_softmax
    if node.opset >= 13:
        return function(inputs[0], node("axis", -1))
    axis = node("axis", 1) % inputs[0].dim()
    return function(inputs[0].flatten(axis), -1).reshape(inputs[0].shape)


# Choice and movement


@_operator("TopK")
def _top_k(node: Node, inputs: list, training: bool) -> Results:
    # Of equal values the lower index wins; `torch.topk` leaves that open.
    axis, count = node("axis", -1), int(inputs[1].reshape(-1)[0])
    values, places = inputs[0].sort(dim=axis, descending=bool(node("largest", 1)), stable=True)
    return values.narrow(axis, 0, count), places.narrow(axis, 0, count)


@_operator("Gather")
def _gather(node: Node, inputs: list, training: bool) -> torch.Tensor:
    x, places = inputs
    axis = node("axis", 0) % x.dim()
    places = torch.where(places < 0, places + x.shape[axis], places).long()
    shape = x.shape[:axis] + places.shape + x.shape[axis + 1 :]
    return x.index_select(axis, places.reshape(-1)).reshape(shape)


@_operator("GatherElements")
def _gather_elements(node: Node, inputs: list, training: bool) -> torch.Tensor:
    x, places = inputs
    axis = node("axis", 0)
    return x.gather(axis, torch.where(places < 0, places + x.shape[axis], places).long())


@_operator("GatherND")
def _gather_nd(node: Node, inputs: list, training: bool) -> torch.Tensor:
    x, places = inputs
    shared, depth = node("batch_dims", 0), places.shape[-1]
    parts = [
        torch.arange(places.shape[axis], device=x.device).reshape([-1] + [1] * (places.dim() - 2 - axis))
        for axis in range(shared)
    ]
    return x[tuple(parts) + tuple(places[..., level] for level in range(depth))]


@_operator("ScatterElements")
def _scatter_elements(node: Node, inputs: list, training: bool) -> torch.Tensor:
    x, places, updates = inputs
    axis = node("axis", 0)
    return x.scatter(axis, torch.where(places < 0, places + x.shape[axis], places).long(), updates)


@_operator("Slice")
def _slice(node: Node, inputs: list, training: bool) -> torch.Tensor:
    x = inputs[0]
    starts, ends = _given(node, inputs, 1, "starts"), _given(node, inputs, 2, "ends")
    axes = _given(node, inputs, 3, "axes") or list(range(len(starts)))
    steps = _given(node, inputs, 4, "steps") or [1] * len(starts)
    for start, end, axis, step in zip(starts, ends, axes, steps):
        places = range(x.shape[axis])[start:end:step]
        if step == 1:
            x = x.narrow(axis, places.start, len(places))
        else:
            x = x.index_select(axis, torch.tensor(list(places), device=x.device))
    return x


@_operator("Split")
def _split(node: Node, inputs: list, training: bool) -> Results:
    axis = node("axis", 0)
    sizes = _given(node, inputs, 1, "split")
    if sizes is None:
        parts = len(node.outputs)
        extent = inputs[0].shape[axis]
        size = -(-extent // parts)
        sizes = [size] * (parts - 1) + [extent - size * (parts - 1)]
    return inputs[0].split(sizes, axis)


@_operator("Concat")
def _concat(node: Node, inputs: list, training: bool) -> torch.Tensor:
    return torch.cat(inputs, node("axis"))


@_operator("Pad")
def _pad(node: Node, inputs: list, training: bool) -> torch.Tensor:
    x, pads = inputs[0], _given(node, inputs, 1, "pads")
    axes = _given(node, inputs, 3, "axes") or list(range(x.dim()))
    if node("mode", "constant") != "constant":
        raise ValueError(f'a Pad of mode {node("mode")} cannot be trained here')
    value = inputs[2].item() if len(inputs) > 2 and inputs[2] is not None else node("value", 0.0)
    sides = [[0, 0] for _ in range(x.dim())]
    for place, axis in enumerate(axes):
        sides[axis] = [pads[place], pads[len(axes) + place]]
    return functional.pad(x, [side for pair in reversed(sides) for side in pair], value=value)


@_operator("Reshape")
def _reshape(node: Node, inputs: list, training: bool) -> torch.Tensor:
    shape = _given(node, inputs, 1, "shape")
    if not node("allowzero", 0):
        shape = [inputs[0].shape[axis] if extent == 0 else extent for axis, extent in enumerate(shape)]
    return inputs[0].reshape(shape)


@_operator("Flatten")
def _flatten(node: Node, inputs: list, training: bool) -> torch.Tensor:
    axis = node("axis", 1)
    shape = inputs[0].shape
    rows = 1
    for extent in shape[:axis]:
        rows *= extent
    return inputs[0].reshape(rows, -1)


@_operator("Transpose")
def _transpose(node: Node, inputs: list, training: bool) -> torch.Tensor:
    return inputs[0].permute(node("perm") or list(reversed(range(inputs[0].dim()))))


@_operator("Unsqueeze")
def _unsqueeze(node: Node, inputs: list, training: bool) -> torch.Tensor:
    x, axes = inputs[0], _given(node, inputs, 1, "axes")
    rank = x.dim() + len(axes)
    for axis in sorted(axis % rank for axis in axes):
        x = x.unsqueeze(axis)
    return x


@_operator("Squeeze")
def _squeeze(node: Node, inputs: list, training: bool) -> torch.Tensor:
    x, axes = inputs[0], _given(node, inputs, 1, "axes")
    if axes is None:
        return x.squeeze()
    for axis in sorted((axis % x.dim() for axis in axes), reverse=True):
        x = x.squeeze(axis)
    return x


@_operator("Shape")
def _shape(node: Node, inputs: list, training: bool) -> torch.Tensor:
    return torch.tensor(inputs[0].shape[node("start", 0) : node("end")], device=inputs[0].device)


@_operator("ConstantOfShape")
def _constant_of_shape(node: Node, inputs: list, training: bool) -> torch.Tensor:
    value = node("value")
    value = torch.zeros(1) if value is None else value
    return value.to(inputs[0].device).expand(_numbers(inputs[0])).clone()


@_operator("Dropout")
def _dropout(node: Node, inputs: list, training: bool) -> torch.Tensor:
    # Fine-tuning follows a teacher that drops nothing.
    return inputs[0]
