"""Recognises the hand-ins of courses by the table `LAYOUT` that a course's folder gives.

`LAYOUT` has `files`, how many of them are the `least`, and `marks`: pairs of a file and a regular
expression by which courses with the same files are told apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from tests.submission.source import Source

if TYPE_CHECKING:
    from tests.autograder.course import Course

LARGEST = 1 << 20
"""How many bytes of a file are read."""


@cache  # every folder of a hand-in is asked
def _layouts() -> list[tuple[Course, dict[str, Any]]]:
    try:
        from tests.autograder.course import all_courses
    except ImportError:  # an installed package has the sandbox, and no grader
        return []
    layouts = ((course, getattr(course.module(), "LAYOUT", None)) for course in all_courses())
    return [(course, layout) for course, layout in layouts if layout is not None]


def fitting(source: Source, folder: PurePosixPath) -> Iterator[str]:
    """The folders of the courses whose files are in a folder."""
    for course, layout in _layouts():
        there = [name for name in layout["files"] if source.is_file(folder / name)]
        if len(there) >= layout.get("least", 1):
            yield course.name


def marks(course: Course, root: Path) -> int:
    """How many of a course's marks a hand-in on disk has."""
    return sum(
        bool(re.search(pattern, _text(root / name)))
        for known, layout in _layouts()
        if known.name == course.name
        for name, pattern in layout.get("marks", ())
    )


def _text(file: Path) -> str:
    try:
        with open(file, "rb") as opened:
            return opened.read(LARGEST).decode(errors="replace")
    except OSError:
        return ""
