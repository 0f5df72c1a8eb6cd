"""Where the binary is."""

import os
import pathlib
import shutil

from ._error import Error


def find() -> str:
    """The path of the binary: that of `MODCONVERT_BINARY`, else the wheel's, else the first on `PATH`.

    Raises:
        Error: if there is none.
    """
    named = os.environ.get("MODCONVERT_BINARY")
    if named:
        return named
    bundled = pathlib.Path(__file__).parent / "bin" / "modconvert"
    if bundled.exists():
        return str(bundled)
    # The script that pip installs for this package is called the same, and leads back here.
    for folder in os.get_exec_path():
        path = shutil.which("modconvert", path=folder)
        if path and not _is_script(path):
            return path
    raise Error(
        "there is no modconvert binary",
        remedy="install a wheel for this platform, or build the tool and set MODCONVERT_BINARY",
        exit_code=66,
    )


def _is_script(path: str) -> bool:
    with open(path, "rb") as file:
        return file.read(2) == b"#!"
