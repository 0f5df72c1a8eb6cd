"""onnxruntime's recipe for int8, for benchmarks: quant_pre_process, then quantize_static (QDQ, per channel, u8 activations, s8 weights).

It is calibrated on noise: speed does not depend on the ranges. Needs onnx, onnxruntime, sympy and NumPy.
"""

import numpy
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process


class Noise(CalibrationDataReader):
    def __init__(self, path):
        entry = onnxruntime.InferenceSession(path).get_inputs()[0]
        generator = numpy.random.default_rng(0)
        shape = [extent if isinstance(extent, int) else 1 for extent in entry.shape]
        self.feeds = iter([{entry.name: generator.standard_normal(shape).astype(numpy.float32)} for _ in range(2)])

    def get_next(self):
        return next(self.feeds, None)


def quantized(path):
    """Writes the file in int8 beside it; returns its path."""
    prepared, result = f"{path}.prepared.onnx", f"{path}.int8.onnx"
    quant_pre_process(path, prepared)
    quantize_static(
        prepared, result, Noise(prepared), per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8
    )
    return result
