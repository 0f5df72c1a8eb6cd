"""Commands with their time and memory."""

import json
import os
import subprocess
import sys
import tempfile


class Usage:
    """A command that has ended: seconds on the wall, peak resident bytes, and what it printed."""

    def __init__(self, command):
        os.sync()  # what the command before wrote is not this one's to wait for
        with tempfile.NamedTemporaryFile() as file:
            launcher = os.path.join(os.path.dirname(os.path.abspath(__file__)), "usage.py")
            process = subprocess.run(
                [sys.executable, "-S", launcher, file.name, *command], capture_output=True, text=True
            )
            if process.returncode:
                raise RuntimeError(f"{' '.join(command)}: {process.stderr[-500:]}")
            usage = json.load(file)
        self.output, self.seconds, self.resident = process.stdout, usage["seconds"], usage["resident"]
