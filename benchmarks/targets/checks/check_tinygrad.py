"""tinygrad."""

from common import main, versions


def run(path, x):
    from tinygrad import Tensor
    from tinygrad.nn.onnx import OnnxRunner

    runner = OnnxRunner(path)
    (name,) = runner.graph_inputs
    return next(iter(runner({name: Tensor(x)}).values())).numpy()


main(run, versions("tinygrad"))
