"""Checks that both spellings of converted fixtures give the same outputs in onnxruntime.

    check.py [--modconvert PATH]

Every model of fixtures/models that can be converted is converted at 1/2 and 1/16 in both spellings; the files must
pass onnx.checker with full_check, and their outputs on the fixture's recorded input (or a random one) must agree. Exit code 1 if not.
"""

import argparse
import glob
import os
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime
from onnx import numpy_helper

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../fixtures/models")


def outputs(path, data):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feed = {}
    for number, entry in enumerate(session.get_inputs()):
        path = f"{data}/input_{number}.pb"
        if os.path.exists(path):
            with open(path, "rb") as file:
                feed[entry.name] = numpy_helper.to_array(onnx.TensorProto.FromString(file.read()))
        else:
            feed[entry.name] = numpy.random.default_rng(0).standard_normal(entry.shape).astype(numpy.float32)
    return session.run(None, feed)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--modconvert", default=".build/release/modconvert")
    modconvert = os.path.abspath(parser.parse_args().modconvert)
    compared, worst, failures = 0, 0.0, []
    for model in sorted(glob.glob(f"{FIXTURES}/*/model.onnx")):
        name = os.path.basename(os.path.dirname(model))
        data = os.path.join(os.path.dirname(model), "test_data_set_0")
        for ratio in ["1/2", "1/16"]:
            with tempfile.TemporaryDirectory() as folder:
                paths = [f"{folder}/{emission}.onnx" for emission in ("literal", "fast")]
                converted = [
                    subprocess.run(
                        [
                            modconvert, model, "--recipe", "paper", "--mod-ratio", ratio, "--emit", emission,
                            "--no-verify", "-q", "-o", path,
                        ],
                        capture_output=True,
                    ).returncode
                    for path, emission in zip(paths, ("literal", "fast"))
                ]
                if converted != [0, 0]:
                    continue
                try:
                    for path in paths:
                        onnx.checker.check_model(path, full_check=True)
                    results = [outputs(path, data) for path in paths]
                except Exception as error:
                    failures.append(f"{name} at {ratio}: {error}")
                    continue
                for literal, fast in zip(*results):
                    scale = max(numpy.abs(literal).max(), 1e-30)
                    error = float(numpy.abs(fast.astype(numpy.float64) - literal).max() / scale)
                    tolerance = 1e-2 if literal.dtype == numpy.float16 else 1e-4
                    compared, worst = compared + 1, max(worst, error)
                    if not error <= tolerance:
                        failures.append(f"{name} at {ratio}: relative difference {error:.1e}")
    print(f"{compared} outputs compared, largest relative difference {worst:.1e}")
    for failure in failures:
        print(failure)
    sys.exit(1 if failures or not compared else 0)


main()
