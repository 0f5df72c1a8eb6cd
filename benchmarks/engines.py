"""Engines that run a model once for each call and return the milliseconds."""

import json
import os
import subprocess
import sys
import time

import numpy
import onnxruntime

from processes import Usage


class Paced:
    """modconvert's runtime: a process that makes one run for each line (`modconvert bench --paced`)."""

    def __init__(self, tool, model, threads):
        self.process = subprocess.Popen(
            [tool, "bench", model, "--paced", "--threads", str(threads)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )
        if self.process.stdout.readline().strip() != "ready":
            raise RuntimeError(f"modconvert bench {model} --paced failed")

    def __call__(self):
        self.process.stdin.write("\n")
        return float(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


class OnnxRuntime:
    """onnxruntime's session on the processor, all optimisations on.

    Its threads wait actively within a run, as by default, but not after it: they would take the processor from
    whoever runs next.
    """

    def __init__(self, model, threads):
        self.session = session(model, threads)
        self.feed = seeded_feed(self.session)

    def __call__(self):
        begin = time.perf_counter()
        self.session.run(None, self.feed)
        return (time.perf_counter() - begin) * 1e3

    def __enter__(self):
        return self

    def __exit__(self, *_):
        del self.session


def session(model, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.add_session_config_entry("session.force_spinning_stop", "1")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def seeded_feed(session):
    generator = numpy.random.default_rng(0)
    return {
        entry.name: generator.standard_normal(entry.shape).astype(numpy.float32) for entry in session.get_inputs()
    }


def first_answer_modconvert(tool, model, threads):
    """Milliseconds from opening the file to the first answer, in a process of its own."""
    usage = Usage([tool, "bench", model, "--runs", "1", "--threads", str(threads), "--json"])
    return json.loads(usage.output)["a"]["first_answer_ms"]


def first_answer_onnxruntime(model, threads):
    """Milliseconds of session creation and first run, without Python's imports, in a process of its own."""
    return float(Usage([sys.executable, os.path.abspath(__file__), model, str(threads)]).output)


if __name__ == "__main__":
    path, threads = sys.argv[1], int(sys.argv[2])
    values = numpy.random.default_rng(0).standard_normal((1, 3, 224, 224)).astype(numpy.float32)
    begin = time.perf_counter()
    started = session(path, threads)
    started.run(None, {started.get_inputs()[0].name: values})
    print((time.perf_counter() - begin) * 1e3)
