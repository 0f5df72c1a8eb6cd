"""Fine-tuning: the networks as PyTorch runs them, several processes, runs that are killed."""

from __future__ import annotations

import os
import pathlib
import signal
import socket
import subprocess
import sys
import tarfile
import time

import pytest

import modconvert
from modconvert._binary import find as tool

numpy = pytest.importorskip("numpy")
torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

from modconvert import train  # noqa: E402
from modconvert.train._checkpoint import Checkpoint  # noqa: E402

MEAN, STD = 0.2860, 0.3530

# Every form whose weights can come back: the options that make it.
FORMS = {
    "fixed": {"router": "fixed", "blocks": "all"},
    "pairs": {"router": "pairs"},
    "channels": {"route": "channels", "router": "fixed"},
    "topk": {"router": "topk"},
    "paper": {"recipe": "paper"},
    "gated": {"recipe": "paper", "route": "hidden"},
    "separate": {"recipe": "paper", "bn": "separate", "target": "training"},
}


def converted(source, images, path, form="fixed", ratio=0.25):
    options = FORMS[form]
    calibrate = None if "recipe" in options else images[:16]
    modconvert.convert(source, ratio, calibrate, output=str(path), **options)
    return str(path)


@pytest.mark.parametrize("form", FORMS)
def test_a_network_computes_what_the_tool_computes(form, trained, images, tmp_path):
    path = converted(trained, images, tmp_path / "m.onnx", form)
    numpy.save(tmp_path / "x.npy", images[:3])
    words = ["run", path, "--input", str(tmp_path / "x.npy"), "-o", str(tmp_path / "y.npy")]
    subprocess.run([tool(), *words], check=True, capture_output=True)
    with torch.no_grad():
        found = train.Network(path).eval()(torch.from_numpy(images[:3])).numpy()
    wanted = numpy.load(tmp_path / "y.npy")
    assert numpy.abs(found - wanted).max() <= 1e-5 * numpy.abs(wanted).max()


@pytest.mark.parametrize("form", ["fixed", "gated", "separate"])
def test_training_brings_a_network_closer_to_its_source(form, trained, images, tmp_path):
    student = converted(trained, images, tmp_path / "s.onnx", form)
    outcome = train.distill(
        student,
        trained,
        images[:192],
        validation=images[192:],
        output=tmp_path / "t.onnx",
        settings=train.Settings(epochs=3, batch=32, mirror=False),
    )
    assert outcome.verified and len(outcome.losses) == 18 and len(outcome.epochs) == 4
    assert outcome.best.difference < 0.9 * outcome.epochs[0].difference
    # The file holds what was judged.
    network = train.Network(outcome.path).eval()
    with torch.no_grad():
        scores = [net(torch.from_numpy(images[192:])).argmax(1) for net in (network, train.Network(trained).eval())]
    assert float((scores[0] == scores[1]).double().mean()) == pytest.approx(outcome.best.agreement)


def words(folder, *others):
    return [
        *("-m", "modconvert.train", str(folder / "s.onnx"), str(folder / "source.onnx")),
        *("--data", str(folder / "x.npy"), "--batch", "32", "--epochs", "2", "--threads", "1"),
        *others,
    ]


@pytest.fixture
def folder(trained, images, tmp_path):
    """A student, its source, and images in files."""
    converted(trained, images, tmp_path / "s.onnx")
    (tmp_path / "source.onnx").write_bytes(pathlib.Path(trained).read_bytes())
    numpy.save(tmp_path / "x.npy", images)
    return tmp_path


