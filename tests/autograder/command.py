"""What `./grade.sh 1` and `./grade.sh a` do: grade a hand-in, show the result and write it."""

from __future__ import annotations

import argparse
import secrets
import shlex
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from tests.autograder import report
from tests.autograder.course import COURSES, Course
from tests.autograder.grading import Limits, NotStarted
from tests.autograder.options import ROOT, parsed
from tests.autograder.references import References, computed, load
from tests.autograder.results import formats
from tests.autograder.results.manual import read_manual
from tests.autograder.results.record import Record
from tests.autograder.sandboxing import sandbox
from tests.autograder.session import Wrapper, WrongUse, grade, ungraded
from tests.submission.copying import Handin, handed_in
from tests.submission.layout import NotCoursework
from tests.submission.loading import printable
from tests.support.terminal import paint_for_output, tolerate_any_text

FACES = ROOT / "hw1" / "courses"


def main(course: Course, arguments: Sequence[str]) -> int:
    """Grades and reports; returns the exit code.

    Raises KeyboardInterrupt on Ctrl-C, after what was asked until then is shown; no result is
    written then.
    """
    options = parsed(course, list(arguments))
    tolerate_any_text()
    if options.watch:
        from tests.autograder.watching import watch

        watch(course, options)
    try:
        if options.platform is not None:
            from tests.autograder.platforms.recipe import write_recipe  # not in a handout

            kind, folder = options.platform
            print(write_recipe(kind, Path(folder), course))
            return 0
        if options.plots is not None:
            options.plots.mkdir(parents=True, exist_ok=True)
        record = graded(course, options)
    except (NotStarted, WrongUse) as error:
        print(f"grade: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"grade: {error.filename or options.submission}: {error.strerror}", file=sys.stderr)
        return 2
    show(record, options.full, checking(course, options))
    if record.session.interrupted:
        raise KeyboardInterrupt
    return written(record, options)


def graded(course: Course, options: argparse.Namespace) -> Record:
    """The record of a hand-in, whatever was handed in.

    Raises WrongUse, NotStarted, and OSError where the hand-in cannot be read.
    """
    submission: Path = options.submission
    if not submission.exists():
        raise WrongUse(f"{submission} does not exist; name a folder, an hw1.py or an archive")
    if not (submission.is_dir() or submission.is_file()):
        raise WrongUse(f"{submission} is neither a folder nor a file")
    name = printable(options.name or submission.name or submission.resolve().name)
    manual = None if options.manual is None else read_manual(options.manual, name)
    if options.manual is not None and manual is None:
        print(f"grade: {options.manual} has no line for {name}", file=sys.stderr)
    answers = references(course, options)
    wrapper: Wrapper = sandbox() if options.sandbox else lambda folder: ()
    limits = Limits(options.timeout, int(options.memory * (1 << 20)))
    start, reason, left_out = time.monotonic(), "", []
    try:
        with _opened(submission, course, name) as handin:
            left_out = handin.left_out
            session = grade(
                handin.submission, course, answers, limits, options.question,
                options.plots, not options.no_training, wrapper, options.effort, options.hints,
            )  # fmt: skip
    except NotCoursework as error:
        reason = printable(str(error))
        session = ungraded(course, reason, options.question)
    session = session._replace(root=submission.absolute())  # not where it was unpacked
    return Record(name, session, reason, tuple(left_out), manual, time.monotonic() - start)


def _opened(path: Path, course: Course, name: str) -> AbstractContextManager[Handin]:
    """What was handed in; for a course of the project's own names also the library by those."""
    if course.conventions is None or not FACES.is_dir():  # a handout has none
        return handed_in(path, course, name)
    from tests.autograder.faces import handed_in_or_face

    return handed_in_or_face(path, course, name)


def checking(course: Course, options: argparse.Namespace) -> str:
    """The command that checks one question of the same hand-in; empty where it was given."""
    if options.question:
        return ""
    words = ["./grade.sh", course.command]
    if course.folder.parent != COURSES:
        words = ["./grade.sh", "grade", "--course", str(course.folder)]
    if options.submission != ROOT:
        words.append(str(options.submission))
    return shlex.join(words)


def show(record: Record, full: bool, command: str) -> None:
    """Prints the record for a person; `command` is what checks a question alone."""
    paint = paint_for_output()
    if record.reason:
        lines = report.not_graded(record, paint)
    else:
        lines = report.table(record.session, paint, full, command)
    print(*lines, *report.closing(record, paint), sep="\n", flush=True)


def written(record: Record, options: argparse.Namespace) -> int:
    """Writes the results that were asked for; returns the exit code."""
    done = [
        formats.write(value, file)
        for file, value in (
            (options.json, formats.as_dictionary(record)),
            (options.gradescope, formats.as_gradescope(record)),
        )
        if file is not None
    ]
    if options.autolab:
        print(*formats.as_autolab(record), sep="\n", flush=True)
    if not all(done):
        return 2
    if done or options.autolab:
        return 0  # `make` and platforms take any other code for a grader that failed
    return 0 if record.score == record.max_score else 1


def references(course: Course, options: argparse.Namespace) -> References:
    """The stored answers, or fresh ones; raises WrongUse where the library does not answer them."""
    if not options.fresh and options.seed is None:
        return load(course)
    from tests.autograder.fresh import Disagreement, draw_fresh

    seed = secrets.randbelow(2**32) if options.seed is None else options.seed
    if course.conventions is not None:  # its answers are those of the shared model
        return computed(course, seed)
    try:
        return draw_fresh(course, seed)
    except Disagreement as error:
        raise WrongUse(f"new cases need a library that is right, but {error}") from None
