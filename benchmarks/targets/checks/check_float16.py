"""onnxruntime's converter to float16; answers within the precision of halves."""

import numpy
import onnx
import onnxruntime
from onnxruntime.transformers.float16 import convert_float_to_float16

from common import main, versions


def run(path, x):
    half = convert_float_to_float16(onnx.load(path), keep_io_types=True)
    session = onnxruntime.InferenceSession(half.SerializeToString())
    found = session.run(None, {session.get_inputs()[0].name: x})[0].ravel()
    expected = numpy.load(path.replace(".onnx", ".npz"))["y"].ravel()
    cosine = found @ expected / numpy.linalg.norm(found) / numpy.linalg.norm(expected)
    if not cosine > 0.99:
        raise ValueError(f"cosine {cosine:.3f}")
    return None


main(run, versions("onnxruntime", "onnx"))
