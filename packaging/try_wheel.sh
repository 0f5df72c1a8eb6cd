#!/bin/sh
# Installs a wheel where there is nothing else, and compares what it does with a build of the tree.
#
#     packaging/try_wheel.sh dist/modconvert-*.whl .build/release/modconvert
#
# A fresh environment of Python, no variables, no Swift on PATH: the command and the Python package convert a trained
# fixture; all three files have to be equal.
set -eu
repository=$(realpath "$(dirname "$0")/..")
wheel=$(realpath "$1")
tool=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv fresh
fresh/bin/pip install --quiet --disable-pip-version-check "$wheel"
cp "$repository/fixtures/trained/fashion-basic.onnx" source.onnx
cp "$repository/fixtures/images/fashion/calibration-images-idx3-ubyte" .
options="--mod-ratio 0.5 --calibrate calibration-images-idx3-ubyte --calibrate-samples 64 --mean 0.2860 --std 0.3530"

"$tool" source.onnx tree.onnx $options --quiet
env -i fresh/bin/modconvert source.onnx command.onnx $options --quiet
env -i fresh/bin/python - <<'PYTHON'
import modconvert

result = modconvert.convert(
    "source.onnx", 0.5, calibrate="calibration-images-idx3-ubyte", calibrate_samples=64, mean="0.2860", std="0.3530",
    output="python.onnx",
)
print(f"python  {result.report.mac_share:.3f} of the multiply-accumulates, agreement {result.report.agreement:.3f}")
PYTHON
cmp tree.onnx command.onnx
cmp tree.onnx python.onnx
echo "equal   $(sha256sum tree.onnx | cut -d ' ' -f 1)"
