"""ONNX's strict shape inference with data propagation, and onnxruntime's symbolic one, from a file without shapes."""

import onnx
from onnxruntime.tools.symbolic_shape_infer import SymbolicShapeInference

from common import main, versions


def run(path, x):
    model = onnx.load(path)
    del model.graph.value_info[:]
    onnx.checker.check_model(model, full_check=True)
    strict = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    symbolic = SymbolicShapeInference.infer_shapes(model, 2**31 - 1, False, False, 0)
    names = {name for node in model.graph.node for name in node.output if name}
    for inferred in (strict, symbolic):
        known = {}
        for value in [*inferred.graph.value_info, *inferred.graph.output]:
            dims = value.type.tensor_type.shape.dim
            known[value.name] = all(dim.dim_param or dim.HasField("dim_value") for dim in dims)
        missing = sorted(name for name in names if not known.get(name))
        if missing:
            raise ValueError(f"no shape for {missing[0]} and {len(missing) - 1} more")
    return None


main(run, versions("onnx", "onnxruntime"))
