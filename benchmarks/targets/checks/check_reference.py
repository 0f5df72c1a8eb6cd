"""ONNX's own evaluator of reference."""

from onnx.reference import ReferenceEvaluator

from common import main, versions


def run(path, x):
    evaluator = ReferenceEvaluator(path)
    return evaluator.run(None, {evaluator.input_names[0]: x})[0]


main(run, versions("onnx"))
