"""Progress of a run, through tqdm."""

from __future__ import annotations

from typing import Any, Optional

_PREFIX = "progress\t"


class Progress:
    """Shows what `--progress lines` writes; without tqdm, nothing.

    The tool writes lines `progress<tab>title<tab>share<tab>step` to standard error, share from 0 to 1.
    """

    def __init__(self) -> None:
        try:
            from tqdm.auto import tqdm
        except ImportError:
            tqdm = None
        self._tqdm = tqdm
        self._bar: Optional[Any] = None
        self._title = ""

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def takes(self, line: str) -> bool:
        """Shows a line of progress; returns whether it is one."""
        if not line.startswith(_PREFIX):
            return False
        title, share, step = line[len(_PREFIX) :].rstrip("\n").split("\t")
        if self._tqdm is not None:
            self._show(title, float(share), step)
        return True

    def _show(self, title: str, share: float, step: str) -> None:
        if self._bar is None or title != self._title:
            if self._bar is not None:
                self._bar.close()
            layout = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}"
            self._bar = self._tqdm(total=1.0, desc=title, bar_format=layout, leave=False)
            self._title = title
        self._bar.set_postfix_str(step, refresh=False)
        self._bar.update(max(0.0, share - self._bar.n))
