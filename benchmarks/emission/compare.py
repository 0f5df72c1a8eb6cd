"""Times the spellings of a MoD block in onnxruntime: the table of docs/emission.md.

    compare.py SOURCE.onnx [--ratios 1/2 1/64] [--threads 1 2] [--rounds 41] [--modconvert PATH]

The source is converted at each ratio, in the literal spelling and for the targets; the other spellings are
made from the literal file. All models of a ratio run in turn in one process. Printed is the median over the
rounds of source time / spelling's time, with its quartiles. With one thread the processor time of the thread
counts, which another process does not lengthen; with more the time on the wall.
"""

import argparse
import os
import subprocess
import tempfile
import time

import numpy
import onnxruntime

import spellings


def session(path, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    options.add_session_config_entry("session.force_spinning_stop", "1")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def times(paths, threads, rounds):
    sessions = [session(path, threads) for path in paths]
    entry = sessions[0].get_inputs()[0]
    feed = {entry.name: numpy.random.default_rng(0).standard_normal(entry.shape).astype(numpy.float32)}
    clock = time.thread_time if threads == 1 else time.perf_counter
    results = [[] for _ in sessions]
    for number in range(-2, rounds):
        order = range(len(sessions))
        for index in order if number % 2 == 0 else reversed(order):
            begin = clock()
            sessions[index].run(None, feed)
            if number >= 0:
                results[index].append(clock() - begin)
    return [numpy.array(result) for result in results]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("source")
    parser.add_argument("--ratios", nargs="+", default=["1/2", "1/64"])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=41)
    parser.add_argument("--modconvert", default=".build/release/modconvert")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for ratio in arguments.ratios:
            convert = [arguments.modconvert, arguments.source, "--recipe", "paper", "--mod-ratio", ratio, "--bn", "folded"]
            convert += ["--no-verify", "-q"]
            base = os.path.join(folder, "literal.onnx")
            subprocess.run([*convert, "--force", "-o", base, "--emit", "literal"], check=True)
            written = {"--emit fast": ["--emit", "fast"], "--target portable": [], "--target onnxruntime": []}
            emitted = []
            for name, words in written.items():
                emitted.append(os.path.join(folder, name.replace(" ", "-") + ".onnx"))
                subprocess.run([*convert, "--force", "-o", emitted[-1], *(words or name.split())], check=True)
            paths = [arguments.source]
            for spelling in spellings.ALL:
                paths.append(os.path.join(folder, spelling.__name__ + "-spelling.onnx"))
                spellings.write(base, spelling, paths[-1])
            names = ["source", *(spelling.__name__ for spelling in spellings.ALL), *written]
            for threads in arguments.threads:
                print(f"ratio {ratio}, {threads} thread{'s' * (threads > 1)}: source time / time, median [quartiles]")
                results = times([*paths, *emitted], threads, arguments.rounds)
                for name, result in zip(names, results):
                    low, middle, high = numpy.quantile(results[0] / result, [0.25, 0.5, 0.75])
                    print(f"  {name:20} {middle:.3f} [{low:.3f} {high:.3f}]  {numpy.median(result) * 1e3:8.2f} ms", flush=True)


if __name__ == "__main__":
    main()
