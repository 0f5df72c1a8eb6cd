"""What onnxruntime and OpenVINO compute from our int8 files, next to the definition: the table of docs/int8.md.

    runtimes.py [--modconvert PATH] [--only basic|bottleneck] [--ways NAME,...]

Every file is made from the trained fixtures and their 256 calibration images, and has to pass onnx.checker (full check) and
`modconvert verify`. Three things are measured, on test images, at batch 1 and 64:

1. Layer by layer. Each stretch from integers to integers is cut out of the file and given the definition's integers, so that
   errors do not build up; its results are compared with the definition's, in quantisation steps.
2. Each residual sum together with the convolution before it, that is across a pair: a runtime that fuses both need not round
   between them. Compared with the definition, and with that of the same nodes without the pair between.
3. The whole file: the integers before the classifier in steps, the scores, and the share of equal classes. One-step differences
   pass from layer to layer here.

The definition is onnxruntime with every graph optimisation off. Beside it stand its fused kernels, OpenVINO's CPU plugin (LATENCY,
f32 inference precision) and this tool's engine. The exit code is 1 if a stretch is more than one step off in a runtime, except for
weights of the full range: their products saturate on processors with AVX2 and without VNNI (docs/int8.md).

Needs onnx, onnxruntime, openvino, NumPy.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import onnx
import onnxruntime
import openvino
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).resolve().parent.parent.parent
IMAGES = ROOT / "fixtures/images/fashion"
SCALE = ["--mean", "0.2860", "--std", "0.3530"]
HALF = ["convert", "--mod-ratio", "0.5", "--int8"]
WAYS = {
    "quantize": ["quantize"],
    "quantize with the full range": ["quantize", "--weight-range", "full"],
    "fixed hidden units": [*HALF, "--router", "fixed", "--route", "hidden"],
    "fixed channels": [*HALF, "--router", "fixed", "--route", "channels"],
    "pairs": [*HALF, "--router", "pairs"],
    "top-k channels": [*HALF, "--router", "topk", "--route", "channels"],
    "pairs and a dynamic bias": [*HALF, "--router", "pairs", "--dynamic-bias", "8"],
}
BATCHES = 1, 64


def scaled(kind, count):
    pixels = numpy.fromfile(IMAGES / f"{kind}-images-idx3-ubyte", numpy.uint8)[16:].reshape(-1, 1, 28, 28)[:count]
    return ((pixels / numpy.float32(255) - numpy.float32(0.2860)) / numpy.float32(0.3530)).astype(numpy.float32)


def by_onnxruntime(level):
    def run(model, feeds):
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = level
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        return session.run(None, feeds)

    return run


def by_openvino(model, feeds):
    hints = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(model, b""), "CPU", hints)
    # int64 of another C type, as onnxruntime gives it, is refused.
    results = compiled({name: value.view(value.dtype.str) for name, value in feeds.items()})
    return [results[index] for index in range(len(compiled.outputs))]


define = by_onnxruntime(onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL)
RUNTIMES = {
    "onnxruntime": by_onnxruntime(onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL),
    "OpenVINO": by_openvino,
}


class File:
    """A quantised model, and the integers that its definition gives."""

    def __init__(self, model):
        self.model = onnx.shape_inference.infer_shapes(model)
        self.graph = self.model.graph
        self.constants = {tensor.name: tensor for tensor in self.graph.initializer}
        self.producers = {name: node for node in self.graph.node for name in node.output}
        self.types = {value.name: value for value in [*self.graph.value_info, *self.graph.output, *self.graph.input]}
        self.pairs = [node for node in self.graph.node if node.op_type == "QuantizeLinear"]

    def part(self, nodes, inputs, outputs):
        """A model of some of the nodes, in the file's order."""
        names = {name for node in nodes for name in node.input}
        used = [tensor for name, tensor in self.constants.items() if name in names]
        graph = helper.make_graph(nodes, "part", inputs, [self.value(name) for name in outputs], used)
        return helper.make_model(graph, opset_imports=self.model.opset_import, ir_version=self.model.ir_version)

    def value(self, name):
        kind = self.types[name].type.tensor_type.elem_type if name in self.types else TensorProto.FLOAT
        return helper.make_tensor_value_info(name, kind, None)

    def stretch(self, end, across=None):
        """The model from the integers that a QuantizeLinear depends on to its own, and the names of those integers.

        What decides between maps, such as top-k, stays outside: it is given too. `across` is a QuantizeLinear that the
        stretch goes through.
        """
        nodes, given, open_values = set(), [], [end.input[0]]
        while open_values:
            name = open_values.pop()
            node = self.producers.get(name)
            if name in self.constants:
                continue
            isFloat = self.types[name].type.tensor_type.elem_type == TensorProto.FLOAT
            if node is None or (not isFloat and node is not across):
                given += [name] if name not in given else []
            elif id(node) not in nodes:
                nodes.add(id(node))
                open_values += [value for value in node.input if value]
        kept = [node for node in self.graph.node if id(node) in nodes] + [end]
        return kept, given

    def stretch_model(self, nodes, given):
        return self.part(nodes, [self.typed(name) for name in given], [nodes[-1].output[0]]).SerializeToString()

    def sums(self):
        """The QuantizeLinear of each sum with an identity shortcut, and that of the convolution before the sum."""
        for end in self.pairs:
            add = self.producers.get(end.input[0])
            if add is not None and add.op_type == "Relu":
                add = self.producers[add.input[0]]
            if add is None or add.op_type != "Add":
                continue
            dequantizers = [self.producers.get(name) for name in add.input]
            quantizers = [self.producers.get(node.input[0]) for node in dequantizers if node is not None]
            convolutions = [
                node for node in quantizers
                if node is not None and node.op_type == "QuantizeLinear"
                and self.producers.get(node.input[0], node).op_type == "Conv"
            ]
            if len(convolutions) == 1:
                yield end, convolutions[0]

    @staticmethod
    def without(nodes, pair):
        """The nodes with a QuantizeLinear and what dequantises it left out."""
        followers = {id(node): node for node in nodes if node.op_type == "DequantizeLinear" and node.input[0] == pair.output[0]}
        names = {node.output[0]: pair.input[0] for node in followers.values()}
        for node in nodes:
            if node is not pair and id(node) not in followers:
                copy = onnx.NodeProto()
                copy.CopyFrom(node)
                copy.input[:] = [names.get(name, name) for name in node.input]
                yield copy

    def typed(self, name):
        value = onnx.ValueInfoProto()
        value.CopyFrom(self.types[name])
        return value


