"""What right and wrong sets of classes answer to a question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from contextlib import suppress
from functools import cache
from typing import Any, cast

import numpy as np

from tests.autograder.course import Case, Classes, Course, Mistakes, Question
from tests.autograder.sheet import Sheet, Stop

INPUT_MODIFIED = "input modified"
FORMS = {
    INPUT_MODIFIED: "the input array is modified in place; work on a copy",
    "results as integers": "the results are integers; floats are asked for",
}
"""Mistakes of any course that are not in a formula but in how results are given."""
DTYPES: dict[str, Any] = {"results as integers": np.int64}


def written(course: Course, exercise: str, classes: Classes, case: Case) -> dict[str, Any]:
    """The outputs of classes that raise nothing. What they raise comes through."""
    found: dict[str, Any] = {}

    def fail(part: str, error: BaseException) -> None:
        raise error

    def write(name: str, value: Any) -> None:
        found[name] = None if value is None else np.array(value)

    course.exercise(exercise)(classes, case, Sheet(write, fail))
    return found


class _Consulted(Set[str]):
    """No mistakes, for classes that are right; keeps which ones the classes looked for.

    `all` is set where a class does something else with its mistakes than to look for some.
    """

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.all = False

    def __contains__(self, name: object) -> bool:
        self.names.add(str(name))
        return False

    def __iter__(self) -> Iterator[str]:
        self.all = True
        return iter(())

    def __len__(self) -> int:
        self.all = True
        return 0

    @classmethod
    def _from_iterable(cls, names: Iterable[Any]) -> Any:
        return frozenset(names)


_Key = tuple[str, str, int, frozenset[str]]
_RIGHT: dict[_Key, tuple[Case, dict[str, Any], _Consulted]] = {}
_WRONG: dict[tuple[_Key, Mistakes], dict[str, Any]] = {}
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
    right, _ = _right(course, question, case, clean)
    if not may_change(course, question, case, m, clean):
        return right
    key = (course.name, question.exercise, id(case), clean), m
    if key not in _WRONG:
        _WRONG[key] = computed(course, question, case, m, clean)
    return _WRONG[key]


def may_change(
    course: Course, question: Question, case: Case, m: Mistakes, clean: frozenset[str]
) -> bool:
    """Whether mistakes can change an output: none can that right classes never look for.

    This saves most of the work, as a question is about few of the mistakes.
    """
    _, consulted = _right(course, question, case, clean)
    return consulted.all or not m.isdisjoint(consulted.names)


def _right(
    course: Course, question: Question, case: Case, clean: frozenset[str]
) -> tuple[dict[str, Any], _Consulted]:
    key = course.name, question.exercise, id(case), clean
    if key not in _RIGHT:
        consulted = _Consulted()
        found = computed(course, question, case, cast(Mistakes, consulted), clean)
        _RIGHT[key] = case, found, consulted
    return _RIGHT[key][1:]


def computed(
    course: Course, question: Question, case: Case, m: Mistakes, clean: frozenset[str]
) -> dict[str, Any]:
    """What `answers` gives, not from memory.

    The classes that the question is about make the mistakes; the others are right.
    """
    made = course.model(m, clean)
    classes = {**_right_classes(course), **{name: made[name] for name in question.needs}}
    found: dict[str, Any] = {}

    def write(name: str, value: Any) -> None:
        found[name] = None if value is None else np.array(value)

    with np.errstate(all="ignore"), suppress(Stop, Exception):
        course.exercise(question.exercise)(classes, case, Sheet(write, _end))
    return found


@cache
def _right_classes(course: Course) -> Classes:
    return course.model(frozenset(), frozenset())


def _end(part: str, error: BaseException) -> None:
    """What comes after a crash depends on how a submission is written."""
    raise Stop from error
