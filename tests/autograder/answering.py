"""What right and wrong sets of classes answer to a question."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from tests.autograder.course import Case, Classes, Course, Mistakes, Question
from tests.autograder.sheet import Sheet, Stop

INPUT_MODIFIED = "input modified"
FORMS = {
    INPUT_MODIFIED: "the input array is modified in place; work on a copy",
    "results in float32": "the results are float32; float64 is asked for",
    "results as integers": "the results are integers; floats are asked for",
}
"""Mistakes of any course that are not in a formula but in how results are given."""
DTYPES: dict[str, Any] = {"results in float32": np.float32, "results as integers": np.int64}


def written(course: Course, exercise: str, classes: Classes, case: Case) -> dict[str, Any]:
    """The outputs of classes that raise nothing. What they raise comes through."""
    found: dict[str, Any] = {}

    def fail(part: str, error: BaseException) -> None:
        raise error

    def write(name: str, value: Any) -> None:
        found[name] = None if value is None else np.array(value)

    course.exercise(exercise)(classes, case, Sheet(write, fail))
    return found


_CACHE: dict[tuple[str, str, int, Mistakes, frozenset[str]], tuple[Case, dict[str, Any]]] = {}
"""What was computed already; the case stands beside it so that its id stays its own."""


def answers(
    course: Course,
    question: Question,
    case: Case,
    m: Mistakes = frozenset(),
    clean: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """All outputs of a question, as a submission with the mistakes `m` would give them.

    The classes in `clean` make none. What a crash keeps from being computed is left out.
    The arrays are shared: do not change them.
    """
    key = course.name, question.exercise, id(case), m, clean
    if key not in _CACHE:
        _CACHE[key] = case, _computed(course, question, case, m, clean)
    return _CACHE[key][1]


def _computed(
    course: Course, question: Question, case: Case, m: Mistakes, clean: frozenset[str]
) -> dict[str, Any]:
    """The classes that the question is about make the mistakes; the others are right."""
    made = course.model(m, clean)
    right = course.model(frozenset(), frozenset())
    classes = {**right, **{name: made[name] for name in question.needs}}
    found: dict[str, Any] = {}

    def write(name: str, value: Any) -> None:
        found[name] = None if value is None else np.array(value)

    with np.errstate(all="ignore"), suppress(Stop, Exception):
        course.exercise(question.exercise)(classes, case, Sheet(write, _end))
    return found


def _end(part: str, error: BaseException) -> None:
    """What comes after a crash depends on how a submission is written."""
    raise Stop from error
