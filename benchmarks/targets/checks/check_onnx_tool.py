"""onnx-tool: shape inference and profile."""

import onnx_tool

from common import main, versions


def run(path, x):
    model = onnx_tool.Model(path, {"verbose": False})
    model.graph.shape_infer({model.graph.input[0]: x})
    model.graph.profile()
    return None


main(run, versions("onnx-tool"))
