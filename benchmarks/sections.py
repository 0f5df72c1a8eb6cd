"""The sections of docs/benchmarks.md; each function measures and returns Markdown lines."""

import importlib.metadata
import json
import os
import statistics
import subprocess
import sys

import numpy

from engines import OnnxRuntime, Paced, first_answer_modconvert, first_answer_onnxruntime, seeded_feed, session
from processes import Usage
from ratios import Comparison, take_turns

THREADS = [1, 2]


def versions():
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("onnxruntime", "onnxslim", "onnxsim"))


class Models:
    """Models that are built and converted when they are first asked for."""

    def __init__(self, tool, folder):
        self.tool, self.folder = tool, folder
        os.makedirs(folder, exist_ok=True)

    def path(self, name):
        return os.path.join(self.folder, name + ".onnx")

    def built(self, network, batch=1, *options):
        """A network with folded normalisation and a fixed batch."""
        path = self.path("-".join([network, f"b{batch}", *(option.strip("-") for option in options)]))
        if not os.path.exists(path):
            self.run("build", network, "-o", path, "--bn", "folded", "--batch", str(batch), "-q", *options)
        return path

    def converted(self, ratio, batch, emission):
        """ResNet-50 converted at a ratio."""
        path = self.path(f"resnet50-b{batch}-mod-{ratio.replace('/', '-')}-{emission}")
        if not os.path.exists(path):
            source = self.built("resnet50", batch)
            options = ["--recipe", "paper", "--mod-ratio", ratio, "--emit", emission]
            self.run(source, *options, "--no-verify", "-q", "-o", path)
        return path

    def macs(self, path):
        output = self.run("macs", path, "--json").stdout
        return json.loads(output)["total_macs"]

    def run(self, *arguments):
        return subprocess.run([self.tool, *arguments], check=True, capture_output=True, text=True)


def table(columns, rows):
    return ["| " + " | ".join(row) + " |" for row in [columns, ["---"] * len(columns), *rows]]


def section_a(models, seconds, batches):
    """ResNets in modconvert's runtime and in onnxruntime."""
    rows = []
    for network in ("resnet18", "resnet50", "resnet101"):
        for batch in batches:
            path = models.built(network, batch)
            error = difference(models, path)
            for threads in THREADS:
                with Paced(models.tool, path, threads) as ours, OnnxRuntime(path, threads) as theirs:
                    result = take_turns(ours, theirs, seconds)
                rows.append([
                    network, str(batch), str(threads), f"{result.a:.2f} ms", f"{result.b:.2f} ms", result.text,
                    str(len(result.ratios)), f"{error:.1e}",
                ])
    columns = ["network", "batch", "threads", "modconvert", "onnxruntime", "time / onnxruntime's", "pairs", "outputs differ by"]
    return [
        "## (a) Running a ResNet",
        "",
        "modconvert runs in a process of its own (`modconvert bench --paced`), onnxruntime with all optimisations in "
        "the measuring one; run by run they take turns. onnxruntime's threads wait actively within a run, not after it.",
        "",
        *table(columns, rows),
    ]


def difference(models, path):
    """The outputs' largest difference over the largest output, on one input."""
    theirs = session(path, 1)
    feed = seeded_feed(theirs)
    name, values = next(iter(feed.items()))
    given, found = models.path("input")[:-5] + ".npy", models.path("output")[:-5] + ".npy"
    numpy.save(given, values)
    models.run("run", path, "--input", f"{name}={given}", "--output", found, "--force", "-q")
    expected = theirs.run(None, feed)[0]
    return float(numpy.abs(numpy.load(found) - expected).max() / numpy.abs(expected).max())


def section_b(models, seconds, batches):
    """What the MoD networks save, in modconvert's runtime and in onnxruntime."""
    rows = []
    for batch in batches:
        source = models.built("resnet50", batch)
        networks = [
            ("resnet50 to MoD at 1/64", lambda emission: models.converted("1/64", batch, emission)),
            ("resnet50 to MoD at 0.5", lambda emission: models.converted("0.5", batch, emission)),
            ("resnet75-mod", lambda emission: models.built("resnet75-mod", batch, "--emit", emission)),
            ("resnet86-mod", lambda emission: models.built("resnet86-mod", batch, "--emit", emission)),
        ]
        for name, model in networks:
            bound = models.macs(source) / models.macs(model("fast"))
            for threads in THREADS:
                row = [name, str(batch), str(threads), f"{bound:.3f}"]
                with Paced(models.tool, source, threads) as a, Paced(models.tool, model("fast"), threads) as b:
                    row.append(take_turns(a, b, seconds / 2).text)
                for emission in ("literal", "fast"):
                    with OnnxRuntime(source, threads) as a, OnnxRuntime(model(emission), threads) as b:
                        row.append(take_turns(a, b, seconds / 2).text)
                rows.append(row)
    columns = [
        "network", "batch", "threads", "bound by MACs", "modconvert", "onnxruntime, literal", "onnxruntime, fast",
    ]
    return [
        "## (b) Mixture-of-Depths against ResNet-50",
        "",
        "How many times faster than resnet50 in the same engine: above 1 is faster. literal and fast are the spellings "
        "of docs/emission.md, which modconvert runs in one way; MACs are strict.",
        "",
        *table(columns, rows),
    ]


