"""onnxsim, OnnxSlim, and ONNX's version_converter to opset 21; the answers of all three results."""

import numpy
import onnx
import onnxruntime
import onnxsim
import onnxslim

from common import main, versions


def run(path, x):
    model = onnx.load(path)
    simplified, agrees = onnxsim.simplify(model)
    if not agrees:
        raise ValueError("onnxsim: the result does not agree")
    results = [simplified, onnxslim.slim(onnx.load(path)), onnx.version_converter.convert_version(model, 21)]
    answers = []
    for result in results:
        session = onnxruntime.InferenceSession(result.SerializeToString())
        answers.append(session.run(None, {session.get_inputs()[0].name: x})[0])
    expected = numpy.load(path.replace(".onnx", ".npz"))["y"]
    return max(answers, key=lambda answer: abs(answer - expected).max())


main(run, versions("onnx", "onnxsim", "onnxslim"))
