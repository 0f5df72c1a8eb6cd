"""One run of the binary."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from typing import Any, Optional

from ._binary import find
from ._error import Error
from ._progress import Progress

# How long a stopped run may take to remove what it has begun to write, in seconds.
_GRACE = 5


def run(
    command: Sequence[str], *, accept: Sequence[int] = (0,), folder: Optional[str] = None
) -> dict[str, Any]:
    """Runs a command with `--json` and returns its document.

    Progress is shown where tqdm is installed. If this call is interrupted, as by Ctrl-C, the run is stopped
    before the interruption goes on.

    Args:
        command: the command's words, without the binary and `--json`.
        folder: the working folder; None for this process's own.
        accept: the exit codes with which the command still has a result; 1 means that a check failed.

    Raises:
        Error: for every other exit code.
    """
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [find(), *command, "--json", "--progress", "lines"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
        try:
            with Progress() as progress:
                lines = [line for line in process.stderr if not progress.takes(line)]
            code = process.wait()
        finally:
            _stop(process)
        output.seek(0)
        return _document(output.read(), code, accept, "".join(lines))


def _stop(process: subprocess.Popen) -> None:
    """Ends the process if it still runs."""
    process.stderr.close()
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _document(output: bytes, code: int, accept: Sequence[int], errors: str) -> dict[str, Any]:
    try:
        document = json.loads(output)
    except ValueError:
        document = None
    if document is not None and document["schema"] == "modconvert.error/1":
        raise Error.from_json(document)
    if document is None or code not in accept:
        line = errors.strip().removeprefix("modconvert: error: ") if errors.strip() else ""
        ending = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        raise Error(line or f"modconvert {ending}", exit_code=code, category="check failed" if code == 1 else "crash")
    return document
