"""Runs a command and writes its seconds, on the wall and of processors, and peak resident bytes as JSON.

    usage.py RESULT.json COMMAND ...

A process of its own, since a child's peak includes what its parent held when it was started.
"""

import json
import os
import sys
import time

begin = time.monotonic()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
seconds = time.monotonic() - begin
with open(sys.argv[1], "w") as file:
    processor = usage.ru_utime + usage.ru_stime
    json.dump({"seconds": seconds, "processor": processor, "resident": usage.ru_maxrss * 1024}, file)
sys.exit(os.waitstatus_to_exitcode(status))
