"""pnnx, then ncnn."""

import subprocess
import sys
import tempfile
from pathlib import Path

import ncnn
import numpy

from common import main, versions


def run(path, x):
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "model.onnx")
        copy.write_bytes(Path(path).read_bytes())
        shape = "[" + ",".join(map(str, x.shape)) + "]"
        program = Path(sys.executable).parent / "pnnx"
        subprocess.run([program, copy, f"inputshape={shape}", "fp16=0"], check=True, cwd=folder, capture_output=True)
        net = ncnn.Net()
        net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
        net.opt.use_bf16_storage = False
        if net.load_param(f"{folder}/model.ncnn.param") or net.load_model(f"{folder}/model.ncnn.bin"):
            raise ValueError("ncnn does not load what pnnx wrote")
        answers = []
        for image in x:
            extractor = net.create_extractor()
            extractor.input(net.input_names()[0], ncnn.Mat(image).clone())
            status, answer = extractor.extract(net.output_names()[0])
            if status:
                raise ValueError(f"ncnn does not run it: {status}")
            answers.append(numpy.array(answer))
        return numpy.stack(answers)


main(run, versions("pnnx", "ncnn"))
