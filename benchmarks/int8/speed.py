"""Speed of 8-bit integers, full-size ResNet-50: the tables of docs/int8.md.

    speed.py [--modconvert PATH] [--rounds 15]

Builds ResNet-50, reduces half of its blocks in each way, quantises everything, and times all files in onnxruntime, in turn within each round,
one thread, batch 1. What counts is the processor time of the process. Then `modconvert bench` and onnxruntime take turns on the float and
the integer source, each in processes of its own. Needs onnxruntime and NumPy.
"""

import argparse
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy
import onnxruntime

ROOT = Path(__file__).resolve().parent.parent.parent
HALF = ["convert", "--recipe", "calibrated", "--mod-ratio", "0.5", "--calibrate-samples", "16", "--no-verify"]
CHANNELS = ["--route", "channels"]
# name: the command that makes it from the source
FILES = {
    "source": None,
    "fixed hidden units": [*HALF, "--route", "hidden", "--router", "fixed"],
    "fixed channels": [*HALF, *CHANNELS, "--router", "fixed"],
    "pairs": [*HALF, *CHANNELS, "--router", "pairs"],
    "top-k channels": [*HALF, *CHANNELS, "--router", "topk"],
}


def in_onnxruntime(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    x = numpy.random.default_rng(0).standard_normal((1, 3, 224, 224)).astype(numpy.float32)
    return lambda: session.run(None, {name: x})


def in_turn(runs, rounds):
    """The processor time of every run in every round; two rounds come before those that count."""
    times = [[] for _ in runs]
    for number in range(-2, rounds):
        order = range(len(runs)) if number % 2 else reversed(range(len(runs)))
        for index in order:
            start = time.process_time()
            runs[index]()
            if number >= 0:
                times[index].append(time.process_time() - start)
    return times


def ratio(reference, times):
    ratios = sorted(a / b for a, b in zip(reference, times))
    quarter = len(ratios) // 4
    return f"{statistics.median(ratios):.3f} ({ratios[quarter]:.3f} to {ratios[-1 - quarter]:.3f})"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--modconvert", default=str(ROOT / ".build/release/modconvert"))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--folder", help="keep the files there, and use those that are there already")
    arguments = parser.parse_args()
    tool = arguments.modconvert
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(arguments.folder or scratch)
        source = folder / "source.onnx"
        make([tool, "build", "resnet50", "-o", str(source)], source)
        pairs = {}
        for name, words in FILES.items():
            stem = name.replace(" ", "-")
            plain, integers = folder / f"{stem}.onnx", folder / f"{stem}.int8.onnx"
            if words is None:
                make([tool, "quantize", str(source), "-o", str(integers), "--calibrate-samples", "16", "--no-verify"], integers)
            else:
                command = [tool, words[0], str(source), *words[1:]]
                make([*command, "-o", str(plain)], plain)
                make([*command, "--int8", "-o", str(integers)], integers)
            pairs[name] = (plain, integers)
        runs = [in_onnxruntime(path) for pair in pairs.values() for path in pair]
        times = in_turn(runs, arguments.rounds)
        print(f"onnxruntime {onnxruntime.__version__}, {processor()}, one thread, batch 1; medians of ratios, quartiles\n")
        print("| network | float: times the float source | int8: times the float source | int8: times the int8 source |")
        print("|---|---|---|---|")
        for index, name in enumerate(pairs):
            plain, integers = times[2 * index], times[2 * index + 1]
            print(f"| {name} | {ratio(times[0], plain)} | {ratio(times[0], integers)} | {ratio(times[1], integers)} |")
        engine(tool, pairs, arguments.rounds)


def engine(tool, pairs, rounds):
    """Our engine and onnxruntime in turn: a run of `bench` against as many runs of onnxruntime."""
    print("\n| network | our engine, ms | onnxruntime, ms | ours / onnxruntime |")
    print("|---|---|---|---|")
    for name in ("source", "fixed channels", "pairs"):
        for kind, path in zip(("float", "int8"), pairs[name]):
            run = in_onnxruntime(path)
            run()
            ours, theirs = [], []
            for _ in range(max(5, rounds // 3)):
                words = [tool, "bench", str(path), "--threads", "1", "--runs", "9", "--json", "-"]
                ours.append(json.loads(subprocess.check_output(words))["a"]["median_ms"])
                each = []
                for _ in range(9):
                    start = time.perf_counter()
                    run()
                    each.append(1000 * (time.perf_counter() - start))
                theirs.append(statistics.median(each))
            mine, other = statistics.median(ours), statistics.median(theirs)
            shares = sorted(a / b for a, b in zip(ours, theirs))
            print(f"| {name}, {kind} | {mine:.1f} | {other:.1f} | {statistics.median(shares):.3f} ({shares[0]:.3f} to {shares[-1]:.3f}) |")


def make(command, path):
    if not path.exists():
        subprocess.run([*command, "-q"], check=True)


def processor():
    names = [line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    flags = Path("/proc/cpuinfo").read_text()
    return f"{names[0]} ({'AVX-512 VNNI' if 'avx512_vnni' in flags else 'AVX2, no VNNI'})"


if __name__ == "__main__":
    main()