def section_c(models, seconds, batches):
    """Converting, next to simplifying, as whole commands."""
    source, out = models.built("resnet50"), models.path("out")
    commands = {
        "modconvert --recipe paper --mod-ratio 0.5 (with verification)": [
            models.tool, source, "--recipe", "paper", "--mod-ratio", "0.5", "-o", out, "--force", "-q",
        ],
        "OnnxSlim": [sys.executable, "-m", "onnxslim", source, out],
        "onnxsim": [sys.executable, "-m", "onnxsim", source, out],
    }
    usages = {name: [] for name in commands}
    for number in range(7 if seconds > 1 else 2):
        for name in commands if number % 2 == 0 else reversed(commands):
            usages[name].append(Usage(commands[name]))
    ours = usages[next(iter(commands))]
    rows = []
    for name, measured in usages.items():
        ratio = Comparison([usage.seconds for usage in ours], [usage.seconds for usage in measured])
        rows.append([
            name, f"{statistics.median(usage.seconds for usage in measured):.2f} s",
            f"{max(usage.resident for usage in measured) / 1e6:.0f} MB",
            "" if measured is ours else ratio.text,
        ])
    return [
        "## (c) Converting resnet50.onnx (102 MB)",
        "",
        f"Whole commands, in turn, {len(ours)} times each: seconds on the wall (median), peak resident memory (largest), "
        "all processors. OnnxSlim and onnxsim simplify the file; they verify no MoD network.",
        "",
        *table(["command", "time", "memory", "modconvert's time / its time"], rows),
    ]


def section_d(models, seconds, batches):
    """From the file to the first answer."""
    source = models.built("resnet50")
    rows = []
    for threads in THREADS:
        ours, theirs = [], []
        for _ in range(9 if seconds > 1 else 2):
            ours.append(first_answer_modconvert(models.tool, source, threads))
            theirs.append(first_answer_onnxruntime(source, threads))
        result = Comparison(ours, theirs)
        rows.append([str(threads), f"{result.a:.0f} ms", f"{result.b:.0f} ms", result.text])
    return [
        "## (d) Loading resnet50.onnx (102 MB) until the first answer",
        "",
        "In new processes, in turn: modconvert opens, plans and runs (`first_answer_ms` of `modconvert bench --json`); "
        "onnxruntime creates a session and runs once, without the time of Python's imports.",
        "",
        *table(["threads", "modconvert", "onnxruntime", "time / onnxruntime's"], rows),
    ]


def section_e(models, seconds, batches):
    """How cost grows with the network and with the batch."""
    rows = []
    for network in ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152"):
        source, out = models.built(network), models.path("out")
        command = [models.tool, source, "--recipe", "paper", "--mod-ratio", "0.5", "-o", out, "--force", "-q"]
        usages = [Usage(command) for _ in range(3 if seconds > 1 else 1)]
        time, memory = statistics.median(u.seconds for u in usages), max(u.resident for u in usages)
        size, macs = os.path.getsize(source), models.macs(source)
        rows.append([
            network, f"{size / 1e6:.0f} MB", f"{macs / 1e9:.2f} G", f"{time:.2f} s", f"{memory / 1e6:.0f} MB",
            f"{time / (macs / 1e9):.3f} s", f"{memory / size:.2f}",
        ])
    lines = [
        "## (e) How cost grows",
        "",
        "Converting at 0.5 with verification, whole command, all processors:",
        "",
        *table(["network", "file", "MACs", "time", "peak memory", "time per GMAC", "memory / file"], rows),
        "",
        "Running resnet50 (`modconvert bench --batch N`), all processors:",
        "",
    ]
    source, rows = models.built("resnet50"), []
    for batch in (1, 2, 4, 8, 16, 32):
        runs = max(3, min(15, round(40 * seconds / 6 / batch)))
        usage = Usage([models.tool, "bench", source, "--batch", str(batch), "--runs", str(runs), "--json"])
        median = json.loads(usage.output)["a"]["median_ms"]
        rows.append([
            str(batch), f"{median:.1f} ms", f"{median / batch:.2f} ms", f"{usage.resident / 1e6:.0f} MB",
        ])
    return lines + table(["batch", "time", "time per sample", "peak memory"], rows)
