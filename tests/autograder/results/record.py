"""All that there is to tell of one hand-in, for every format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tests.autograder.result import Result
from tests.autograder.results.manual import MOST, Manual
from tests.autograder.session import Session

LONGEST = 2000
"""How long the explanation of one question may be."""


class Record(NamedTuple):
    """The result of one hand-in.

    Attributes
    ----------
    submission : what the hand-in is called, e.g. the name of the student's file.
    session : the questions with their points.
    reason : why nothing of it could be graded; empty where something was.
    left_out : what of it was not graded, by name.
    manual : the points that a person gave; None where nobody did.
    seconds : how long the grading took.
    """

    submission: str
    session: Session
    reason: str = ""
    left_out: tuple[str, ...] = ()
    manual: Manual | None = None
    seconds: float = 0.0

    @property
    def score(self) -> float:
        """The points, those of a person included."""
        return round(self.session.score + (self.manual.points if self.manual else 0), 2)

    @property
    def max_score(self) -> float:
        """The points that could be had."""
        return self.session.max_score + (MOST if self.manual else 0)

    @property
    def remark(self) -> str:
        """What there is to say of the whole hand-in."""
        if self.reason:
            return f"{self.submission} was not graded: {self.reason}"
        title, kind = self.session.course.title, self.session.layout
        layout = f"{self.submission}: {title} homework, {kind} layout"
        if self.left_out:
            layout += f"; left out: {', '.join(self.left_out)}"
        return "\n".join([layout, *(f"note: {note}" for note in self.session.notes)])


def problem(id: str, title: str) -> str:
    """What a question is called where a platform lists it; free of colons, as Autolab asks."""
    return f"{id} {title}".replace(":", "")


def replaced(result: Result) -> str:
    """With which parts of the grader's a question was asked; empty where with none."""
    names = ", ".join(result.standins)
    return f"asked with the grader's {names}, as yours failed above" if names else ""


def explanation(result: Result) -> str:
    """The mistakes, what is not written and the checks that are wrong; empty where all is right."""
    text = "\n".join(_explained(result))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."


def _explained(result: Result) -> Iterator[str]:
    if result.standins:
        yield replaced(result)
    for diagnosis in (*result.diagnosis, *result.unwritten):
        yield diagnosis.message
    said: dict[str, int] = {}
    for check in result.checks:
        if check.message and not (check.cause and check.cause in said):
            yield f"{check.name}: {check.message}"
        if check.cause:
            said[check.cause] = said.get(check.cause, 0) + 1
    for cause, times in said.items():
        if times > 1:
            yield f"and {times - 1} more outputs: {cause}"
