"""Every command's JSON, against docs/schemas/."""

from __future__ import annotations

import json
import pathlib
import shutil
import subprocess

import pytest
from conftest import FIXTURES, REPOSITORY

from modconvert._binary import find

jsonschema = pytest.importorskip("jsonschema")
numpy = pytest.importorskip("numpy")

SCHEMAS = REPOSITORY / "docs/schemas"
IMAGES = 80

# The kind of the document, the exit code, and the command, in a folder with net.onnx (random weights), mod.onnx (made
# of it), trained.onnx, trainable.onnx and its trained weights, and images.
COMMANDS = [
    ("build", 0, "build resnet26-mod --width 16 --input 1x3x32x32 -o new.onnx"),
    ("conversion", 0, "net.onnx new.onnx --mod-ratio 0.5 --recipe paper"),
    ("conversion", 0, "trained.onnx new.onnx --mod-ratio 1/2 --calibrate test-images-idx3-ubyte --calibrate-samples 8 --preprocess none --no-verify"),
    ("conversion", 0, "trained.onnx new.onnx --target-macs 10M --calibrate test-images-idx3-ubyte --calibrate-samples 8 --preprocess none"),
    ("conversion", 0, "net.onnx new.onnx --drop"),
    ("explanation", 0, "explain fitted.onnx"),
    ("plan", 0, "net.onnx --mod-ratio 0.5 --recipe paper --dry-run"),
    ("plan", 0, "trained.onnx --target-macs 5M --dry-run"),
    ("costs", 0, "macs mod.onnx"),
    ("inspection", 0, "inspect net.onnx --tensors 3 --values"),
    ("inspection", 0, "inspect mod.onnx"),
    ("verification", 0, "verify net.onnx mod.onnx"),
    ("verification", 1, "verify trained.onnx mod.onnx"),
    ("run", 0, "run net.onnx --fill arange"),
    ("comparison", 0, "run net.onnx --test-data data"),
    ("bench", 0, "bench net.onnx mod.onnx --runs 7"),
    ("profile", 0, "profile net.onnx --runs 2"),
    ("evaluation", 0, "evaluate trained.onnx trained.onnx --data test-images-idx3-ubyte --limit 16 --preprocess none --time"),
    ("evaluation", 0, "evaluate net.onnx mod.onnx --data pixels.npy"),
    ("evaluation", 0, "evaluate trained.onnx trained.onnx --data test-images-idx3-ubyte --preprocess none --mean 0.3 --shard 2/3"),
    ("evaluation", 0, "merge part.json"),
    ("sweep", 0, "sweep trained.onnx --ratios 0.5 --data test-images-idx3-ubyte --limit 16 --calibrate-samples 8 --preprocess none"),
    ("explanation", 0, "explain mod.onnx --source net.onnx"),
    ("recognition", 0, "explain exported.onnx"),
    ("optimization", 0, "optimize net.onnx new.onnx"),
    ("quantization", 0, "quantize trained.onnx new.int8.onnx --calibrate test-images-idx3-ubyte --calibrate-samples 8 --preprocess none"),
    ("conversion", 0, "trained.onnx reduced.int8.onnx --mod-ratio 0.5 --int8 --calibrate test-images-idx3-ubyte --calibrate-samples 8 --preprocess none"),
    ("passes", 0, "optimize --list-passes"),
    ("diff", 1, "diff net.onnx mod.onnx"),
    ("divergence", 1, "compare net.onnx mod.onnx"),
    ("weight-import", 0, "import-weights trainable.onnx trained.npz -o new.onnx"),
    ("error", 66, "macs missing.onnx"),
    ("error", 64, "macs net.onnx --frobnicate"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("documents")
    model = FIXTURES / "models/torchvision-opset17"
    shutil.copy(model / "model.onnx", folder / "net.onnx")
    shutil.copy(FIXTURES / "trained/fashion-basic.onnx", folder / "trained.onnx")
    shutil.copytree(model / "test_data_set_0", folder / "data")
    for kind, head, size in (("images-idx3", 16, 28 * 28), ("labels-idx1", 8, 1)):
        data = (FIXTURES / f"images/fashion/test-{kind}-ubyte").read_bytes()
        (folder / f"test-{kind}-ubyte").write_bytes(data[:4] + IMAGES.to_bytes(4, "big") + data[8 : head + IMAGES * size])
    training = FIXTURES / "training/channels"
    shutil.copy(training / "legacy.onnx", folder / "exported.onnx")
    shutil.copy(training / "state.npz", folder / "trained.npz")
    run(folder, "build " + (training / "build.txt").read_text() + " -o trainable.onnx -q")
    numpy.save(folder / "pixels.npy", numpy.arange(4 * 32 * 32 * 3, dtype="uint8").reshape(4, 32, 32, 3))
    run(folder, "net.onnx mod.onnx --mod-ratio 0.5 --recipe paper -q")
    run(folder, "net.onnx fitted.onnx --drop --weights keep -q")
    run(folder, "evaluate net.onnx --data pixels.npy --shard 1/1 --json part.json -q")
    return folder


def run(folder: pathlib.Path, command: str) -> subprocess.CompletedProcess:
    return subprocess.run([find(), *command.split()], cwd=folder, capture_output=True, text=True)


def schema(kind: str) -> dict:
    return json.loads((SCHEMAS / f"{kind}-1.json").read_text())


def closed(node: object) -> object:
    """A schema that allows no member which it does not describe: documents may get more, tests see them."""
    if isinstance(node, list):
        return [closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    copy = {key: closed(value) for key, value in node.items()}
    if "properties" in copy and "additionalProperties" not in copy:
        copy["additionalProperties"] = False
    return copy


@pytest.mark.parametrize(("kind", "code", "command"), COMMANDS, ids=[command[2] for command in COMMANDS])
def test_documents(kind, code, command, folder):
    (folder / "new.onnx").unlink(missing_ok=True)
    outcome = run(folder, command + " --json")
    assert outcome.returncode == code, outcome.stderr
    document = json.loads(outcome.stdout)
    assert document["schema"] == f"modconvert.{kind}/1"
    jsonschema.Draft202012Validator(closed(schema(kind))).validate(document)


def test_routing(folder):
    command = "run mod.onnx --fill random --routing routing.json -q"
    assert run(folder, command).returncode == 0
    document = json.loads((folder / "routing.json").read_text())
    assert document["schema"] == "modconvert.routing/1"
    jsonschema.Draft202012Validator(closed(schema("routing"))).validate(document)


def test_every_schema_is_valid_and_used():
    kinds = {kind for kind, _, _ in COMMANDS} | {"routing"}
    assert {path.name for path in SCHEMAS.glob("*.json")} == {f"{kind}-1.json" for kind in kinds}
    for kind in kinds:
        jsonschema.Draft202012Validator.check_schema(schema(kind))
        assert schema(kind)["properties"]["schema"] == {"const": f"modconvert.{kind}/1"}


def test_an_error_goes_to_the_file_of_the_results(folder):
    assert run(folder, "macs missing.onnx --json error.json").returncode == 66
    assert json.loads((folder / "error.json").read_text())["exit_code"] == 66


def test_an_error_replaces_no_model(folder):
    before = (folder / "net.onnx").read_bytes()
    assert run(folder, "macs missing.onnx --json net.onnx").returncode == 66
    assert run(folder, "macs net.onnx --json net.onnx").returncode == 64
    assert (folder / "net.onnx").read_bytes() == before


def test_a_failed_check_writes_one_document(folder):
    outcome = run(folder, "verify trained.onnx mod.onnx --json")
    assert outcome.returncode == 1 and json.loads(outcome.stdout)["passed"] is False
