"""The report of a run for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from tests.autograder.result import Result
from tests.autograder.results.manual import MOST
from tests.autograder.results.record import Record, replaced
from tests.autograder.session import Session
from tests.support.terminal import WIDTH, Paint, cut, pad

SHOWN = 3
"""How many wrong checks of a question the terminal shows."""
COLOURS = {"passed": "green", "partial": "yellow"}


def table(session: Session, paint: Paint, full: bool = False) -> Iterator[str]:
    """A line for each question, below it the mistakes and the first checks that are wrong."""
    yield cut(f"{session.course.title} homework, {session.layout} layout: {session.root}", WIDTH)
    yield f"cases of seed {session.seed}"
    yield ""
    for note in session.notes:
        yield from _indented(f"note: {note}")
    for result in session.results:
        question = result.question
        points = f"{result.score:6.2f} of {question.points:<4g}"
        line = f"{question.id:7} {pad(question.title, 32)} {points} {result.seconds:5.1f} s  "
        yield line + paint(result.status, COLOURS.get(result.status, "red"))
        yield from _indented(replaced(result))
        for diagnosis in result.diagnosis:
            yield from _indented(paint("mistake: ", "bold") + diagnosis.message)
        for repair in result.repairs:
            label = "where: " if repair.named else "mistake: "
            yield from _indented(paint(label, "bold") + repair.sentence)
            yield from (f"        {line}" for line in repair.shown())
        for diagnosis in result.unwritten:
            yield from _indented(diagnosis.message)
        yield from _wrong(result, full)
    if session.training is not None:
        yield f"{session.course.training.id:7} Training, 10 points, graded by a person"
        yield from _indented(session.training.summary)
        for picture in session.training.pictures:
            yield from _indented(f"see {picture}")
    yield ""
    note = " (interrupted: not everything was asked)" if session.interrupted else ""
    yield paint(f"{session.score:g} of {session.max_score:g} points{note}", "bold")


def _wrong(result: Result, full: bool) -> Iterator[str]:
    noted = sorted((c for c in result.checks if c.message), key=lambda check: check.passed)
    if not full and noted and all(check.passed for check in noted):
        what = "wrong check costs" if len(noted) == 1 else "wrong checks cost"
        why = noted[0].message.rpartition("; ")[2]
        yield from _indented(f"{len(noted)} {what} nothing; the first {why}")
        return
    for check in noted if full else noted[:SHOWN]:
        word = "credited" if check.passed else "wrong"
        yield from _indented(f"{word}: {check.name}: {check.message}")
    if len(noted) > SHOWN and not full:
        yield f"        and {len(noted) - SHOWN} more; --full shows all"


def _indented(text: str) -> list[str]:
    indent = " " * 8
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")


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
