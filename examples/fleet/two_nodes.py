#!/usr/bin/env python3
"""Shows that a sweep on a Ray cluster of two nodes, of which one worker is killed meanwhile, gives the table of a serial
sweep, and that an evaluation whose images are shared among the workers gives the figures of one call of the tool.

    PYTHONPATH=python/src python examples/fleet/two_nodes.py .build/release/modconvert [--models 6] [--ratios 1/8,1/4,1/2,3/4]

Needs ray and numpy. Both nodes run on this machine. Exit code 1 if anything differs.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy
import ray
from ray.cluster_utils import Cluster

from modconvert import evaluate, fleet

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
SCALE = {"mean": 0.286, "std": 0.353}
# Besides the two trained fixtures: networks with random weights, which cost as much.
BUILT = ["resnet18", "resnet34", "resnet50", "resnet101"]
# By which processes of this run are told from those of others.
MARK = "TWO_NODES_OF"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("tool", type=Path, help="the built modconvert")
    parser.add_argument("--models", type=int, default=6, help="of six")
    parser.add_argument("--ratios", default="1/8,1/4,1/2,3/4")
    options = parser.parse_args()
    os.environ["MODCONVERT_BINARY"] = str(options.tool.resolve())
    os.environ[MARK] = str(os.getpid())
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        models, images = material(folder, options.models)
        tasks = (models, options.ratios.split(","), images)
        how = {**SCALE, "calibrate": str(FIXTURES / "images/fashion/calibration-images-idx3-ubyte")}
        how = {**how, "calibrate_samples": 32, "threads": 1}
        begin = time.monotonic()
        serial = fleet.sweep(*tasks, output=folder / "serial", **how)
        print(f"serial: {len(serial)} rows, {time.monotonic() - begin:.0f} s", flush=True)
        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
        cluster.add_node(num_cpus=1)
        try:
            ray.init(address=cluster.address, log_to_driver=False)
            killed = []
            killer = threading.Thread(target=kill_a_worker, args=(killed,), daemon=True)
            killer.start()
            begin = time.monotonic()
            found = fleet.sweep(*tasks, output=folder / "ray", address="auto", **how)
            killer.join()
            print(
                f"two nodes: {len(found)} rows, {time.monotonic() - begin:.0f} s, "
                f"{len(ray.nodes())} nodes, {len(killed)} worker killed",
                flush=True,
            )
            pair = models[:2]
            parts = fleet.evaluate(pair, images, output=folder / "parts", parts=2, address="auto", **SCALE)
        finally:
            ray.shutdown()
            cluster.shutdown()
        whole = evaluate(*pair, data=images, **SCALE)
    checks = {
        "the sweep's table is complete": len({(row["model"], row["ratio"]) for row in found}) == len(models) * len(tasks[1]),
        "it equals the serial one": found == serial,
        "a worker was killed": len(killed) == 1,
        "the evaluation equals one call's": parts.raw == whole.raw,
    }
    for text, holds in checks.items():
        print(f"{text}: {'yes' if holds else 'NO'}")
    return 0 if all(checks.values()) else 1


def material(folder, count):
    """The models, and 64 images."""
    models = []
    for name in ("basic", "bottleneck"):
        models.append(str(shutil.copy(FIXTURES / f"trained/fashion-{name}.onnx", folder / f"{name}.onnx")))
    for name in BUILT:
        models.append(str(folder / f"{name}.onnx"))
        words = ["build", name, "--width", "8", "--input", "Nx1x28x28", "--classes", "10", "-q", "-o", models[-1]]
        subprocess.run([os.environ["MODCONVERT_BINARY"], *words], check=True)
    data = (FIXTURES / "images/fashion/test-images-idx3-ubyte").read_bytes()
    numpy.save(folder / "images.npy", numpy.frombuffer(data, "uint8", offset=16).reshape(-1, 1, 28, 28)[:64])
    return models[:count], str(folder / "images.npy")


def kill_a_worker(killed):
    """Ends the first worker of this run that has a task, by SIGKILL."""
    mark = f"{MARK}={os.getpid()}".encode()
    end = time.monotonic() + 300
    while not killed and time.monotonic() < end:
        for entry in Path("/proc").iterdir():
            try:
                is_working = (entry / "cmdline").read_bytes().startswith(b"ray::_done")
                is_ours = is_working and mark in (entry / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if is_ours:
                os.kill(int(entry.name), signal.SIGKILL)
                killed.append(int(entry.name))
                break
        time.sleep(0.02)


if __name__ == "__main__":
    sys.exit(main())
