"""NNCF's int8 for OpenVINO; most of the direction of the answers is kept, as in check_quantize.py."""

import numpy

from common import main, versions


def run(path, x):
    # Here, not above: threads that the imports start would not survive the fork of common.attempt.
    import nncf
    import openvino

    model = openvino.Core().read_model(path)
    calibration = nncf.Dataset([x, x[::-1].copy()])
    quantized = nncf.quantize(model, calibration, subset_size=2)
    found = openvino.Core().compile_model(quantized, "CPU")(x)[0].ravel()
    expected = numpy.load(path.replace(".onnx", ".npz"))["y"].ravel()
    cosine = found @ expected / numpy.linalg.norm(found) / numpy.linalg.norm(expected)
    if not cosine > 0.9:
        raise ValueError(f"cosine {cosine:.3f}")
    if not any(operation.get_type_name() == "FakeQuantize" for operation in quantized.get_ops()):
        raise ValueError("nothing is quantized")
    return None


main(run, versions("nncf", "openvino"))
