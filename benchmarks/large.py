"""Checks that a model of more than 2 GiB is built, read, converted, verified and run within bounds of memory.

    large.py [--modconvert PATH] [--folder PATH]

Needs 6 GB of disk, 6 GB of memory and some minutes. Prints each command's time and peak resident memory, and fails
if a command keeps more than its share of the weights. Building holds them once. Converting reads them through the
file's mapping and holds the slices and the block that is being sliced. Running and verifying hold the packed weights
of one network, and until all are packed the mapped pages that they come from.
"""

import argparse
import os
import sys
import tempfile

from processes import Usage

GIBI = 2**30


def written(path):
    """The bytes of a model file and of the weights beside it; 0 if there is none."""
    return sum(os.path.getsize(name) for name in (path, path + ".data") if os.path.exists(name))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--modconvert", default=".build/release/modconvert")
    parser.add_argument("--folder")
    arguments = parser.parse_args()
    tool = os.path.abspath(arguments.modconvert)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        source, converted = os.path.join(folder, "large.onnx"), os.path.join(folder, "converted.onnx")
        checked = os.path.join(folder, "checked.onnx")
        build = [tool, "build", "resnet50", "--width", "308", "--input", "1x3x64x64", "-o", source, "-q"]
        convert = [tool, source, "--recipe", "paper", "--mod-ratio", "0.5", "-q", "-o"]
        steps = [
            ("build", build, lambda size, _: 1.15 * size),
            ("macs", [tool, "macs", source, "-q"], lambda *_: 0.2 * GIBI),
            ("convert --no-verify", [*convert, converted, "--no-verify"], lambda size, _: 0.45 * size),
            ("run", [tool, "run", source, "--fill", "random", "-q"], lambda size, _: 1.4 * size),
            ("convert, verified", [*convert, checked], lambda size, _: 1.4 * size),
            ("verify", [tool, "verify", source, converted, "-q"], lambda size, _: 1.4 * size),
        ]
        failed = False
        for name, command, limit in steps:
            usage = Usage(command)
            size, new = written(source), written(converted)
            bound = limit(size, new)
            kept = usage.resident <= bound
            failed |= not kept
            print(
                f"{name:20} {usage.seconds:7.1f} s  {usage.resident / 1e6:7.0f} MB resident, at most {bound / 1e6:.0f}"
                + ("" if kept else "  FAILED"), flush=True,
            )
        print(f"weights: {size / 1e6:.0f} MB, converted {new / 1e6:.0f} MB")
        if size <= 2 * GIBI:
            failed = True
            print("the model is not beyond 2 GiB")
    sys.exit(1 if failed else 0)


main()