def steps(found, expected):
    return abs(found.astype(numpy.int64) - expected.astype(numpy.int64)).ravel()


def integers(file, x, wanted):
    """The definition's values of these names, and the input."""
    model = onnx.ModelProto()
    model.CopyFrom(file.model)
    del model.graph.output[:]
    model.graph.output.extend(file.value(name) for name in wanted)
    source = file.graph.input[0].name
    return {**dict(zip(wanted, define(model.SerializeToString(), {source: x}))), source: x}


def added(counts, distances):
    more = numpy.bincount(distances)
    size = max(len(more), len(counts))
    return numpy.pad(more, (0, size - len(more))) + numpy.pad(counts, (0, size - len(counts)))


def layers(file, x):
    """For each runtime the counts of integers by their distance in steps, over all stretches; then those across sums."""
    counts = {name: numpy.zeros(1, int) for name in RUNTIMES}
    sums = {(name, kind): numpy.zeros(1, int) for name in RUNTIMES for kind in ("with", "without")}
    stretches = [(node, *file.stretch(node)) for node in file.pairs]
    across = [(end, pair, *file.stretch(end, pair)) for end, pair in file.sums()]
    given = {name for *_, names in [*stretches, *across] for name in names if name in file.producers}
    known = integers(file, x, sorted(given | {node.output[0] for node in file.pairs}))
    for end, nodes, names in stretches:
        part, feeds = file.stretch_model(nodes, names), {name: known[name] for name in names}
        for runtime, run in RUNTIMES.items():
            counts[runtime] = added(counts[runtime], steps(run(part, feeds)[0], known[end.output[0]]))
    for end, pair, nodes, names in across:
        part, feeds = file.stretch_model(nodes, names), {name: known[name] for name in names}
        loose = define(file.stretch_model(list(file.without(nodes, pair)), names), feeds)[0]
        for runtime, run in RUNTIMES.items():
            found = run(part, feeds)[0]
            for kind, expected in ("with", known[end.output[0]]), ("without", loose):
                sums[runtime, kind] = added(sums[runtime, kind], steps(found, expected))
    return counts, sums


