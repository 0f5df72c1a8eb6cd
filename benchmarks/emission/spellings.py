"""Spellings of a MoD block that docs/emission.md compares, made from a file of the literal spelling.

Each function takes a block's parts and adds the nodes that fuse the gated body B [N, k, H, W] with X [N, C, H, W]
to Y, or gather the channels in another way. `write` applies one spelling to all blocks of a file.
"""

import json

import numpy
import onnx
from onnx import helper, numpy_helper


class Block:
    """A MoD block of the manifest with the literal nodes that a spelling replaces."""

    def __init__(self, model, entry, number):
        graph = model.graph
        producer = {output: node for node in graph.node for output in node.output}
        self.graph, self.prefix = graph, f"spelling{number}/"
        self.channels, self.processed = entry["channels"], entry["processed"]
        self.x, self.y, self.body = entry["input"], entry["output"], entry["body"]
        self.gathered, self.scores, self.gate, self.indices = (
            entry[key] for key in ("gathered", "scores", "gate", "indices")
        )
        concat = producer[self.y]
        add, rest = (producer[value] for value in concat.input)
        first = next(producer[value] for value in add.input if value != self.body)
        self.slices, self.fusion = [first, rest], [first, rest, add, concat]
        self.routing = [producer[self.gathered], producer[producer[self.gathered].input[1]], producer[self.gate]]
        self.top_k = next(node for node in graph.node if node.op_type == "TopK" and self.scores in node.input)
        self.removed, self.added = [], []

    def constant(self, name, values):
        self.graph.initializer.append(numpy_helper.from_array(values, self.prefix + name))
        return self.prefix + name

    def add(self, operator, inputs, name=None, outputs=None, **attributes):
        outputs = outputs or [self.prefix + name]
        self.added.append(helper.make_node(operator, inputs, outputs, **attributes))
        return outputs[0]

    def pad_to_all_channels(self, value):
        count = self.channels - self.processed
        pads = self.constant("pads", numpy.array([0, 0, 0, 0, 0, count, 0, 0], numpy.int64))
        return self.add("Pad", [value, pads], "padded")


def literal(block):
    """Slice, Slice, Add, Concat; GatherND and GatherElements: the file as it is."""


def split(block):
    """Split instead of two Slices."""
    block.removed += block.slices
    sizes = numpy.array([block.processed, block.channels - block.processed], numpy.int64)
    outputs = [node.output[0] for node in block.slices]
    block.add("Split", [block.x, block.constant("sizes", sizes)], outputs=outputs, axis=1)


def gather_axis_1(block):
    """Gather on axis 1 for channels and scores; a batch of 1 only."""
    block.removed += block.routing
    flat = block.add("Reshape", [block.indices, block.constant("k", numpy.array([block.processed]))], "flat")
    block.add("Gather", [block.x, flat], outputs=[block.gathered], axis=1)
    block.add("Gather", [block.scores, flat], outputs=[block.gate], axis=1)


def one_hot(block):
    """y = X + E B with E a constant one-hot [C, k] 1x1 convolution: k MACs for each element of Y."""
    block.removed += block.fusion
    weights = numpy.zeros((block.channels, block.processed, 1, 1), numpy.float32)
    weights[range(block.processed), range(block.processed)] = 1
    placed = block.add("Conv", [block.body, block.constant("one-hot", weights)], "placed", kernel_shape=[1, 1])
    block.add("Add", [placed, block.x], outputs=[block.y])


def pad_add(block):
    """y = X + Pad(B)."""
    block.removed += block.fusion
    block.add("Add", [block.pad_to_all_channels(block.body), block.x], outputs=[block.y])


def scatter_nd(block):
    """y = ScatterND(X, first k channels, B, add); a fixed batch of 1, opset 16."""
    block.removed += block.fusion
    indices = numpy.stack([numpy.zeros(block.processed, numpy.int64), numpy.arange(block.processed)], -1)[None]
    block.add("ScatterND", [block.x, block.constant("first", indices), block.body], outputs=[block.y], reduction="add")


def padded_conv3(block):
    """The body's last convolution with C filters, zero beyond k, and the gate padded with zeros."""
    producer = {output: node for node in block.graph.node for output in node.output}
    gate = producer[block.body]
    raw = next(value for value in gate.input if value != block.gate)
    initializers = {value.name: value for value in block.graph.initializer}
    count = block.channels - block.processed
    for name in producer[raw].input[1:]:
        values = numpy_helper.to_array(initializers[name])
        zeros = numpy.zeros((count, *values.shape[1:]), numpy.float32)
        initializers[name].CopyFrom(numpy_helper.from_array(numpy.concatenate([values, zeros]), name))
    block.removed += block.fusion + [gate]
    gated = block.add("Mul", [raw, block.pad_to_all_channels(block.gate)], "gated")
    block.add("Add", [gated, block.x], outputs=[block.y])


def pad_depthwise_add(block):
    """y = X + depthwise 1x1 convolution with ones (Pad(B)), and a TopK that does not sort."""
    block.removed += block.fusion
    block.top_k.attribute.append(helper.make_attribute("sorted", 0))
    ones = block.constant("ones", numpy.ones((block.channels, 1, 1, 1), numpy.float32))
    placed = block.add(
        "Conv", [block.pad_to_all_channels(block.body), ones], "placed", kernel_shape=[1, 1], group=block.channels
    )
    block.add("Add", [placed, block.x], outputs=[block.y])


def pad_pool_add(block):
    """y = X + MaxPool 1x1 (Pad(B)), and a TopK that does not sort: `--emit fast`."""
    block.removed += block.fusion
    block.top_k.attribute.append(helper.make_attribute("sorted", 0))
    placed = block.add("MaxPool", [block.pad_to_all_channels(block.body)], "placed", kernel_shape=[1, 1])
    block.add("Add", [placed, block.x], outputs=[block.y])


ALL = [literal, split, gather_axis_1, one_hot, pad_add, scatter_nd, padded_conv3, pad_depthwise_add, pad_pool_add]


def write(source, spelling, target):
    """Writes the file `source`, which is of the literal spelling with folded normalisation, in another one."""
    model = onnx.load(source)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    removed, added = set(), []
    for number, entry in enumerate(json.loads(metadata["ai.modconvert.blocks"])):
        block = Block(model, entry, number)
        spelling(block)
        removed |= {node.name for node in block.removed}
        added += block.added
    nodes = [node for node in model.graph.node if node.name not in removed] + added
    known = {value.name for value in [*model.graph.initializer, *model.graph.input]}
    ordered = []
    while nodes:
        ready = [node for node in nodes if known.issuperset(node.input)]
        known.update(output for node in ready for output in node.output)
        ordered += [node.SerializeToString() for node in ready]
        nodes = [node for node in nodes if not set(node.output) <= known]
    del model.graph.node[:], model.graph.value_info[:]
    for node in ordered:
        model.graph.node.append(onnx.NodeProto.FromString(node))
    onnx.save(model, target)
