#!/usr/bin/env python3
"""Checks that a wheel holds what it promises, and prints it: size, tag, shared libraries, symbol versions.

Usage: check_wheel.py WHEEL

Ends with 1 if the wheel is larger than 18 MB, has another tag, or its binary needs a shared library besides those
that every glibc system has, or a version of theirs that the tag does not promise. Needs binutils.
"""

import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

LARGEST = 18_000_000
# manylinux_2_35: Ubuntu 22.04, Debian 12.
TAG = r"py3-none-manylinux_2_35_(x86_64|aarch64)\.whl"
LIBRARIES = {"libc.so.6", "libm.so.6", "libgcc_s.so.1", "libstdc++.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
NEWEST = {"GLIBC": (2, 35), "GLIBCXX": (3, 4, 30), "CXXABI": (1, 3, 13), "GCC": (12,)}
PEERS = "for comparison: onnxsim 0.8.1 9.7 MB, onnxruntime 1.32 27.8 MB"


def main() -> int:
    wheel = Path(sys.argv[1])
    problems = []
    size = wheel.stat().st_size
    print(f"wheel   {wheel.name}")
    print(f"size    {size / 1e6:.1f} MB, at most {LARGEST / 1e6:.0f} ({PEERS})")
    if size > LARGEST:
        problems.append("it is too large")
    if not re.search(TAG, wheel.name):
        problems.append("its tag is another")
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        for notice in ("LICENSE", "NOTICE", "THIRD_PARTY_NOTICES"):
            if not any(name.endswith(f"/{notice}") for name in names):
                problems.append(f"it lacks {notice}")
        binary = archive.extract("modconvert/bin/modconvert", folder)
        if not archive.getinfo("modconvert/bin/modconvert").external_attr >> 16 & 0o111:
            problems.append("its binary cannot be executed")
        print(f"binary  {Path(binary).stat().st_size / 1e6:.1f} MB")
        problems += libraries(binary)
    for problem in problems:
        print(f"check_wheel.py: {wheel.name}: {problem}", file=sys.stderr)
    return 1 if problems else 0


def libraries(binary: str) -> list:
    """What is wrong with the shared libraries and the versions that a binary asks for."""
    dynamic = output("readelf", "--dynamic", "--wide", binary)
    needed = re.findall(r"NEEDED.*\[(.*)\]", dynamic)
    print(f"needs   {', '.join(needed)}")
    problems = [f"it needs {name}" for name in needed if name not in LIBRARIES]
    newest = {}
    for name, version in re.findall(r"\b([A-Z]+)_(\d+(?:\.\d+)*)\b", output("readelf", "--version-info", "--wide", binary)):
        number = tuple(map(int, version.split(".")))
        newest[name] = max(newest.get(name, number), number)
    for name, number in sorted(newest.items()):
        text = f"{name} {'.'.join(map(str, number))}"
        print(f"        {text}")
        if name not in NEWEST or number > NEWEST[name]:
            problems.append(f"it needs {text}")
    return problems


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
