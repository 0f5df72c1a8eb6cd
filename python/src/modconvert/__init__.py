"""modconvert: makes a trained CNN in an ONNX file smaller, from a few unlabelled images, without training.

    import modconvert

    result = modconvert.convert("resnet50.onnx", target_macs="3.0G", calibrate="images/")
    print(result.report.mac_share, result.report.agreement)
    result.save("resnet50.small.onnx")

Models are paths, bytes or `onnx.ModelProto`; onnx is imported only where a `ModelProto` is wanted.
"""

from ._api import convert, evaluate, inspect, macs, optimize, quantize, verify
from ._error import Error
from ._report import (
    Block,
    Calibration,
    Check,
    Conversion,
    Costs,
    Evaluation,
    Inspection,
    ModelResult,
    Optimization,
    Totals,
    Verification,
)
from ._result import Result

__all__ = [
    "Block",
    "Calibration",
    "Check",
    "Conversion",
    "Costs",
    "Error",
    "Evaluation",
    "Inspection",
    "ModelResult",
    "Optimization",
    "Result",
    "Totals",
    "Verification",
    "convert",
    "evaluate",
    "inspect",
    "macs",
    "optimize",
    "quantize",
    "verify",
]
