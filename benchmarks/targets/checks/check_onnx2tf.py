"""onnx2tf to TensorFlow Lite, then TensorFlow's interpreter."""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy

from common import main, versions


def run(path, x):
    # Here, not above: threads that the import starts would not survive the fork of common.attempt.
    import tensorflow

    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder, "model.onnx")
        model.write_bytes(Path(path).read_bytes())
        # onnx2tf downloads these images, to compare its own layers on them, unless they are there.
        images = numpy.random.default_rng(0).random([20, 128, 128, 3], numpy.float32)
        numpy.save(Path(folder, "calibration_image_sample_data_20x128x128x3_float32.npy"), images)
        words = [Path(sys.executable).parent / "onnx2tf", "-i", model, "-o", folder, "-n"]
        done = subprocess.run(words, capture_output=True, text=True, cwd=folder)
        if done.returncode:
            lines = [line for line in (done.stdout + done.stderr).splitlines() if "ERROR" in line or "Error" in line]
            raise ValueError(lines[-1] if lines else f"onnx2tf ends with {done.returncode}")
        net = tensorflow.lite.Interpreter(f"{folder}/model_float32.tflite")
        net.allocate_tensors()
        net.set_tensor(net.get_input_details()[0]["index"], numpy.transpose(x, [0, 2, 3, 1]))
        net.invoke()
        return net.get_tensor(net.get_output_details()[0]["index"])


main(run, versions("onnx2tf", "tensorflow"))
