"""onnxruntime at its highest level of optimisation. The expected answers are those without any."""

import onnxruntime

from common import main, versions


def run(path, x):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: x})[0]


main(run, versions("onnxruntime", "numpy"))
