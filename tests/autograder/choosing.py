"""`./grade.sh courses`, and which course `./grade.sh grade` grades by."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.autograder.course import Course, all_courses, find_course
from tests.autograder.options import parser
from tests.submission.copying import handed_in
from tests.submission.layout import EXPECTED, NotCoursework, Place, Submission

LARGEST = 1 << 20
"""How many bytes of a file are read for a mark."""
USAGE = """usage: ./grade.sh grade [SUBMISSION] [--course NAME] [OPTIONS]

Grades by the homework of a course; without --course by the one whose files the
hand-in has. ./grade.sh grade --course NAME --help lists the options.

courses:"""


def called(course: Course) -> str:
    """The name of a course for `--course`."""
    return course.name.replace("_", "-")


def listed() -> Iterator[str]:
    """A line for each course: its name, what it is, and its short command."""
    for course in all_courses():
        short = f" (./grade.sh {course.command})" if course.command != called(course) else ""
        yield f"{called(course):13} {course.description.year}  {course.title}{short}"


def choose(arguments: Sequence[str]) -> tuple[Course, list[str]]:
    """The course that `--course` names, or that of the hand-in, and the other arguments.

    Says which. Raises LookupError where there is no such course, or not one that fits.
    """
    words = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    words.add_argument("--course")
    given, rest = words.parse_known_args(list(arguments))
    asks_for_help = "--help" in rest or "-h" in rest
    if given.course:
        course = find_course(given.course)
        if not asks_for_help:
            print(f"course {called(course)}, as --course says", flush=True)
        return course, rest
    if asks_for_help:
        print(USAGE, *(f"  {line}" for line in listed()), sep="\n")
        raise SystemExit(0)
    # one that has every option that another course has
    longest = max(all_courses(), key=lambda one: (one.training is not None, one.has("library")))
    course = _of_path(parser(longest).parse_known_args(rest)[0].submission)
    print(f"course {called(course)}, found out from the files of the hand-in", flush=True)
    return course, rest


def _of_path(path: Path) -> Course:
    try:
        with handed_in(path, ANY) as one:
            return recognised(one.submission)
    except NotCoursework as error:
        raise LookupError(str(error)) from None
    except OSError as error:
        raise LookupError(f"{path}: {error.strerror}") from None


class AnyCourse:
    """The edition that is wanted where any course is welcome; see `tests.submission.layout`."""

    expected = EXPECTED

    def objection(self, found: Place) -> str:
        """What it is instead where it is of no course; empty where it is of one."""
        return "" if found.courses else found.other


ANY = AnyCourse()


def recognised(submission: Submission) -> Course:
    """The course of a hand-in; of several with the same files, the one with most marks.

    Raises LookupError where that is none or more than one.
    """
    found = [course for course in all_courses() if not course.objection(submission)]
    counts = {course.name: _marks(course, submission.root) for course in found}
    most = max(counts.values(), default=0)
    best = [course for course in found if counts[course.name] == most]
    if len(best) == 1:
        return best[0]
    names = " or ".join(f"--course {called(course)}" for course in best or all_courses())
    raise LookupError(f"the files of the hand-in do not say which course it is of; add {names}")


def _marks(course: Course, root: Path) -> int:
    """How many of a course's marks a hand-in on disk has."""
    return sum(
        bool(re.search(pattern, _text(root / name)))
        for name, pattern in course.description.layout.marks
    )


def _text(file: Path) -> str:
    try:
        with open(file, "rb") as opened:
            return opened.read(LARGEST).decode(errors="replace")
    except OSError:
        return ""