def together(arguments, count):
    """What the first of several processes prints; they are started as torchrun starts them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {**os.environ, "WORLD_SIZE": str(count), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    running = [
        subprocess.Popen(
            [sys.executable, *arguments],
            env={**shared, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(count)
    ]
    printed = [process.communicate()[0].splitlines() for process in running]
    assert [process.returncode for process in running] == [0] * count and not any(printed[1:])
    return printed[0]


def test_two_processes_train_like_one(folder):
    outputs = [
        together(words(folder, "-o", str(folder / f"{name}.onnx")), count) for name, count in (("one", 1), ("two", 2))
    ]
    numbers = [[float(word) for line in lines for word in line.split() if "." in word] for lines in outputs]
    assert len(outputs[0]) == 3 and numbers[0][:2] == numbers[1][:2]
    # Adam turns the rounding of sums into steps, so that runs part slowly.
    assert numbers[0] == pytest.approx(numbers[1], rel=0.02)


def test_a_killed_run_continues_to_the_same_weights(folder):
    common = ["--checkpoint-steps", "2"]
    subprocess.run(
        [sys.executable, *words(folder, *common, "-o", str(folder / "whole.onnx"))], check=True, capture_output=True
    )
    state = folder / "state.pt"
    arguments = words(folder, *common, "-o", str(folder / "killed.onnx"), "--checkpoint", str(state))
    running = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
    while not state.exists() and running.poll() is None:
        time.sleep(0.02)
    os.kill(running.pid, signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL and not (folder / "killed.onnx").exists()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    assert not state.exists()
    assert (folder / "killed.onnx").read_bytes() == (folder / "whole.onnx").read_bytes()


def test_tensorboard_reads_the_log(folder):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    arguments = words(folder, "-o", str(folder / "t.onnx"), "--log", str(folder / "log"))
    printed = subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True).stdout
    log = EventAccumulator(str(folder / "log")).Reload()
    losses = log.Scalars("loss")
    assert [event.step for event in losses] == list(range(1, 15)) == [event.step for event in log.Scalars("learning rate")]
    # What is printed of each epoch: the mean loss of its steps, and the agreement.
    lines = [line.split() for line in printed.splitlines()]
    for number in (1, 2):
        mean = sum(event.value for event in losses[7 * number - 7 : 7 * number]) / 7
        assert float(lines[number][lines[number].index("loss") + 1]) == pytest.approx(mean, abs=1e-5)
    shares = [float(line[line.index("agreement") + 1]) / 100 for line in lines]
    assert [event.value for event in log.Scalars("validation/agreement")] == pytest.approx(shares, abs=1e-4)


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    state = Checkpoint(tmp_path / "state.pt")
    state.write({"identity": {"steps": 3, "student": "a"}})
    with pytest.raises(ValueError, match="differs in steps"):
        state.read({"steps": 4, "student": "a"}, torch.device("cpu"))


def test_folders_of_classes_give_labels(trained, pixels, images, tmp_path):
    image = pytest.importorskip("PIL.Image")
    for number, picture in enumerate(pixels[:64]):
        (tmp_path / "data" / str(number % 4)).mkdir(parents=True, exist_ok=True)
        image.fromarray(picture).save(tmp_path / "data" / str(number % 4) / f"{number}.png")
    student = converted(trained, images, tmp_path / "s.onnx")
    outcome = train.distill(
        student,
        trained,
        str(tmp_path / "data"),
        output=tmp_path / "t.onnx",
        settings=train.Settings(epochs=1, batch=16, label_weight=0.5),
        pixels=train.Pixels((MEAN,), (STD,)),
    )
    assert outcome.epochs[-1].accuracy is not None and len(outcome.losses) == 3


def test_shards_are_read_in_an_order_of_the_seed(pixels, tmp_path):
    pytest.importorskip("webdataset")
    image = pytest.importorskip("PIL.Image")
    from modconvert.train._shards import Shards

    for shard in range(2):
        with tarfile.open(tmp_path / f"a-{shard}.tar", "w") as archive:
            for number in range(8 * shard, 8 * shard + 8):
                image.fromarray(pixels[number]).save(tmp_path / f"{number:04}.png")
                (tmp_path / f"{number:04}.cls").write_text(str(number))
                for kind in ("png", "cls"):
                    archive.add(tmp_path / f"{number:04}.{kind}", f"{number:04}.{kind}")
    shards = Shards(str(tmp_path / "a-{0..1}.tar"), (28, 28), 1, train.Settings(batch=4))
    whole = [labels.tolist() for _, labels in shards.epoch(0, 0, slice(0, 4))]
    assert shards.steps == 4 and sorted(sum(whole, [])) == list(range(16))
    assert whole == [labels.tolist() for _, labels in shards.epoch(0, 0, slice(0, 4))]
    assert whole != [labels.tolist() for _, labels in shards.epoch(1, 0, slice(0, 4))]
    # A part of the batches, from a step on: another process of a run that continues.
    assert [batch[2:] for batch in whole[1:]] == [labels.tolist() for _, labels in shards.epoch(0, 1, slice(2, 4))]


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"epochs": 0}, "epochs"),
        ({"learning_rate": -1.0}, "learning_rate"),
        ({"loss": "l1"}, "loss"),
        ({"ema": 1.0}, "ema"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(settings, word):
    with pytest.raises(ValueError, match=word):
        train.Settings(**settings)


def test_an_operator_that_does_not_train_is_named(tmp_path):
    helper = onnx.helper
    value = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, 4]) for name in "xy"]
    graph = helper.make_graph([helper.make_node("Det", ["x"], ["y"], name="d")], "g", value[:1], value[1:])
    with pytest.raises(ValueError, match='node "d": no Det can be trained here'):
        train.Network(helper.make_model(graph))
