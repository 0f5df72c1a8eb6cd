"""The toolchains: what pip installs for each, which check runs it, and which --target it is given."""

from dataclasses import dataclass, field

import files


@dataclass
class Toolchain:
    """A row of the table."""

    name: str
    check: str
    packages: list[str]
    target: list[str] = field(default_factory=lambda: ["--target", "portable"])
    # Cells that cannot work, by the start of "KIND, batch B", with what to tell the user.
    known: dict[str, str] = field(default_factory=dict)
    # What a cell without answers means, such as "quantized".
    does: str = "loads"
    # The batches of its files: fewer where compiling each takes a minute.
    batches: list[str] = field(default_factory=lambda: list(files.BATCHES))
    # Whether it also runs the trained networks.
    runs_trained: bool = False


ORT = ["onnxruntime==1.32.0", "onnx==1.23.2"]
TOOLCHAINS = [
    Toolchain("onnxruntime", "onnxruntime", ORT, ["--target", "onnxruntime"], runs_trained=True),
    Toolchain("onnxruntime, portable", "onnxruntime", ORT),
    Toolchain("strict and symbolic shape inference", "shape_inference", [*ORT, "sympy"], does="all shapes known"),
    Toolchain("quant_pre_process, quantize_static", "quantize", [*ORT, "sympy"], does="int8 runs"),
    Toolchain("onnxruntime float16", "float16", ORT, does="float16 runs"),
    Toolchain("onnxsim, OnnxSlim, version_converter", "simplifiers", [*ORT, "onnxsim==0.8.1", "onnxslim==0.1.98"]),
    Toolchain("ORT format", "ort_format", ORT),
    Toolchain("onnxoptimizer", "onnxoptimizer", [*ORT, "onnxoptimizer==0.4.2"]),
    Toolchain("Polygraphy", "polygraphy", [*ORT, "polygraphy==0.53.6"]),
    Toolchain("onnx-tool", "onnx_tool", ["onnx-tool==1.0.1"], does="profiled"),
    Toolchain("onnx ReferenceEvaluator", "reference", ["onnx==1.23.2"]),
    Toolchain("OpenVINO", "openvino", ["openvino==2026.4.1"], ["--target", "openvino"], runs_trained=True),
    Toolchain("NNCF", "nncf", ["nncf==3.4.0", "openvino==2026.4.1"], ["--target", "openvino"], does="int8 runs"),
    Toolchain("OpenCV 5", "opencv", ["opencv-python-headless==5.0.0.93"], ["--target", "opencv"], runs_trained=True),
    Toolchain("OpenCV 4", "opencv", ["opencv-python-headless==4.12.0.88"], ["--target", "opencv4"]),
    Toolchain("MNN", "mnn", ["MNN==3.6.1"], ["--target", "mnn"], runs_trained=True),
    Toolchain("pnnx, ncnn", "ncnn", ["pnnx==20261020", "ncnn==1.0.20261020"], ["--target", "ncnn"]),
    Toolchain("tract", "tract", ["tract==0.23.9", "numpy"]),
    Toolchain("tinygrad", "tinygrad", ["tinygrad==0.14.0", "numpy"], batches=["1"]),
    Toolchain("TVM", "tvm", ["apache-tvm==0.27.0.post1", "onnx==1.23.2"], batches=["1"]),
    Toolchain("IREE", "iree", ["iree-base-compiler[onnx]==3.13.0", "iree-base-runtime==3.13.0"], batches=["1"]),
    Toolchain("onnx2tf, TensorFlow Lite", "onnx2tf", ["onnx2tf==1.29.24"], ["--target", "tflite"], batches=["1"]),
    Toolchain("onnx2torch", "onnx2torch", ["onnx2torch==1.5.15", "onnx"], ["--target", "training"], runs_trained=True),
    Toolchain("onnx2torch, portable", "onnx2torch", ["onnx2torch==1.5.15", "onnx"],
              known={"gated hidden": "tied scores; use --target training"}),
]
