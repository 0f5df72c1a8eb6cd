"""Conversion, end to end, through the binary."""

from __future__ import annotations

import hashlib
import pathlib

import pytest

import modconvert
from modconvert import _data

numpy = pytest.importorskip("numpy")


# Few images, since calibration takes its time in a build for tests.
SAMPLES = 12


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_report_and_file(model):
    result = modconvert.convert(model, 0.5, recipe="paper")
    report = result.report
    assert report.recipe == "paper" and report.ratio == 0.5
    assert report.after.macs < report.before.macs and 0 < report.mac_share < 1
    assert report.source_sha256 == digest(pathlib.Path(model).read_bytes())
    converted = [block for block in report.blocks if block.verdict == "convert"]
    assert converted and all(block.saved_macs > 0 and len(block.shape) == 3 for block in converted)
    assert report.verification.passed and [check.number for check in report.verification.checks] == [1, 2, 3, 4, 5, 6]
    assert modconvert.macs(result.bytes).total_macs == report.after.macs


def test_path_and_bytes_give_the_same_file(model):
    first = modconvert.convert(model, 0.5, recipe="paper")
    second = modconvert.convert(pathlib.Path(model).read_bytes(), 0.5, recipe="paper")
    assert first.bytes == second.bytes


def test_output_is_written_where_it_is_wanted(model, tmp_path):
    path = tmp_path / "small.onnx"
    result = modconvert.convert(model, 0.5, recipe="paper", output=str(path))
    assert result.path == str(path) and path.read_bytes() == result.bytes
    result.save(tmp_path / "copy.onnx")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["copy.onnx", "small.onnx"]


def test_files_live_as_long_as_the_result(model):
    result = modconvert.convert(model, 0.5, recipe="paper")
    path = pathlib.Path(result.path)
    assert path.exists()
    del result
    assert not path.parent.exists()


def test_another_goal_takes_the_place_of_the_default_ratio(model):
    assert modconvert.convert(model, mod_reduction=4, recipe="paper").report.ratio == 0.25
    with pytest.raises(modconvert.Error) as caught:
        modconvert.convert(model, 0.5, mod_reduction=4)
    assert caught.value.exit_code == 64


def test_calibration_keeps_predictions(trained, pixels):
    report = modconvert.convert(trained, 0.5, calibrate=pixels[:SAMPLES], mean="0.2860", std="0.3530").report
    assert report.recipe == "calibrated" and report.calibration.is_held_out and report.agreement > 0.5


def test_every_kind_of_iterable_is_the_same_file(images, tmp_path):
    """Arrays, iterables, dictionaries and a CalibrationDataReader."""

    class Reader:
        def __init__(self):
            self.items = iter(images)

        def get_next(self):
            item = next(self.items, None)
            return None if item is None else {"input": item[None]}

    kinds = [
        images,
        list(images),
        (item[None] for item in images),
        [{"input": images[:100]}, {"input": images[100:]}],
        Reader(),
    ]
    files = [pathlib.Path(_data.as_file(kind, str(tmp_path), f"{n}")) for n, kind in enumerate(kinds)]
    assert len({file.read_bytes() for file in files}) == 1


def test_several_inputs(siamese, tmp_path):
    """Arrays by name, items by name, and a siamese network that takes them."""
    random = numpy.random.RandomState(0)
    arrays = {f"input_{n}": random.randn(16, 3, 32, 32).astype("float32") for n in range(2)}
    items = [{name: array[n : n + 1] for name, array in arrays.items()} for n in range(16)]
    for kind in arrays, items, iter(items):
        path = _data.as_file(kind, str(tmp_path))
        assert path.endswith(".npz")
        found = numpy.load(path)
        assert set(found) == set(arrays) and all((found[name] == array).all() for name, array in arrays.items())
    report = modconvert.convert(siamese, 0.5, router="fixed", calibrate=arrays).report
    assert report.verification.passed and len([block for block in report.blocks if block.verdict == "convert"]) == 8
    with pytest.raises(modconvert.Error, match="has not the inputs"):
        _data.as_file([items[0], {"input_0": items[0]["input_0"]}], str(tmp_path))
    with pytest.raises(modconvert.Error, match="there are no images"):
        _data.as_file({}, str(tmp_path))


def test_every_type_and_layout_of_arrays_gives_the_same_network(trained, images):
    images = images[:SAMPLES]
    kinds = [images, images.astype("float64"), images.transpose(0, 2, 3, 1), images[:, 0]]
    results = [modconvert.convert(trained, 0.5, calibrate=kind, verify=False) for kind in kinds]
    assert len({digest(result.bytes) for result in results}) == 1


def test_a_page_for_notebooks(model):
    page = modconvert.convert(model, 0.5, recipe="paper")._repr_html_()
    assert page.startswith("<iframe srcdoc=") and "&lt;section" in page and page.count('"') % 2 == 0


def test_optimize(model):
    result = modconvert.optimize(model)
    assert modconvert.inspect(result.path).node_count <= modconvert.inspect(model).node_count


def test_verify_says_what_failed(model, trained):
    result = modconvert.convert(model, 0.5, recipe="paper")
    assert modconvert.verify(model, result).passed
    assert not modconvert.verify(trained, result).passed


def test_evaluate(trained, pixels):
    pixels = pixels[:SAMPLES]
    labels = numpy.zeros(len(pixels), int)
    result = modconvert.convert(trained, 0.5, calibrate=pixels[:SAMPLES], mean="0.2860", std="0.3530")
    report = modconvert.evaluate(trained, result, data=pixels, labels=labels, mean="0.2860", std="0.3530")
    first, second = report.models
    assert report.samples == len(pixels) and first.agreement == 1 and second.agreement > 0.5
    assert second.macs < first.macs and 0 <= first.top_one <= 1


def test_inspect_and_macs(model):
    about = modconvert.inspect(model)
    assert about.producer.startswith("pytorch") and about.operators["Conv"] > 0
    assert modconvert.macs(model).total_macs == about.total_macs
