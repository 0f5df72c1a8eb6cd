"""Models that are given as ModelProto."""

from __future__ import annotations

import subprocess
import sys

import pytest

import modconvert
from modconvert import _models

onnx = pytest.importorskip("onnx")


def test_model_proto_in_and_out(model):
    proto = onnx.load(model)
    result = modconvert.convert(proto, 0.5, recipe="paper")
    onnx.checker.check_model(result.model)
    assert [node.name for node in proto.graph.node] == [node.name for node in onnx.load(model).graph.node]


def test_weights_beyond_the_limit_get_a_file_of_their_own(model, tmp_path, monkeypatch):
    # The same code as beyond 2 GiB, with a limit that a small model reaches.
    monkeypatch.setattr(_models, "_LARGEST_MESSAGE", 1000)
    proto = onnx.load(model)
    before = proto.SerializeToString(deterministic=True)
    path = _models.as_file(proto, str(tmp_path))
    assert (tmp_path / "model.onnx.data").exists()
    assert proto.SerializeToString(deterministic=True) == before
    assert modconvert.macs(path).total_macs == modconvert.macs(model).total_macs


def test_weights_that_are_not_loaded(model, tmp_path):
    path = str(tmp_path / "external.onnx")
    onnx.save_model(onnx.load(model), path, save_as_external_data=True, size_threshold=0)
    with pytest.raises(modconvert.Error, match="not loaded"):
        modconvert.macs(onnx.load(path, load_external_data=False))


def test_onnx_is_not_imported_for_paths(model):
    code = f"import sys, modconvert; modconvert.macs({model!r}); sys.exit('onnx' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
