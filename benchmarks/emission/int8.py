"""Times int8 files against the int8 source in onnxruntime, taking turns: what quantize_static makes of each spelling.

    int8.py SOURCE.onnx [--ratio 1/2] [--rounds 31] [--modconvert PATH]

SOURCE.onnx has a fixed batch of 1. Every file goes through quant_pre_process and quantize_static (QDQ, per channel, u8 activations, s8
weights), without a flag that it would not need otherwise, calibrated on noise: speed does not depend on the ranges. One thread, processor
time of that thread. Needs onnx, onnxruntime, sympy and NumPy.
"""

import argparse
import os
import subprocess
import tempfile

import numpy
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from compare import times

FILES = {
    "portable": ["--target", "portable"],
    "openvino (breaks ties)": ["--target", "openvino"],
    "onnxruntime": ["--target", "onnxruntime"],
    "fixed": ["--router", "fixed"],
}


class Noise(CalibrationDataReader):
    def __init__(self, path):
        entry = onnxruntime.InferenceSession(path).get_inputs()[0]
        generator = numpy.random.default_rng(0)
        shape = [extent if isinstance(extent, int) else 1 for extent in entry.shape]
        self.feeds = iter([{entry.name: generator.standard_normal(shape).astype(numpy.float32)} for _ in range(2)])

    def get_next(self):
        return next(self.feeds, None)


def quantized(path):
    prepared, result = f"{path}.prepared.onnx", f"{path}.int8.onnx"
    quant_pre_process(path, prepared)
    quantize_static(
        prepared, result, Noise(prepared), per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8
    )
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("source")
    parser.add_argument("--ratio", default="1/2")
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--modconvert", default=".build/release/modconvert")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "source.onnx")
        os.symlink(os.path.abspath(arguments.source), source)
        paths = [source]
        for number, words in enumerate(FILES.values()):
            paths.append(os.path.join(folder, f"{number}.onnx"))
            subprocess.run(
                [arguments.modconvert, source, "--recipe", "paper", "--mod-ratio", arguments.ratio, "--bn", "folded", *words]
                + ["--no-verify", "-q", "-o", paths[-1]],
                check=True,
            )
        results = times([quantized(path) for path in paths], 1, arguments.rounds)
        for name, result in zip(["source", *FILES], results):
            low, middle, high = numpy.quantile(results[0] / result, [0.25, 0.5, 0.75])
            print(f"{name:24} {middle:.3f} [{low:.3f} {high:.3f}]  {numpy.median(result) * 1e3:8.2f} ms", flush=True)


if __name__ == "__main__":
    main()
