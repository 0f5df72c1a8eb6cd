"""MNN: its converter, by the function inside (importing `MNN.tools` installs packages), then its module API."""

import _tools
import MNN
import MNN.expr
import MNN.nn

from common import main, versions


def run(path, x):
    _tools.mnnconvert(["mnnconvert", "-f", "ONNX", "--modelFile", path, "--MNNModel", f"{path}.mnn", "--bizCode", "x"])
    net = MNN.nn.load_module_from_file(f"{path}.mnn", [], [])
    value = MNN.expr.const(x, x.shape, MNN.expr.NCHW)
    return MNN.expr.convert(net.forward([value])[0], MNN.expr.NCHW).read()


main(run, versions("MNN"))
