"""The report of a run for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from tests.autograder import details, todo
from tests.autograder.details import indented
from tests.autograder.result import Result
from tests.autograder.results.manual import MOST
from tests.autograder.results.record import Record
from tests.autograder.session import Session
from tests.support.terminal import WIDTH, Paint, cut, pad

COLOURS = {"passed": "green", "partial": "yellow"}


def table(
    session: Session, paint: Paint, full: bool = False, command: str = "", first: Sequence[str] = ()
) -> Iterator[str]:
    """A line for each question, below it the mistakes and the first checks that are wrong.

    Questions where nothing is written yet stand in a list of their own; then follows what to write
    next, and how to check it with `command`. The questions `first` come before the others, and are
    the only ones with more than a line then.
    """
    yield cut(f"{session.course.title} homework, {session.layout} layout: {session.root}", WIDTH)
    yield f"cases of seed {session.seed}"
    yield ""
    yield from details.of_import(session, paint)
    waiting = [] if full else todo.waiting(session)
    shown = [result for result in session.results if result not in waiting]
    shown.sort(key=lambda result: result.question.id not in first)
    said = details.Said()
    for result in shown:
        yield _line(result, paint)
        if not first or result.question.id in first:
            yield from details.of_question(result, session, paint, full, said)
        if first and result.question.id in first and result is not shown[-1]:
            yield ""
    if session.training is not None and not todo.is_waiting(session.training):
        yield f"{session.course.training.id:7} Training, 10 points, graded by a person"
        yield from details.of_training(session.training, session, full, said)
        for picture in session.training.pictures:
            yield from indented(f"see {picture}")
    yield from todo.table(session, waiting, bool(shown))
    yield from todo.following(session, command, paint)
    yield ""
    note = " (interrupted: not everything was asked)" if session.interrupted else ""
    yield paint(f"{session.score:g} of {session.max_score:g} points{note}", "bold")


def _line(result: Result, paint: Paint) -> str:
    question = result.question
    points = f"{result.score:6.2f} of {question.points:<4g}"
    line = f"{question.id:7} {pad(question.title, 32)} {points} {result.seconds:5.1f} s  "
    return line + paint(result.status, COLOURS.get(result.status, "red"))


def closing(record: Record, paint: Paint) -> Iterator[str]:
    """What follows the table: what was left out, and the points that a person gave."""
    if record.left_out:
        yield from _wrapped(f"left out: {', '.join(record.left_out)}")
    if record.manual is not None:
        points, comment = record.manual
        remark = f": {comment}" if comment else ""
        yield from _wrapped(f"{points:g} of {MOST:g} points were given by a person{remark}")
        yield paint(f"{record.score:g} of {record.max_score:g} points in all", "bold")


def not_graded(record: Record, paint: Paint) -> Iterator[str]:
    """The report of a hand-in of which nothing could be graded."""
    yield cut(f"{record.session.course.title} homework: {record.session.root}", WIDTH)
    yield from _wrapped(f"not graded: {record.reason}")
    yield paint(f"{record.score:g} of {record.max_score:g} points", "bold")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="  ")
