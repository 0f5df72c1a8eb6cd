"""The one error of this package."""

from __future__ import annotations

from typing import Any, Optional


class Error(Exception):
    """What the tool refused, or found wrong.

    `str(error)` is the tool's own line: file, place, problem, remedy.

    Attributes:
        exit_code: that of the tool: 1 a check failed, 64 wrong usage, 65 a file that cannot be handled,
            66 no such file, 73 the output cannot be created, 74 writing failed.
        category: the same in words, such as ``"bad data"``.
        file: the file that the error is about.
        place: the place in it, such as a node.
        problem: what is wrong.
        remedy: what to do about it.
    """

    def __init__(
        self,
        problem: str,
        *,
        line: Optional[str] = None,
        exit_code: int = 64,
        category: str = "usage",
        file: Optional[str] = None,
        place: Optional[str] = None,
        remedy: Optional[str] = None,
    ) -> None:
        super().__init__(line or (f"{problem}; {remedy}" if remedy else problem))
        self.problem = problem
        self.exit_code = exit_code
        self.category = category
        self.file = file
        self.place = place
        self.remedy = remedy

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Error:
        """The error that a document of the kind `modconvert.error/1` describes."""
        return cls(
            document["problem"],
            line=document["message"],
            exit_code=document["exit_code"],
            category=document["category"],
            file=document.get("file"),
            place=document.get("place"),
            remedy=document.get("remedy"),
        )
