"""`modconvert` and `python -m modconvert`: the binary, in place of this process."""

import os
import sys

from ._binary import find
from ._error import Error


def main() -> None:
    """Runs the binary with this process's arguments; does not return."""
    try:
        path = find()
    except Error as error:
        sys.exit(f"modconvert: error: {error}")
    os.execv(path, ["modconvert", *sys.argv[1:]])


if __name__ == "__main__":
    main()
