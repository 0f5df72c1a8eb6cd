"""OpenVINO, in float."""

import openvino

from common import main, versions


def run(path, x):
    core = openvino.Core()
    hints = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
    return core.compile_model(core.read_model(path), "CPU", hints)(x)[0]


main(run, versions("openvino"))
