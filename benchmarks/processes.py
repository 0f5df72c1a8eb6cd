"""Commands with their time and memory."""

import json
import os
import subprocess
import sys
import tempfile


class Usage:
    """A command that has ended: seconds on the wall and of processors, peak resident bytes, and what it printed.

    Unless it is checked, it may have failed: `status` and `errors` say how.
    """

    def __init__(self, command, check=True):
        os.sync()  # what the command before wrote is not this one's to wait for
        with tempfile.NamedTemporaryFile() as file:
            launcher = os.path.join(os.path.dirname(os.path.abspath(__file__)), "usage.py")
            process = subprocess.run(
                [sys.executable, "-S", launcher, file.name, *command], capture_output=True, text=True
            )
            if check and process.returncode:
                raise RuntimeError(f"{' '.join(command)}: {process.stderr[-500:]}")
            usage = json.load(file)
        self.status, self.output, self.errors = process.returncode, process.stdout, process.stderr
        self.seconds, self.processor, self.resident = usage["seconds"], usage["processor"], usage["resident"]
