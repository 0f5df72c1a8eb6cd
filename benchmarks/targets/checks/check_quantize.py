"""onnxruntime's recipe for int8, without a flag: quant_pre_process, then quantize_static as QDQ and as QOperator.

The answers of both must keep most of the direction of the expected ones: random weights quantize worse than trained ones.
"""

import numpy
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from common import main, versions


class Reader(CalibrationDataReader):
    def __init__(self, name, x):
        self.feeds = iter([{name: x}, {name: x[::-1].copy()}])

    def get_next(self):
        return next(self.feeds, None)


def run(path, x):
    session = onnxruntime.InferenceSession(path)
    name = session.get_inputs()[0].name
    expected = session.run(None, {name: x})[0].ravel()
    quant_pre_process(path, f"{path}.pre")
    for form in (QuantFormat.QDQ, QuantFormat.QOperator):
        quantize_static(f"{path}.pre", f"{path}.int8", Reader(name, x), quant_format=form)
        found = onnxruntime.InferenceSession(f"{path}.int8").run(None, {name: x})[0].ravel()
        cosine = found @ expected / numpy.linalg.norm(found) / numpy.linalg.norm(expected)
        if not cosine > 0.9:
            raise ValueError(f"{form}: cosine {cosine:.3f}")
    return None


main(run, versions("onnxruntime", "onnx"))
