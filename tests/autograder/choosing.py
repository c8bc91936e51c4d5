"""`./grade.sh courses`, and which course `./grade.sh grade` grades by."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.autograder.course import Course, all_courses, find_course
from tests.autograder.options import ROOT
from tests.submission.copying import handed_in
from tests.submission.course_layouts import marks
from tests.submission.layout import NotCoursework, Submission


def called(course: Course) -> str:
    """The name of a course for `--course`."""
    return course.name.replace("_", "-")


def listed() -> Iterator[str]:
    """A line for each course: its name, what it is, and its short command."""
    for course in all_courses():
        short = f" (./grade.sh {course.command})" if course.command != called(course) else ""
        yield f"{called(course):13} {course.title}{short}"


def choose(arguments: Sequence[str]) -> tuple[Course, list[str]]:
    """The course that `--course` names, or that of the hand-in, and the other arguments.

    Says which. Raises LookupError where there is no such course, or not one that fits.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--course")
    given, rest = parser.parse_known_args(list(arguments))
    if "--help" in rest or "-h" in rest:
        course = find_course(given.course) if given.course else all_courses()[0]
        return course, rest
    if given.course:
        course, how = find_course(given.course), "as --course says"
    else:
        course, how = _recognised(_submission(rest)), "found out from the files of the hand-in"
    print(f"course {called(course)}, {how}", flush=True)
    return course, rest


def _submission(arguments: Sequence[str]) -> Path:
    """The hand-in among the arguments; this project where there is none."""
    taking = {
        *("--question", "--plots", "--manual", "--timeout", "--memory", "--seed", "--json"),
        *("--gradescope", "--name"),
    }
    before = ""
    for word in arguments:
        if not word.startswith("-") and before not in taking:
            return Path(word)
        before = word
    return ROOT


def _recognised(path: Path) -> Course:
    for course in all_courses():
        face = ROOT / "hw1" / "courses" / course.command
        if face.is_dir() and path.resolve() == face:
            return course
    try:
        with handed_in(path, lambda place: "" if place.courses or not place.other else "no") as one:
            return fitting(one.submission)
    except NotCoursework as error:
        raise LookupError(str(error)) from None
    except OSError as error:
        raise LookupError(f"{path}: {error.strerror}") from None


def fitting(submission: Submission) -> Course:
    """The course of a hand-in; of several with the same files, the one with most marks.

    Raises LookupError where that is none or more than one.
    """
    found = [course for course in all_courses() if not course.objection(submission)]
    counts = {course.name: marks(course, submission.root) for course in found}
    most = max(counts.values(), default=0)
    best = [course for course in found if counts[course.name] == most]
    if len(best) == 1:
        return best[0]
    names = " or ".join(f"--course {called(course)}" for course in best or all_courses())
    raise LookupError(f"the files of the hand-in do not say which course it is of; add {names}")
