"""`--watch`: grades a hand-in again whenever one of its files changes, until Ctrl-C."""

from __future__ import annotations

import argparse
import copy
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from tests.autograder import report
from tests.autograder.changes import Changes
from tests.autograder.command import checking, graded, show
from tests.autograder.course import Course
from tests.autograder.grading import NotStarted
from tests.autograder.results.record import Record
from tests.autograder.session import Session, WrongUse
from tests.support.terminal import paint_for_output

CLEAR = "\033[H\033[2J"


def watch(course: Course, options: argparse.Namespace) -> NoReturn:
    """Shows the report, and a new one after each change; raises KeyboardInterrupt on Ctrl-C.

    The questions about what has changed are graded and shown first, as others may take long.
    """
    changes = Changes(options.submission)
    before: Session | None = None
    first: list[str] = []
    while True:
        try:
            before = _graded_and_shown(course, options, first, before)
        except (NotStarted, WrongUse) as error:
            print(f"grade: {error}", file=sys.stderr)
        except OSError as error:
            name = error.filename or options.submission
            print(f"grade: {name}: {error.strerror}", file=sys.stderr)
        print(f"\nwatching {options.submission}; Ctrl-C ends it", flush=True)
        changes.wait()
        first = changes.questions(course)
        is_screen = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        print(end=CLEAR if is_screen else "\n", flush=True)


def _graded_and_shown(
    course: Course, options: argparse.Namespace, changed: Sequence[str], before: Session | None
) -> Session:
    paint = paint_for_output()
    first = [id for id in changed if id in options.question or not options.question]
    if first and before is not None and len(first) < len(before.results):
        only = copy.copy(options)
        only.question = first
        record = _graded(course, only)
        if not record.reason:
            lines = report.begin(record.session, paint, options.full, record.session.results)
            print(*lines, sep="\n", flush=True)
            record = _graded(course, options)
            lines = report.rest(record.session, paint, checking(course, options), first, before)
            print(*lines, sep="\n", flush=True)
            return record.session
    record = _graded(course, options)
    show(record, options.full, checking(course, options))
    return record.session


def _graded(course: Course, options: argparse.Namespace) -> Record:
    record = graded(course, options)
    if record.session.interrupted:
        raise KeyboardInterrupt
    return record
