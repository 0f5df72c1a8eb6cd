"""Polygraphy: its folding of constants, then its runner of onnxruntime."""

from polygraphy.backend.onnx import BytesFromOnnx, fold_constants, infer_shapes, onnx_from_path
from polygraphy.backend.onnxrt import OnnxrtRunner, SessionFromOnnx

from common import main, versions


def run(path, x):
    folded = fold_constants(infer_shapes(onnx_from_path(path)))
    with OnnxrtRunner(SessionFromOnnx(BytesFromOnnx(folded))) as runner:
        (name,) = runner.get_input_metadata()
        return next(iter(runner.infer({name: x}).values()))


main(run, versions("polygraphy"))
