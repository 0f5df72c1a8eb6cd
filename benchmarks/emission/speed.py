"""Times the spellings of the MoD networks in onnxruntime and OpenVINO against ResNet-50: a table of docs/emission.md.

    speed.py [--modconvert PATH] [--rounds 21] [--int8] [--networks NAME ...]

Batch 1, one thread. All files of a network run in turn in one process, each round in the other order than the round before; what counts
is the processor time of the process, which other processes do not lengthen. Printed is the median over the rounds of resnet50's time
divided by the file's, with its quartiles. --int8 takes every file through quantize.py first. Needs onnx, onnxruntime, openvino, NumPy,
and sympy for --int8.
"""

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

import numpy
import onnxruntime
import openvino

from quantize import quantized

SPELLINGS = {
    "portable": ["--target", "portable"],
    "ties broken": ["--target", "openvino"],
    "onnxruntime": ["--target", "onnxruntime"],
}
# Not in int8: its GatherND ends quant_pre_process.
IN_FLOAT = {"fast of 0.2": ["--emit", "fast"]}
# What the router costs, which in int8 is most of the loss.
IN_INT8 = {"portable, fixed router": ["--router", "fixed"]}
NETWORKS = {
    "resnet50 at 1/2": ["--recipe", "paper", "--mod-ratio", "1/2"],
    "resnet50 at 1/64": ["--recipe", "paper", "--mod-ratio", "1/64"],
    "resnet75-mod": None,
    "resnet86-mod": None,
}


def in_onnxruntime(path, x):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda: session.run(None, {name: x})


def in_openvino(path, x):
    core = openvino.Core()
    settings = {"INFERENCE_NUM_THREADS": 1, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    model = core.compile_model(core.read_model(path), "CPU", settings)
    return lambda: model(x)


def times(runs, rounds):
    """The processor time of every run in every round; two rounds come before those that count."""
    results = [[] for _ in runs]
    for number in range(-2, rounds):
        order = list(range(len(runs)))
        for index in order if number % 2 else reversed(order):
            begin = time.process_time()
            runs[index]()
            if number >= 0:
                results[index].append(time.process_time() - begin)
    return numpy.array(results)


def files(tool, network, source, folder, spellings):
    """The source and the network in every spelling."""
    paths, words = [source], NETWORKS[network]
    for name, spelling in spellings.items():
        paths.append(folder / f"{network} {name}.onnx".replace("/", "-"))
        made = [tool, source, *words] if words else [tool, "build", network]
        plain = ["--no-verify"] if words else []
        subprocess.run([*made, *spelling, *plain, "--bn", "folded", "-q", "-o", paths[-1]], check=True)
    return paths


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--modconvert", default=".build/release/modconvert")
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--int8", action="store_true")
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS))
    arguments = parser.parse_args()
    x = numpy.random.default_rng(0).standard_normal([1, 3, 224, 224]).astype(numpy.float32)
    spellings = SPELLINGS | (IN_INT8 if arguments.int8 else IN_FLOAT)
    print("| | " + " | ".join(spellings) + " |\n|---|" + "---|" * len(spellings))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "source.onnx"
        subprocess.run([arguments.modconvert, "build", "resnet50", "--bn", "folded", "-q", "-o", source], check=True)
        for network in arguments.networks:
            paths = files(arguments.modconvert, network, source, folder, spellings)
            if arguments.int8:
                paths = [quantized(str(path)) for path in paths]
            for engine, load in (("onnxruntime", in_onnxruntime), ("OpenVINO", in_openvino)):
                results = times([load(path, x) for path in paths], arguments.rounds)
                quartiles = [numpy.quantile(results[0] / result, [0.25, 0.5, 0.75]) for result in results[1:]]
                cells = [f"{middle:.3f} [{low:.3f}, {high:.3f}]" for low, middle, high in quartiles]
                print(f"| {network}, {engine} | " + " | ".join(cells) + " |", flush=True)
            for path in paths[1:]:
                Path(path).unlink()


if __name__ == "__main__":
    main()
