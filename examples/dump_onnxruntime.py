#!/usr/bin/env python3
"""Write the values that onnxruntime computes for a model to a .npz file.

    python3 -m venv venv && venv/bin/pip install numpy onnx onnxruntime
    venv/bin/python examples/dump_onnxruntime.py model.onnx values.npz
    modconvert compare model.onnx --reference values.npz

The file holds the inputs, every inner value (or those of --values) and the outputs, each under its name in the
model. onnxruntime's graph optimisations are off unless --optimize is given, since they remove inner values; with
them, the values that they remove are computed by whatever onnxruntime keeps for them.

Values are asked for in windows of --window at a time, and each window is written before the next one is run, so that
a large model's values are never in memory together.
"""
import argparse
import sys
import zipfile

import numpy as np
import onnx
import onnxruntime

ELEMENT_TYPES = {
    "tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64,
    "tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(uint8)": np.uint8, "tensor(bool)": np.bool_,
}


def inner_values(model):
    """The names of all node outputs, in the file's order."""
    return [name for node in model.graph.node for name in node.output if name]


def session(model, names, optimize):
    """A session that returns the named values."""
    declared = {output.name for output in model.graph.output}
    tapped = onnx.ModelProto()
    tapped.CopyFrom(model)
    tapped.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names if name not in declared)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    if not optimize:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(
        tapped.SerializeToString(), options, providers=["CPUExecutionProvider"])


def read_inputs(arguments, model, runtime):
    """The tensors of --input, and seeded normal numbers for the inputs that it does not give."""
    given = {}
    for argument in arguments.input:
        name, separator, path = argument.rpartition("=")
        loaded = np.load(path if separator else argument)
        if isinstance(loaded, np.lib.npyio.NpzFile):
            given.update(loaded)
        else:
            given[name or runtime.get_inputs()[len(given)].name] = loaded
    generator = np.random.default_rng(arguments.seed)
    for value in runtime.get_inputs():
        if value.name in given:
            continue
        # An open batch is 1; other open extents have to come from --input.
        shape = [1 if index == 0 and not isinstance(extent, int) else extent
                 for index, extent in enumerate(value.shape)]
        if not all(isinstance(extent, int) for extent in shape):
            sys.exit(f"input {value.name} has the open shape {value.shape}; give a tensor with --input")
        given[value.name] = generator.standard_normal(shape).astype(ELEMENT_TYPES[value.type])
    return {value.name: given[value.name] for value in runtime.get_inputs()}


def write(archive, name, array):
    """Adds an array under exactly its name, which np.savez would change for some names."""
    with archive.open(name + ".npy", "w", force_zip64=True) as file:
        np.lib.format.write_array(file, np.asarray(array), allow_pickle=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", help="the ONNX file")
    parser.add_argument("output", help="the .npz file to write")
    parser.add_argument("--input", action="append", default=[], metavar="[NAME=]FILE",
                        help="a .npy or .npz file for an input instead of seeded numbers; may be repeated")
    parser.add_argument("--values", help="names of values separated by commas (default: all)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the inputs")
    parser.add_argument("--window", type=int, default=64, help="values that one run returns")
    parser.add_argument("--optimize", action="store_true", help="let onnxruntime optimise the graph")
    arguments = parser.parse_args()

    model = onnx.load(arguments.model)
    names = arguments.values.split(",") if arguments.values else inner_values(model)
    unknown = sorted(set(names) - set(inner_values(model)))
    if unknown:
        sys.exit(f"the model computes no value {', '.join(unknown)}")
    outputs = [output.name for output in model.graph.output]
    names += [name for name in outputs if name not in names]
    inputs = read_inputs(arguments, model, session(model, [], arguments.optimize))

    with zipfile.ZipFile(arguments.output, "w", allowZip64=True) as archive:
        for name, array in inputs.items():
            write(archive, name, array)
        for start in range(0, len(names), arguments.window):
            window = names[start:start + arguments.window]
            runtime = session(model, window, arguments.optimize)
            for name, array in zip(window, runtime.run(window, inputs)):
                if isinstance(array, np.ndarray):
                    write(archive, name, array)
    print(f"{arguments.output}: {len(inputs)} inputs and {len(names)} values")


if __name__ == "__main__":
    main()
