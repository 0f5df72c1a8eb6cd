"""What the tests share: the repository's fixtures."""

from __future__ import annotations

import pathlib

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = REPOSITORY / "fixtures"

# The scale on which the trained fixtures were trained.
SCALE = {"mean": "0.2860", "std": "0.3530"}


@pytest.fixture
def model() -> str:
    """A small ResNet with random weights, 3x32x32 pixels."""
    return str(FIXTURES / "models/torchvision-opset17/model.onnx")


@pytest.fixture
def trained() -> str:
    """A ResNet trained on Fashion-MNIST, 1x28x28 pixels."""
    return str(FIXTURES / "trained/fashion-basic.onnx")


@pytest.fixture
def siamese() -> str:
    """Two towers of one ResNet with random weights, inputs input_0 and input_1, 3x32x32 pixels."""
    return str(FIXTURES / "models/torchvision-siamese/model.onnx")


@pytest.fixture
def pixels():
    """256 images of Fashion-MNIST, uint8 [N,28,28]."""
    numpy = pytest.importorskip("numpy")
    data = (FIXTURES / "images/fashion/calibration-images-idx3-ubyte").read_bytes()
    return numpy.frombuffer(data, "uint8", offset=16).reshape(-1, 28, 28)


@pytest.fixture
def images(pixels):
    """The same as the trained network takes them: float32 [N,1,28,28]."""
    values = (pixels.astype("float32") / 255 - 0.2860) / 0.3530
    return values[:, None]
