"""onnxoptimizer with all its passes for inference; the answers of the result."""

import onnx
import onnxoptimizer
import onnxruntime

from common import main, versions


def run(path, x):
    optimized = onnxoptimizer.optimize(onnx.load(path), onnxoptimizer.get_fuse_and_elimination_passes())
    onnx.checker.check_model(optimized)
    session = onnxruntime.InferenceSession(optimized.SerializeToString())
    return session.run(None, {session.get_inputs()[0].name: x})[0]


main(run, versions("onnxoptimizer"))
