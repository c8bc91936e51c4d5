"""What a student has not written yet, and what to write next."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from tests.autograder.course import NOT_WRITTEN, Question
from tests.autograder.places import Place
from tests.autograder.result import Result
from tests.autograder.session import Session
from tests.autograder.training import Training
from tests.support.terminal import WIDTH, Paint, cut, pad

TITLE = 21
MOST = 11
"""How many rows of what is not written yet fit on a screen, with all that is around them."""


def waiting(session: Session) -> list[Result]:
    """The questions that have no points because something is not written yet, and for that only."""
    return [r for r in session.results if r.only_unwritten and not r.score]


def is_waiting(training: Training) -> bool:
    """Whether the training did not run because something is not written yet."""
    return bool(training.to_write) or training.reason.startswith(NOT_WRITTEN)


def _of_training(session: Session) -> Sequence[Place]:
    """What to write for the training that waits, or what it came to that is not written."""
    if session.training is None or not is_waiting(session.training):
        return ()
    return session.training.to_write or session.traces.get(session.training.reason, ())[-1:]


def table(session: Session, results: Sequence[Result], others: bool) -> Iterator[str]:
    """A line for each question that waits, with the methods; those named before by the question."""
    asked = [result.question for result in results]
    rows = [
        _Row(q.id, q.title, q.points, r.to_write)
        for q, r in zip(asked, results, strict=True)
        if q.graded
    ]
    if session.training is not None and is_waiting(session.training):
        question = session.course.training
        rows.append(_Row(question.id, question.title, 10.0, tuple(_of_training(session))))
    more = [q for q in asked if not q.graded]
    if not rows and not more:
        return
    yield from [""] * others
    yield "Not written yet, in the order of the course, with the points:"
    named: dict[str, str] = {}
    for id, title, points, places in _grouped(rows) if len(rows) + bool(more) > MOST else rows:
        start = f"{id:7} {pad(title, TITLE)} {points:4g}  "
        new = [place for place in places if place.name not in named]
        same = f"the same as {named[places[0].name]}" if places and not new else ""
        named |= {place.name: id for place in new}
        yield start + (same or _methods(new, WIDTH - len(start))).strip()
    if more:
        ids = ", ".join(question.id for question in more)
        yield cut(f"Not graded by the course itself, the same functions: {ids}", WIDTH)


class _Row(NamedTuple):
    """What is not written yet: the number of a question, its title, points and functions."""

    id: str
    title: str
    points: float
    places: Sequence[Place]


def _grouped(rows: Sequence[_Row]) -> Iterator[_Row]:
    """The parts of one question, 2b and 2c, in one row."""
    for _, group in groupby(rows, key=lambda row: row.id.rstrip("abcdefgh")):
        found = list(group)
        if len(found) == 1:
            yield found[0]
            continue
        titles = ", ".join(row.title for row in found)
        places = [place for row in found for place in row.places]
        ids = f"{found[0].id}-{found[-1].id}"
        yield _Row(ids, titles, sum(row.points for row in found), places)


def _methods(places: Sequence[Place], width: int) -> str:
    """`loss.py: L2.forward, derivative`, or as much of it as fits, if need be without the file."""
    for named in (_by_file, _by_name):
        for number in range(len(places), 0, -1):
            left = len(places) - number
            text = "; ".join(named(places[:number])) + (f" and {left} more" if left else "")
            if len(text) <= width:
                return text
    return cut(text, width) if places else ""


def _by_file(places: Iterable[Place]) -> Iterator[str]:
    files: dict[str, list[str]] = {}
    owner = ""
    for place in places:
        names = files.setdefault(place.file.removeprefix("mytorch/"), [])
        kind, _, method = place.function.rpartition(".")
        names.append(method if names and kind == owner else place.function)
        owner = kind
    return (f"{file}: {', '.join(names)}" for file, names in files.items())


def _by_name(places: Sequence[Place]) -> Iterator[str]:
    return (text.partition(": ")[2] for text in _by_file(places))


def following(session: Session, command: str, paint: Paint) -> Iterator[str]:
    """What to write next and where, and with `command` how to check it alone."""
    unwritten = [r for r in session.results if r.to_write and r.score < r.question.points]
    question: Question
    if unwritten:
        question, place = unwritten[0].question, unwritten[0].to_write[0]
    elif places := _of_training(session):
        question, place = session.course.training, places[0]
    else:
        return
    source = question.source
    yield ""
    word = "next" if session.score else "first"
    yield paint(f"Write {word}: ", "bold") + ", ".join(filter(None, [place.name, source]))
    waits = [d.message for d in unwritten[0].unwritten if d.id == "waits"] if unwritten else []
    yield from textwrap.wrap(f"It {waits[0]}", WIDTH, subsequent_indent="  ") if waits else ()
    if command and unwritten:
        yield f"Check it alone: {command} --question {question.id}"
