"""TVM's Relax, compiled for the processor."""

import onnx
import tvm
from tvm import relax
from tvm.relax.frontend.onnx import from_onnx

from common import main, versions


def run(path, x):
    model = onnx.load(path)
    module = from_onnx(model, shape_dict={model.graph.input[0].name: list(x.shape)})
    module = relax.transform.DecomposeOpsForInference()(module)
    # LLVM without optimisation: it compiles in a third of the time, and answers alone are compared.
    target = tvm.target.Target({"kind": "llvm", "opt-level": 0})
    machine = relax.VirtualMachine(tvm.compile(module, target=target), tvm.cpu())
    answer = machine["main"](tvm.runtime.tensor(x))
    return (answer if hasattr(answer, "numpy") else answer[0]).numpy()


main(run, versions("apache-tvm"))