def whole(tool, file, path, x, folder):
    """For each runtime: the steps between the integers before the classifier, scores' largest difference, equal classes."""
    end = next(node for node in file.graph.node if node.op_type == "Gemm").input[0]
    while file.producers[end].op_type != "DequantizeLinear":
        end = file.producers[end].input[0]
    scale = float(numpy_helper.to_array(file.constants[file.producers[end].input[1]]))
    model = onnx.ModelProto()
    model.CopyFrom(file.model)
    model.graph.output.append(file.value(end))
    data, source = model.SerializeToString(), file.graph.input[0].name
    scores, features = define(data, {source: x})
    results = {name: run(data, {source: x}) for name, run in RUNTIMES.items()}
    numpy.save(folder / "x.npy", x)
    subprocess.run(
        [tool, "run", path, "--input", folder / "x.npy", "-o", folder / "y.npz", "--dump", end, folder / "f.npz",
         "--force", "-q"], check=True,
    )
    results["this tool"] = next(iter(numpy.load(folder / "y.npz").values())), numpy.load(folder / "f.npz")[end]
    for name, (y, f) in results.items():
        counts = numpy.bincount(numpy.rint(abs(f - features) / scale).astype(int).ravel())
        yield name, counts, abs(y - scores).max(), (y.argmax(1) == scores.argmax(1)).mean()


def shares(counts):
    total = counts.sum()
    return f"{100 * counts[0] / total:.2f} | {100 * counts[1:2].sum() / total:.2f} | {len(counts) - 1}"


def check(tool, network, way, folder):
    path, source = folder / "int8.onnx", ROOT / f"fixtures/trained/fashion-{network}.onnx"
    command, *options = WAYS[way]
    subprocess.run(
        [tool, command, source, "-o", path, *options, "--calibrate", IMAGES / "calibration-images-idx3-ubyte", *SCALE,
         "--force", "-q", "--no-verify"], check=True,
    )
    subprocess.run([tool, "verify", source, path, "-q"], check=True)
    onnx.checker.check_model(str(path), full_check=True)
    file = File(onnx.load(path))
    isExact = True
    for batch in BATCHES:
        x = scaled("test", batch)
        by_layer, sums = layers(file, x)
        for name, counts, difference, classes in whole(tool, file, path, x, folder):
            layer = shares(by_layer[name]) if name in by_layer else "by `verify` | | "
            across = [f"{100 * sums[name, kind][0] / sums[name, kind].sum():.2f}" for kind in ("with", "without")
                      if name in by_layer and sums[name, kind].sum()] or ["", ""]
            isExact = isExact and (name not in by_layer or len(by_layer[name]) <= 2)
            print(
                f"| {way} | {batch} | {name} | {layer} | {' | '.join(across)} | {shares(counts)} | {difference:.3f} | {100 * classes:.1f} % |",
                flush=True)
    return isExact or "full" in options


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--modconvert", default=str(ROOT / ".build/release/modconvert"))
    parser.add_argument("--only", choices=["basic", "bottleneck"])
    parser.add_argument("--ways")
    arguments = parser.parse_args()
    onnxruntime.set_default_logger_severity(3)
    passed = True
    with tempfile.TemporaryDirectory() as folder:
        for network in [arguments.only] if arguments.only else ["basic", "bottleneck"]:
            print(f"\nfashion-{network}\n")
            print("| file | batch | in | each layer: equal % | one step % | most steps "
                  "| across sums: equal % | to the sum without its pair % | whole: equal % | one step % | most steps | scores' difference | same class |")
            print("|---" * 13 + "|")
            for way in arguments.ways.split(",") if arguments.ways else WAYS:
                passed = check(arguments.modconvert, network, way, Path(folder)) and passed
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
