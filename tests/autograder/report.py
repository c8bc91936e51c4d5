"""The reports of a run: for the terminal, as JSON, for Gradescope, for Autolab."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mytorch.system.atomic import replacing
from tests.autograder.results import Result
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
        if result.standins:
            names = ", ".join(result.standins)
            yield from _indented(f"asked with the grader's {names}, as yours failed above")
        for diagnosis in result.diagnosis:
            yield from _indented(paint("mistake: ", "bold") + diagnosis.message)
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


def as_dictionary(session: Session) -> dict[str, Any]:
    """All of a run, for `--json`."""
    return {
        "homework": session.course.title,
        "layout": session.layout,
        "seed": session.seed,
        "interrupted": session.interrupted,
        "notes": session.notes,
        "score": session.score,
        "max_score": session.max_score,
        "training": None if session.training is None else session.training.summary,
        "questions": [
            {
                "id": result.question.id,
                "title": result.question.title,
                "score": result.score,
                "max_score": result.question.points,
                "status": result.status,
                "seconds": round(result.seconds, 3),
                "checks": [check._asdict() for check in result.checks],
                "diagnosis": [diagnosis._asdict() for diagnosis in result.diagnosis],
                "unwritten": [diagnosis._asdict() for diagnosis in result.unwritten],
                "standins": list(result.standins),
            }
            for result in session.results
        ],
    }


def as_gradescope(session: Session) -> dict[str, Any]:
    """What Gradescope reads from `results.json`."""
    return {
        "score": session.score,
        "tests": [
            {
                "name": result.question.title,
                "number": result.question.id,
                "score": result.score,
                "max_score": result.question.points,
                "status": "passed" if result.status == "passed" else "failed",
                "output": "\n".join(
                    [d.message for d in (*result.diagnosis, *result.unwritten)]
                    + [f"{c.name}: {c.message}" for c in result.checks if c.message]
                ),
            }
            for result in session.results
        ],
    }


def as_autolab(session: Session) -> str:
    """The last line that Autolab reads; its names must be free of colons."""
    scores = {
        f"{r.question.id} {r.question.title}".replace(":", ""): r.score for r in session.results
    }
    return json.dumps({"scores": scores})


def write(value: dict[str, Any], file: Path) -> bool:
    """Writes JSON whole or not at all; says why not on standard error, and returns whether."""
    try:
        with replacing(file) as target:
            target.write(json.dumps(value, indent=2, ensure_ascii=False).encode())
    except OSError as error:
        print(f"grade: {file}: {error.strerror}", file=sys.stderr)
        return False
    return True
