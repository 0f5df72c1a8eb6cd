"""Measures modconvert next to onnxruntime, OnnxSlim and onnxsim, and writes docs/benchmarks.md.

    run.py [--modconvert PATH] [--output docs/benchmarks.md] [--seconds 6] [--quick] [--sections abcde]

Whatever is compared takes turns within seconds, so that ratios mean something on a machine that is not quiet.
`make bench` runs this in an environment of its own.
"""

import argparse
import datetime
import os
import platform
import subprocess
import sys
import tempfile

import sections


def processor():
    with open("/proc/cpuinfo") as file:
        fields = dict(line.split(":", 1) for line in file if ":" in line)
    flags = next((value for key, value in fields.items() if key.strip() == "flags"), "")
    vectors = next((name for name in ("avx512f", "avx2") if name in flags.split()), "no AVX2")
    name = next((value.strip() for key, value in fields.items() if key.strip() == "model name"), platform.machine())
    return f"{name}, {len(os.sched_getaffinity(0))} processors, {vectors}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--modconvert", default=".build/release/modconvert")
    parser.add_argument("--output", default="docs/benchmarks.md")
    parser.add_argument("--seconds", type=float, default=6, help="for each pair that is compared")
    parser.add_argument("--quick", action="store_true", help="at most four seconds a pair, batch 1 only")
    parser.add_argument("--sections", default="abcde")
    parser.add_argument("--models", help="keep the models in this folder")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.seconds = min(arguments.seconds, 4)
    tool = os.path.abspath(arguments.modconvert)
    load = os.getloadavg()[0]
    version = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    head = [
        "# Benchmarks",
        "",
        f"Written by `make bench` ({arguments.seconds:g} s a pair, {'batch 1' if arguments.quick else 'batches 1 and 8'}) on "
        f"{datetime.date.today().isoformat()}: {processor()}, {platform.system()} "
        f"{platform.release()}; {version}, {sections.versions()}. Load before the run: {load:.2f}"
        + (" (other work was running: ratios count, times do not)." if load > 0.7 else "."),
        "",
        "fp32 throughout. Ratios are medians of ratios taken pair by pair, what is compared taking turns; in brackets "
        "the 95 % confidence interval of the median (order statistics). Below 1, modconvert is faster.",
        "",
    ]
    with tempfile.TemporaryDirectory() as folder:
        models = sections.Models(tool, arguments.models or folder)
        for letter in arguments.sections:
            section = getattr(sections, f"section_{letter}")
            print(f"section {letter}: {section.__doc__.splitlines()[0]}", file=sys.stderr, flush=True)
            head += section(models, arguments.seconds, [1] if arguments.quick else [1, 8]) + [""]
    text = "\n".join(head).rstrip() + "\n"
    partial = arguments.output + ".partial"
    with open(partial, "w") as file:
        file.write(text)
    os.replace(partial, arguments.output)
    print(text)


main()
