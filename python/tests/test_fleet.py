"""Sweeps and evaluations: serial, in parts, after failures, and by Ray where it is installed."""

from __future__ import annotations

import functools
import json
import os
import pathlib
import subprocess
import sys

import pytest
from conftest import REPOSITORY

import modconvert
from modconvert import fleet
from modconvert._binary import find
from modconvert.fleet import _workers
from modconvert.fleet._tasks import Results, shard

numpy = pytest.importorskip("numpy")

RATIOS = ["0.25", "0.5"]


@pytest.fixture
def work(trained, pixels, tmp_path):
    """Two networks, images, and few of them, so that a task is short."""
    models = []
    for name in ("a", "b"):
        models.append(str(tmp_path / f"{name}.onnx"))
        pathlib.Path(models[-1]).write_bytes(pathlib.Path(trained).read_bytes())
    numpy.save(tmp_path / "calibration.npy", pixels[:16, None])
    numpy.save(tmp_path / "test.npy", pixels[16:48, None])
    options = {"calibrate": str(tmp_path / "calibration.npy"), "mean": 0.286, "std": 0.353, "limit": 16}
    return models, str(tmp_path / "test.npy"), options


def swept(work, output, **others):
    models, data, options = work
    return fleet.sweep(models, RATIOS, data, output=output, **options, **others)


def test_parts_give_the_table_of_a_serial_sweep(work, tmp_path):
    serial = swept(work, tmp_path / "serial")
    assert {(row["ratio"], row["kind"]) for row in serial} >= {("0.25", "fixed"), ("0.5", "source")}
    for part in ("1/3", "2/3", "3/3"):
        swept(work, tmp_path / "parts", part=part)
    assert fleet.merge(tmp_path / "parts") == serial


def test_a_sweep_goes_on_where_it_stopped(work, tmp_path, monkeypatch):
    swept(work, tmp_path / "out", part="1/2")
    done = []
    rows = swept(work, tmp_path / "out", report=lambda task: done.append((task.model, task.ratio)))
    assert len(done) == 2 and {row["ratio"] for row in rows} == set(RATIOS)
    monkeypatch.setattr(_workers, "_done", lambda task: pytest.fail("a task was done again"))
    assert swept(work, tmp_path / "out") == rows


def test_what_the_tool_refuses_is_raised_when_all_else_is_done(work, tmp_path):
    models, data, options = work
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"\x08\x07no model")
    with pytest.raises(modconvert.Error, match="bad.onnx"):
        fleet.sweep([str(bad), models[0]], ["0.5"], data, output=tmp_path / "out", **options)
    assert {row["model"] for row in fleet.merge(tmp_path / "out")} == {models[0]}


def test_the_table_is_parquet(work, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    models, data, options = work
    rows = fleet.sweep(models[:1], ["0.5"], data, output=tmp_path / "out", **options)
    assert parquet.read_table(tmp_path / "out" / "table.parquet").to_pylist() == rows


@pytest.mark.parametrize("part", ["0/2", "3/2", "1", "a/b"])
def test_a_shard_that_cannot_be_meant_is_refused(part):
    with pytest.raises(ValueError, match="it has to be i/n"):
        shard([], part)


def test_results_appear_whole(tmp_path):
    results = Results(str(tmp_path))
    (tmp_path / "m.onnx").write_bytes(b"m")
    task = fleet.Task(str(tmp_path / "m.onnx"), "0.5", "data")
    results.write(task, {"model": "m", "ratio": "0.5", "document": {"rows": []}})
    assert results.has(task) and [path.suffix for path in (tmp_path / "results").iterdir()] == [".json"]
    assert not results.has(fleet.Task(task.model, "0.25", "data"))
    assert json.loads(next((tmp_path / "results").iterdir()).read_text())["ratio"] == "0.5"


@pytest.fixture
def evaluated(trained, pixels, tmp_path):
    """Two networks that differ, and labelled images: five batches."""
    models = [str(tmp_path / f"{name}.onnx") for name in ("source", "small")]
    pathlib.Path(models[0]).write_bytes(pathlib.Path(trained).read_bytes())
    modconvert.convert(models[0], 0.25, recipe="paper", blocks="all", output=models[1])
    numpy.save(tmp_path / "test.npy", pixels[:150, None])
    numpy.save(tmp_path / "labels.npy", numpy.arange(150) % 10)
    return models, str(tmp_path / "test.npy"), {"labels": str(tmp_path / "labels.npy"), "mean": 0.286, "std": 0.353}


def test_an_evaluation_in_parts_is_one_call_s(evaluated, tmp_path):
    models, data, options = evaluated
    whole = modconvert.evaluate(*models, data=data, **options)
    assert whole.samples == 150 and whole.models[1].agreement < 1
    done = []
    shared = fleet.evaluate(
        models, data, output=tmp_path / "out", parts=3, report=lambda part: done.append(part.shard), **options
    )
    assert shared == whole and shared.raw == whole.raw and done == ["1/3", "2/3", "3/3"]
    assert json.loads((tmp_path / "out/evaluation.json").read_text()) == whole.raw
    # What is there is not done again.
    assert fleet.evaluate(models, data, output=tmp_path / "out", parts=3, report=done.append, **options) == whole
    assert len(done) == 3


def test_jobs_that_share_a_folder_evaluate_parts(evaluated, tmp_path):
    models, data, options = evaluated
    call = functools.partial(fleet.evaluate, models, data, output=tmp_path / "out", parts=4, **options)
    assert call(part="2/2") is None
    assert call(part="1/2").raw == modconvert.evaluate(*models, data=data, **options).raw


def test_parts_without_images_are_refused(evaluated, tmp_path):
    models, data, options = evaluated
    with pytest.raises(modconvert.Error, match="at most 5"):
        fleet.evaluate(models, data, output=tmp_path / "out", parts=6, **options)


def test_two_nodes_of_ray_survive_a_killed_worker():
    """A small run of the example: a sweep as a serial one, an evaluation as one call's."""
    pytest.importorskip("ray")
    words = [str(REPOSITORY / "examples/fleet/two_nodes.py"), find(), "--models", "2", "--ratios", "1/4,1/2"]
    paths = os.pathsep.join(filter(None, [str(REPOSITORY / "python/src"), os.environ.get("PYTHONPATH")]))
    outcome = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": paths}
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "1 worker killed" in outcome.stdout and outcome.stdout.count(": yes") == 4
