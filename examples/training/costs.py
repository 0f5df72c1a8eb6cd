"""What a variant costs next to the base: MACs and parameters, an image's time in two engines, a training step's."""

import json
import statistics
import subprocess
import time

import numpy as np
import onnxruntime
import torch
from torch.nn import functional

import fashion
from variants import build, load

ROUNDS = 201


def measure(tool, name, side, folder):
    """Counts, and ratios of times to the base's: medians of ratios taken pair by pair, one thread, batch 1.

    MACs and speeds are of the graph for inference, parameters of the graph that is trained.
    """
    base, graph = folder / "a.inference.onnx", folder / f"{name}.inference.onnx"
    for variant, path in (("a", base), (name, graph)):
        build(tool, variant, path, side, "--bn", "folded", "--emit", "fast", "--batch", "1")
    step = ratio(training_step(tool, name, side, folder), training_step(tool, "a", side, folder), ROUNDS // 4)
    bench = output_of(tool, "bench", graph, base, "--runs", ROUNDS, "--threads", "1")
    return {
        "macs": output_of(tool, "macs", graph)["total_macs"],
        "params": output_of(tool, "macs", folder / f"{name}.step.onnx")["total_params"],
        "modconvert": bench["ratio"]["median"],
        "onnxruntime": ratio(session(graph, side), session(base, side), ROUNDS),
        "step": step,
    }


def output_of(tool, *arguments):
    command = [str(part) for part in (tool, *arguments, "--json", "-")]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def session(path, side):
    """A call runs the file once in onnxruntime, on an image of side x side pixels."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    loaded = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    image = np.random.default_rng(0).standard_normal((1, 1, side, side)).astype(np.float32)
    return lambda: loaded.run(None, {"input": image})


def training_step(tool, name, side, folder):
    """A call makes one step of the recipe."""
    graph = folder / f"{name}.step.onnx"
    build(tool, name, graph, side)
    model = load(name, graph).train()
    descent, _ = fashion.optimiser(model, 1000)
    images, labels = torch.randn(fashion.BATCH, 1, side, side), torch.randint(10, (fashion.BATCH,))

    def step():
        descent.zero_grad()
        functional.cross_entropy(model(images), labels).backward()
        descent.step()

    return step


def ratio(one, other, rounds):
    """The median of one's time over the other's, both run in turn; the thread's time, which others do not lengthen."""
    ratios = []
    for number in range(-5, rounds):
        spent = {}
        for work in (one, other) if number % 2 == 0 else (other, one):
            begin = time.thread_time()
            work()
            spent[work] = time.thread_time() - begin
        if number >= 0:
            ratios.append(spent[one] / spent[other])
    return statistics.median(ratios)
