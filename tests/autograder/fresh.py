"""Fresh cases, with the answers of this project's own library, checked before they are used."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from tests.autograder.answering import written
from tests.autograder.course import Classes, Course
from tests.autograder.references import References


class Disagreement(RuntimeError):
    """The library and its checks do not agree, so nothing may be graded with its answers."""


@lru_cache(maxsize=1)  # a class is graded on the same cases
def draw_fresh(course: Course, seed: int) -> References:
    """Cases of a seed with the library's answers.

    Raises Disagreement where an answer is not that of the hand-written model, or a gradient not
    that of finite differences.
    """
    cases, library = course.module("cases").draw(seed), course.module("library")
    answers = _answered(course, library.CLASSES, cases, "the library")
    model = _answered(course, course.model(frozenset(), frozenset()), cases, "the model")
    for exercise, named in answers.items():
        for case, outputs in named.items():
            for name, value in outputs.items():
                _agree(f"{exercise}, {case}, {name}", value, model[exercise][case][name])
    for check in library.gradient_checks(cases):
        if not check:
            raise Disagreement(str(check))
    return References(cases, answers, seed)


def _answered(course: Course, classes: Classes, cases: Any, who: str) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for exercise, named in cases.items():
        for case, inputs in named.items():
            try:
                found = written(course, exercise, classes, inputs)
            except Exception as error:
                reason = f"{type(error).__name__} {error}".strip()
                raise Disagreement(f"{who} does not answer {exercise}, {case}: {reason}") from error
            answers.setdefault(exercise, {})[case] = found
    return answers


def _agree(what: str, value: Any, right: Any) -> None:
    if value is None or right is None:
        same = value is right
    else:
        same = value.shape == right.shape and np.allclose(value, right, rtol=1e-9, atol=1e-12)
    if not same:
        raise Disagreement(f"the library's answer to {what} is not the model's")
