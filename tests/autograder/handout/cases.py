"""The few cases of a handout: not the staff's, answered and checked as fresh ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.autograder.course import Cases, Course
from tests.autograder.fresh import draw_fresh
from tests.autograder.project import ROOT
from tests.autograder.properties import CASE
from tests.autograder.references import Answers, References, computed, file_of, save
from tests.autograder.sheet import Sheet

SEED, SEED_OF_PROPERTIES = 11785, 11786
FEW = {
    "relu": "zeros",
    "mlp": "one hidden layer",
    "cross_entropy_more": "soft labels",
    "sgd_more": "two layers, momentum",
}
"""The one case of an exercise that several courses have, where it is not the ordinary one."""


def few(course: Course, cases: Cases) -> dict[str, str]:
    """By exercise, the one case whose right answers a handout has."""
    wanted = {**FEW, **course.description.handout.cases}
    return {
        exercise: next(name for name in (wanted.get(exercise), "ordinary", *named) if name in named)
        for exercise, named in cases.items()
    }


def store_cases(course: Course, target: Path) -> None:
    """Writes the handout's cases of a course to where its grader reads them.

    The right answers are the library's, or those of the model that courses share.
    Raises `fresh.Disagreement` where the library, its model and finite differences do not agree.
    """
    borrowed = course.description.handout.properties
    shared = course.conventions is not None
    fresh = computed(course, SEED) if shared else draw_fresh(course, SEED)
    others = course.module("cases").draw(SEED_OF_PROPERTIES)
    cases: Cases = {}
    answers: dict[str, dict[str, Answers]] = {}
    for exercise, name in few(course, fresh.cases).items():
        found = fresh.answers[exercise][name]
        kept = {k: value for k, value in found.items() if not k.startswith("running alone/")}
        cases[exercise] = {name: fresh.cases[exercise][name]}
        answers[exercise] = {name: kept}
        drawn = others[borrowed.get(exercise, exercise)]
        cases[exercise][CASE] = drawn["ordinary"] if "ordinary" in drawn else drawn[name]
        answers[exercise][CASE] = _held(course, exercise, cases)
    save(References(cases, answers, SEED), target / file_of(course).relative_to(ROOT))


def _held(course: Course, exercise: str, cases: Cases) -> Answers:
    """What the exercise of properties writes for right classes; raises where one does not hold."""
    found: Answers = {}

    def fail(part: str, error: BaseException) -> None:
        raise error

    ask = getattr(course.module("exam_properties"), exercise)
    if course.conventions is None:
        classes = course.module("library").CLASSES
    else:
        classes = course.model(frozenset(), frozenset())
    ask(classes, cases[exercise][CASE], Sheet(lambda n, v: found.update({n: np.array(v)}), fail))
    return found
