"""Which course's worked numbers are asked, and of which classes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from tests.submission.layout import Submission, find
from tests.walkthrough.pages.order import COURSES

ROOT = Path(__file__).resolve().parents[2]


class Chosen(NamedTuple):
    """A course and the classes that are asked.

    Attributes
    ----------
    name : the course's folder; empty for the first two homeworks.
    submission : where the classes are; None for the library's own.
    is_own : whether they are the library's by the names of that course.
    """

    name: str
    submission: Submission | None
    is_own: bool = False


def choose(word: str | None, path: str | None, in_handout: bool = False) -> Chosen:
    """The course that `word` names, or that of the coursework in `path`.

    Raises NotCoursework where that is none, ValueError where there is no such course.
    """
    if word is None and path is None:
        return Chosen("", None)
    if word is None and in_handout and path == str(ROOT) and len(COURSES) == 1:
        word = next(iter(COURSES))
    try:
        from tests.autograder import choosing
        from tests.autograder.course import find_course
    except ImportError:  # an installed package has the sandbox, and no courses
        if word is not None:
            raise ValueError("--course needs the whole project, not the package alone") from None
        return Chosen("", find(path or os.curdir))
    try:
        course = None if word is None else find_course(word)
        if course is not None and course.conventions is None:
            course = None
            if path is None:
                return Chosen("", None)
        if course is not None and path is None:
            from tests.autograder import faces

            if not faces.has_face(course):
                raise ValueError(f"this library has no classes by the names of {course.command}")
            return Chosen(course.name, faces.as_submission(course), True)
        known = choosing.ANY if course is None else course
        submission = find(path or os.curdir, known)
        if course is None and not (submission.is_classic or submission.has_autograd):
            course = choosing.recognised(submission)
    except LookupError as error:
        raise ValueError(str(error.args[0])) from None
    if course is None:
        return Chosen("", submission)
    return Chosen(course.name, submission._replace(courses=(course.name,)))
