"""The library by the names of a course: a face, `hw1/courses/NAME/`, or a copy of one.

A face is no hand-in: it imports the library, which it finds by its place in the project. To be
graded a copy, as it is or changed, is put in that place in a copy of the project.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.autograder.course import Course
from tests.autograder.project import ROOT, copy_project
from tests.submission.copying import Handin, handed_in, scratch
from tests.submission.layout import Submission

LOOKS_FOR_LIBRARY = re.compile(r'/ "hw1" / "courses"')
"""What stands in the file of a face that looks for the library."""
FILES = ("mytorch/__init__.py", "modules.py")
USED = ("mytorch", "hw1/courses")
"""What a face may import: the library, what faces share, and another face."""


def place_of(course: Course, root: Path = ROOT) -> Path:
    """Where the face of a course is, in the project or in a copy of it."""
    return root / "hw1" / "courses" / course.command


def has_face(course: Course) -> bool:
    """Whether there is one."""
    return course.conventions is not None and place_of(course).is_dir()


def as_submission(course: Course, root: Path = ROOT) -> Submission:
    """A face in its place; its classes may come from anywhere in the project."""
    return Submission(root, "", (place_of(course, root),), (), False, (course.name,))


def is_face(folder: Path) -> bool:
    """Whether a hand-in imports the library of a project that it looks for."""
    files = [folder / name for name in FILES]
    return any(
        LOOKS_FOR_LIBRARY.search(file.read_text(encoding="utf-8", errors="replace"))
        for file in files
        if file.is_file()
    )


@contextmanager
def handed_in_or_face(path: Path, course: Course, name: str) -> Iterator[Handin]:
    """What was handed in, as `copying.handed_in`; the project itself stands for its face."""
    if has_face(course) and path.resolve() == ROOT:
        path = place_of(course)
    with handed_in(path, course, name) as handin:
        if not (has_face(course) and is_face(handin.submission.root)):
            yield handin
            return
        with scratch() as project:
            copy_project(project, USED, ("__pycache__", place_of(course).name))
            shutil.copytree(handin.submission.root, place_of(course, project))
            own = path.resolve() == place_of(course)
            yield Handin(as_submission(course, project), [] if own else handin.left_out)
