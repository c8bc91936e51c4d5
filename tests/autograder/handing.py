"""`./grade.sh handin` and `./grade.sh handout DIR`."""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.autograder import packing
from tests.autograder.choosing import ANY, recognised
from tests.autograder.command import graded
from tests.autograder.course import Course, find_course, own_courses
from tests.autograder.ending import exit_code, handle
from tests.autograder.grading import NotStarted
from tests.autograder.options import parsed
from tests.autograder.session import WrongUse
from tests.submission.layout import NotCoursework, Submission, find
from tests.support.terminal import WIDTH, tolerate_any_text

ROOT = Path(__file__).resolve().parents[2]


def scores(submission: Submission, courses: Iterable[Course]) -> Iterator[str]:
    """A line for each homework that there is: its points as the autograder gives them.

    Raises KeyboardInterrupt on Ctrl-C.
    """
    for course in courses:
        try:
            options = parsed(course, [str(submission.root), "--no-training"])
            options.effort = 0  # the score is asked for, not the line of a mistake
            record = graded(course, options)
        except (NotStarted, WrongUse, OSError) as error:
            yield f"{course.title} homework: not graded: {error}"
            continue
        if record.session.interrupted:
            raise KeyboardInterrupt
        points = f"{record.score:g} of {record.max_score:g} points"
        own = [result for result in record.session.results if result.question.graded]
        if len(own) < len(record.session.results):
            score, most = sum(r.score for r in own), sum(r.question.points for r in own)
            points += f", {score:g} of {most:g} in what the course itself grades"
        said = f"not graded: {record.reason}" if record.reason else points
        more = "" if record.score == record.max_score else f"; ./grade.sh {course.command} says why"
        yield f"{course.title} homework: {said}{more}"


def student(name: str) -> str:
    """A name that a file may have, without .tar."""
    if not re.fullmatch(r"\w[\w .@+-]{0,99}", name):
        raise argparse.ArgumentTypeError(
            f"expected a name, with letters, digits, spaces and . _ @ + - in it, got {name!r}"
        )
    return name.removesuffix(".tar")


def handin(arguments: Sequence[str]) -> int:
    """Makes the hand-in; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="./grade.sh handin",
        description="Makes the file that is handed in, as the course asks for it, after checking "
        "that nothing is missing, the training's plots included, and grading it.",
        allow_abbrev=False,
    )
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT, help="(default: this one)")
    parser.add_argument("--course", metavar="NAME", help="(default: found out from the files)")
    file_name = parser.add_mutually_exclusive_group()
    file_name.add_argument(
        "--output", type=Path, metavar="FILE", help="(default: the course's name for it)"
    )
    file_name.add_argument(
        "--name", type=student, help="of the student, which is then in the file's name: NAME.tar"
    )
    parser.add_argument("--full", action="store_true", help="list the files")
    parser.add_argument("--without-plots", action="store_true", help="hand in what is there")
    options = parser.parse_args(arguments)
    try:
        submission, courses = _found(options.folder, options.course)
        return _handed_in(submission, courses, options)
    except (NotCoursework, LookupError) as error:
        print(f"handin: {error.args[0]}", file=sys.stderr)
        return 2


def _found(folder: Path, word: str | None) -> tuple[Submission, list[Course]]:
    """The coursework in a folder and its course, or both of the two oldest ones.

    Raises NotCoursework, or LookupError where that is no course or not one that fits.
    """
    if word is not None:
        course = find_course(word)
        submission = find(folder, course)
        if course.objection(submission):
            raise LookupError(f"{folder} has {course.objection(submission)}")
        return submission, [course]
    submission = find(folder, ANY)
    oldest = sorted(own_courses(), key=lambda course: course.command)
    together = [course for course in oldest if not course.objection(submission)]
    return submission, together or [recognised(submission)]


def _handed_in(submission: Submission, courses: Sequence[Course], options: Any) -> int:
    """Checks, grades and packs."""
    plots = [] if options.without_plots else packing.lacking_plots(courses, submission)
    lacking = [*packing.lacking(courses, submission), *plots]
    if lacking:
        print("handin: not made, these are missing:", *lacking, sep="\n  ", file=sys.stderr)
        if plots:
            print("./grade.sh m makes the plots; --without-plots goes without", file=sys.stderr)
        return 1
    file = options.output or submission.root / packing.archive_name(courses, options.name)
    for text in scores(submission, courses):
        print(textwrap.fill(text, WIDTH, subsequent_indent="  "), flush=True)
    if packing.lacks_report(courses, submission):
        print("the course also asks for a report, a PDF: put it into this folder,")
        print("and pack again")
    try:
        names = packing.pack(courses, submission, file)
    except OSError as error:
        print(f"handin: {file}: {error.strerror}", file=sys.stderr)
        return 2
    if options.full:
        print(*names, sep="\n")
    files = "1 file" if len(names) == 1 else f"{len(names)} files"
    print(f"wrote {file}, {file.stat().st_size} bytes, {files}")
    return 0


def handout(arguments: Sequence[str]) -> int:
    """Makes the handout; returns the exit code."""
    from tests.autograder.fresh import Disagreement  # a handout itself has none of these
    from tests.autograder.handout.blanking import LEVELS
    from tests.autograder.handout.making import write_handout

    parser = argparse.ArgumentParser(
        prog="./grade.sh handout",
        description="Makes the student's starting point: files with the functions that the "
        "homework asks for left to write, and tools that hold no solution.",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="a folder that is not there yet")
    parser.add_argument(
        "--course",
        metavar="NAME",
        help="of this course's homework (default: of the classic and the autograd homework)",
    )
    parser.add_argument(
        "--docstrings",
        choices=LEVELS,
        default=LEVELS[0],
        help="how much docstrings tell: with formulas, without, or nothing (default: full)",
    )
    options = parser.parse_args(arguments)
    try:
        courses = [find_course(options.course)] if options.course else None
        write_handout(options.folder, options.docstrings, courses)
    except (OSError, Disagreement, LookupError) as error:
        text = error.args[0] if isinstance(error, LookupError) else error
        print(f"handout: {text}", file=sys.stderr)
        return 2
    print(f"wrote {options.folder}")
    return 0


if __name__ == "__main__":
    handle(signal.SIG_DFL)
    os.chdir(os.environ.get("MYTORCH_CALLER", "."))
    tolerate_any_text()
    command = {"handin": handin, "handout": handout}[sys.argv[1]]
    sys.exit(exit_code(lambda: command(sys.argv[2:])))
