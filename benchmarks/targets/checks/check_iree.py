"""IREE: its importer and compiler, then its runtime on the processor."""

import subprocess
import sys
import tempfile
from pathlib import Path

import iree.runtime
import onnx

from common import main, versions

PROGRAMS = Path(sys.executable).parent
TARGET = [
    "--iree-hal-target-device=local", "--iree-hal-local-target-device-backends=llvm-cpu",
    "--iree-llvmcpu-target-cpu=generic",
    # A TopK of a symbolic batch keeps 64 KiB on the stack; the limit is half of it.
    "--iree-llvmcpu-stack-allocation-limit=262144",
]


def call(program, *words):
    done = subprocess.run([PROGRAMS / program, *words], capture_output=True, text=True)
    if done.returncode:
        raise ValueError(next((line for line in done.stderr.splitlines() if "error" in line), done.stderr))


def run(path, x):
    with tempfile.TemporaryDirectory() as folder:
        call("iree-import-onnx", path, "-o", f"{folder}/model.mlir", "--opset-version", "17")
        call("iree-compile", f"{folder}/model.mlir", "-o", f"{folder}/model.vmfb", *TARGET)
        module = iree.runtime.load_vm_flatbuffer_file(f"{folder}/model.vmfb", driver="local-task")
        return module[onnx.load(path).graph.name](x).to_host()


main(run, versions("iree-base-compiler"))
