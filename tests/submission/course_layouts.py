"""Recognises the hand-ins of courses by the table `[layout]` of a course's file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.submission.source import Source


def fitting(source: Source, folder: PurePosixPath) -> Iterator[str]:
    """The folders of the courses whose files are in a folder."""
    try:
        from tests.autograder.course import all_courses
    except ImportError:  # an installed package has the sandbox, and no grader
        return
    for course in all_courses():
        layout = course.description.layout
        there = [name for name in layout.files if source.is_file(folder / name)]
        if layout.files and len(there) >= layout.least:
            yield course.name
