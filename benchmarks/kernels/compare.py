"""Times every ResNet-50 convolution of layers.h in onnxruntime and in CKernels, one thread, alternating.

    compare.py liblayer.so [rounds] [method ...]

For each layer: the least time of each (onnxruntime's own profile of the Conv node, ReLU fused; so
without its layout conversions) and their ratio. Every method given is timed (numbers of ck_conv_method,
default 0, the plan's choice), and the best is what counts in the sum.
"""

import ctypes
import json
import os
import re
import sys
import tempfile

import numpy
import onnx
import onnxruntime
from onnx import helper

METHODS = ["auto", "direct", "planar", "depthwise", "F(2x2)", "F(4x4)"]
LAYER = re.compile(r'LAYER\("([^"]+)", (\d+), (\d+), (\d+), (\d+), (\d+), (\d+)\)')


def session(cin, cout, kernel, stride, size, directory):
    pad = kernel // 2
    out = (size + 2 * pad - kernel) // stride + 1
    rng = numpy.random.default_rng(0)
    weights = rng.standard_normal((cout, cin, kernel, kernel)) / numpy.sqrt(cin * kernel * kernel)
    constants = {"w": weights.astype(numpy.float32), "b": rng.standard_normal(cout).astype(numpy.float32)}
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["x", "w", "b"], ["z"], pads=[pad] * 4, strides=[stride] * 2),
            helper.make_node("Relu", ["z"], ["y"]),
        ],
        "layer",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1, cin, size, size])],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1, cout, out, out])],
        [onnx.numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    options.enable_profiling = True
    options.profile_file_prefix = os.path.join(directory, "profile")
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    ), {"x": rng.standard_normal((1, cin, size, size)).astype(numpy.float32)}


def conv_milliseconds(profile):
    with open(profile) as file:
        events = json.load(file)
    return [
        event["dur"] / 1e3
        for event in events
        if event.get("cat") == "Node" and "Conv" in event["args"].get("op_name", "")
    ]


def main():
    library = ctypes.CDLL(os.path.abspath(sys.argv[1]))
    library.layer_make.restype = ctypes.c_void_p
    library.layer_run.restype = ctypes.c_double
    library.layer_run.argtypes = library.layer_free.argtypes = library.layer_method.argtypes = [ctypes.c_void_p]
    library.ck_isa_best.restype = ctypes.c_int
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    methods = [int(m) for m in sys.argv[3:]] or [0]
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "layers.h")) as file:
        layers = [(m[1], *map(int, m.groups()[1:])) for m in LAYER.finditer(file.read())]
    sums, classes = [0.0, 0.0], {}
    with tempfile.TemporaryDirectory() as directory:
        for name, cin, cout, kernel, stride, size, count in layers:
            runner, feed = session(cin, cout, kernel, stride, size, directory)
            made = {m: library.layer_make(library.ck_isa_best(), m, 1, cin, cout, kernel, stride, size) for m in methods}
            made = {m: layer for m, layer in made.items() if layer}
            times = {m: [] for m in made}
            for _ in range(rounds):
                runner.run(None, feed)
                for m, layer in made.items():
                    times[m].append(library.layer_run(layer) * 1e3)
            theirs = min(conv_milliseconds(runner.end_profiling()))
            best = {METHODS[library.layer_method(made[m])]: min(t) for m, t in times.items()}
            for layer in made.values():
                library.layer_free(layer)
            chosen = min(best, key=best.get)
            sums[0] += best[chosen] * count
            sums[1] += theirs * count
            kind = classes.setdefault(f"{kernel}x{kernel} stride {stride}", [0.0, 0.0])
            kind[0] += best[chosen] * count
            kind[1] += theirs * count
            each = "  ".join(f"{m} {t:6.3f} ({t / theirs:4.2f})" for m, t in best.items())
            print(f"{name:16} {cin:4} -> {cout:4} {kernel}x{kernel}/{stride} {size:3} x{count}  onnxruntime {theirs:6.3f} ms  {each}", flush=True)
    for kind, (ours, theirs) in sorted(classes.items()):
        print(f"{kind:16} {ours:7.2f} / {theirs:7.2f} ms = {ours / theirs:.3f}")
    print(f"{'all':16} {sums[0]:7.2f} / {sums[1]:7.2f} ms = {sums[0] / sums[1]:.3f}")


main()
