"""The report of a run for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator, Sequence

from tests.autograder import details, todo
from tests.autograder.details import indented
from tests.autograder.options import ROOT
from tests.autograder.result import Result
from tests.autograder.results.manual import MOST
from tests.autograder.results.record import Record
from tests.autograder.session import Session
from tests.support.terminal import WIDTH, Paint, cut, pad

TITLE = 32
COLOURS = {"passed": "green", "partial": "yellow"}


def table(session: Session, paint: Paint, full: bool = False, command: str = "") -> Iterator[str]:
    """A line for each question, below it the mistakes and the first checks that are wrong.

    Questions where nothing is written yet stand in a list of their own; then follows what to write
    next, and how to check it with `command`.
    """
    waiting = [] if full else todo.waiting(session)
    shown = [result for result in session.results if result not in waiting]
    said = details.Said()
    yield from begin(session, paint, full, shown, said)
    if session.training is not None and not todo.is_waiting(session.training):
        yield f"{session.course.training.id:7} Training, 10 points, graded by a person"
        yield from details.of_training(session.training, session, full, said)
        for picture in session.training.pictures:
            yield from indented(f"see {picture}")
    trained = session.training is not None and not todo.is_waiting(session.training)
    yield from _end(session, paint, waiting, bool(shown) or trained, command)


def begin(
    session: Session,
    paint: Paint,
    full: bool,
    results: Sequence[Result],
    said: details.Said | None = None,
) -> Iterator[str]:
    """What was graded, and some of the questions with their details."""
    yield cut(f"{session.course.title} homework, {session.layout} layout: {session.root}", WIDTH)
    yield f"cases of seed {session.seed}"
    yield ""
    yield from details.of_import(session, paint)
    said = details.Said() if said is None else said
    extra = next((r for r in results if not r.question.graded), None)
    for result in results:
        if result is extra:
            yield from ["", "Not graded by the course itself:"]
        yield _line(result, paint)
        yield from details.of_question(result, session, paint, full, said)


def rest(
    session: Session, paint: Paint, command: str, without: Collection[str], before: Session | None
) -> Iterator[str]:
    """A line for each question but those that were shown, with the points it has won or lost."""
    old = {r.question.id: r.score for r in before.results} if before else {}
    others = [result for result in session.results if result.question.id not in without]
    waiting = [result for result in todo.waiting(session) if result in others]
    shown = [result for result in others if result not in waiting]
    yield ""
    for result in shown:
        change = round(result.score - old.get(result.question.id, result.score), 2)
        yield _line(result, paint, TITLE - 7) + (f" ({change:+g})" if change else "")
    yield from _end(session, paint, waiting, bool(shown), command)


def _end(
    session: Session, paint: Paint, waiting: Sequence[Result], others: bool, command: str
) -> Iterator[str]:
    yield from todo.table(session, waiting, others)
    yield from todo.following(session, command, paint)
    yield ""
    note = " (interrupted: not everything was asked)" if session.interrupted else ""
    yield paint(f"{session.score:g} of {session.max_score:g} points{note}", "bold")
    own = [r for r in session.results if r.question.graded]
    if len(own) < len(session.results):
        score, most = sum(r.score for r in own), sum(r.question.points for r in own)
        yield f"{score:g} of {most:g} in what the course itself grades"


def _line(result: Result, paint: Paint, width: int = TITLE) -> str:
    question = result.question
    points = f"{result.score:6.2f} of {question.points:<4g}"
    line = f"{question.id:7} {pad(question.title, width)} {points} {result.seconds:5.2f} s  "
    return line + paint(result.status, COLOURS.get(result.status, "red"))


def closing(record: Record, paint: Paint) -> Iterator[str]:
    """What follows the table: what was left out, and the points that a person gave."""
    if record.left_out and record.session.root != ROOT:  # here these are the tools'
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
