"""onnxruntime's own format, for its small builds: convert_onnx_models_to_ort, then the .ort file."""

import subprocess
import sys
import tempfile
from pathlib import Path

import onnxruntime

from common import main, versions


def run(path, x):
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder, "model.onnx")
        model.write_bytes(Path(path).read_bytes())
        words = ["-m", "onnxruntime.tools.convert_onnx_models_to_ort", model, "--optimization_style", "Fixed"]
        subprocess.run([sys.executable, *words], check=True, capture_output=True)
        session = onnxruntime.InferenceSession(f"{folder}/model.ort", providers=["CPUExecutionProvider"])
        return session.run(None, {session.get_inputs()[0].name: x})[0]


main(run, versions("onnxruntime"))
