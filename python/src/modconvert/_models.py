"""Models as files: what the tool reads."""

from __future__ import annotations

import hashlib
import os
import pathlib
from typing import TYPE_CHECKING, Any, Union

from ._error import Error

if TYPE_CHECKING:
    import onnx

Model = Union[str, "os.PathLike[str]", bytes, "onnx.ModelProto"]

# protobuf's limit for one message is 2 GiB; what is around the weights takes some of it.
_LARGEST_MESSAGE = 2**31 - 2**24


def as_file(model: Model, folder: str, name: str = "model.onnx") -> str:
    """The path of a file with the model: the one that is named, or a new one in `folder`.

    Args:
        model: a path, the bytes of a file, or a `ModelProto`, whose weights beyond 2 GiB get a file of their own.
        folder: where to write.
        name: the new file's name.

    Raises:
        Error: if the model is none of these, or keeps its weights in files that are not loaded.
    """
    if isinstance(model, (str, os.PathLike)):
        return os.fspath(model)
    path = pathlib.Path(folder) / name
    if isinstance(model, (bytes, bytearray, memoryview)):
        path.write_bytes(model)
    elif hasattr(model, "SerializeToString") and hasattr(model, "graph"):
        _write(model, path)
    else:
        raise Error(
            f"a model of type {type(model).__name__} cannot be read",
            remedy="give a path, the bytes of an ONNX file, or an onnx.ModelProto",
        )
    return str(path)


def digest(path: str) -> str:
    """The SHA-256 of a file."""
    found = hashlib.sha256()
    with open(path, "rb") as file:
        for part in iter(lambda: file.read(1 << 20), b""):
            found.update(part)
    return found.hexdigest()


def load(path: str) -> onnx.ModelProto:
    """The model in a file, with its weights; imports onnx."""
    return _onnx().load(path)


def _write(model: Any, path: pathlib.Path) -> None:
    weights = model.graph.initializer
    external = _onnx().TensorProto.EXTERNAL if any(w.HasField("data_location") for w in weights) else None
    if external is not None and any(w.data_location == external for w in weights):
        raise Error(
            "the model's weights are in files that are not loaded",
            remedy="give the path of its file, or load it with its weights: onnx.load(path)",
        )
    if sum(weight.ByteSize() for weight in weights) <= _LARGEST_MESSAGE:
        path.write_bytes(model.SerializeToString())
        return
    onnx = _onnx()
    try:
        # This takes the weights out of the model itself.
        onnx.save_model(model, str(path), save_as_external_data=True, location=path.name + ".data")
    finally:
        onnx.load_external_data_for_model(model, str(path.parent))
        for weight in weights:
            # The default, written out, is all that is left of it.
            weight.ClearField("data_location")


def _onnx() -> Any:
    try:
        import onnx
    except ImportError:
        raise Error("the package onnx is not installed", remedy="pip install onnx") from None
    return onnx
