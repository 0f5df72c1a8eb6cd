"""What the package raises, and what it leaves behind."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

import modconvert


def test_the_line_of_the_tool(tmp_path):
    with pytest.raises(modconvert.Error) as caught:
        modconvert.convert(tmp_path / "missing.onnx")
    error = caught.value
    assert error.exit_code == 66 and error.category == "no input"
    assert str(error) == f"{tmp_path}/missing.onnx: no such file; check the path"
    assert error.problem == "no such file" and error.remedy == "check the path"
    assert error.file == str(tmp_path / "missing.onnx")


def test_options_that_do_not_exist(model):
    with pytest.raises(modconvert.Error, match="Unknown option '--frobnicate'") as caught:
        modconvert.macs(model, frobnicate=1)
    assert caught.value.exit_code == 64


def test_a_failed_check_is_an_error_of_convert(model):
    with pytest.raises(modconvert.Error) as caught:
        modconvert.macs(b"no model")
    assert caught.value.exit_code == 65


@pytest.mark.parametrize("wrong", [3, None, object()])
def test_models_of_other_types(wrong):
    with pytest.raises(modconvert.Error, match="give a path"):
        modconvert.macs(wrong)


def test_images_of_other_shapes(trained):
    numpy = pytest.importorskip("numpy")
    for images in [numpy.zeros((4, 1, 20, 20), "float32"), [numpy.zeros((1, 28, 28)), numpy.zeros((1, 20, 20))], []]:
        with pytest.raises(modconvert.Error):
            modconvert.convert(trained, calibrate=images)


def test_numbers_that_are_not_finite_are_named(trained, images):
    images[7, 0, 3, 3] = float("nan")
    with pytest.raises(modconvert.Error, match="image 7: holds a number that is not finite"):
        modconvert.convert(trained, calibrate=images)


def test_ctrl_c_stops_the_run_and_leaves_nothing(model, tmp_path):
    # A binary that would run for a minute, as a conversion may.
    tool = tmp_path / "slow"
    tool.write_text("#!/bin/sh\necho $$ > \"$TMPDIR/pid\"\nexec sleep 60\n")
    tool.chmod(0o755)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    environment = {**os.environ, "MODCONVERT_BINARY": str(tool), "TMPDIR": str(scratch)}
    code = f"import modconvert; modconvert.convert({model!r})"
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stderr=subprocess.PIPE, start_new_session=True
    )
    pid = scratch / "pid"
    deadline = time.monotonic() + 30
    while not (pid.exists() and pid.read_text().strip()) and time.monotonic() < deadline:
        time.sleep(0.05)
    child = int(pid.read_text())
    process.send_signal(signal.SIGINT)
    assert b"KeyboardInterrupt" in process.communicate(timeout=30)[1]
    assert not pathlib.Path(f"/proc/{child}").exists()
    assert [file.name for file in scratch.iterdir()] == ["pid"]


def test_progress_through_tqdm(model, monkeypatch):
    tqdm = pytest.importorskip("tqdm.auto")
    titles = []

    class Bar(tqdm.tqdm):
        def __init__(self, *arguments, **options):
            titles.append(options["desc"])
            super().__init__(*arguments, **options)

    monkeypatch.setattr(tqdm, "tqdm", Bar)
    modconvert.convert(model, 0.5, recipe="paper")
    assert "verifying" in titles
