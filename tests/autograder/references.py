"""Stored answers of a course: the inputs of every case and what another engine computes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mytorch.system.atomic import replacing
from tests.autograder.course import Cases, Course

FOLDER = Path(__file__).resolve().parents[2] / "data" / "autograder"
SEED = 20261121
Answers = dict[str, Any]


class References(NamedTuple):
    """The inputs and the right answers by exercise and case, and the seed that draws them."""

    cases: Cases
    answers: Mapping[str, Mapping[str, Answers]]
    seed: int


def file_of(course: Course) -> Path:
    """Where a course's answers are stored."""
    return FOLDER / f"{course.name}.npz"


def save(references: References, file: Path) -> None:
    """Writes the references; an answer of None is an entry of its own."""
    arrays: dict[str, Any] = {"seed": np.array(references.seed)}
    for exercise, cases in references.cases.items():
        for case, inputs in cases.items():
            for key, value in inputs.items():
                arrays[f"{exercise}|{case}|in|{key}"] = value
            for key, value in references.answers[exercise][case].items():
                kind, array = ("none", np.zeros(0)) if value is None else ("out", value)
                arrays[f"{exercise}|{case}|{kind}|{key}"] = array
    file.parent.mkdir(parents=True, exist_ok=True)
    with replacing(file) as target:
        np.savez_compressed(target, **arrays)


@lru_cache
def load(course: Course) -> References:
    """Reads the references, once; where none are stored, a course's shared model answers.

    Raises OSError or KeyError for a file that is not theirs.
    """
    if course.conventions is not None and not file_of(course).exists():
        return computed(course)
    cases: Cases = {}
    answers: dict[str, dict[str, Answers]] = {}
    with np.load(file_of(course), allow_pickle=False) as arrays:
        for name in arrays.files:
            if name == "seed":
                continue
            exercise, case, kind, key = name.split("|")
            inputs = cases.setdefault(exercise, {}).setdefault(case, {})
            outputs = answers.setdefault(exercise, {}).setdefault(case, {})
            if kind == "in":
                inputs[key] = arrays[name]
            else:
                outputs[key] = None if kind == "none" else arrays[name]
        return References(cases, answers, int(arrays["seed"]))


def computed(course: Course, seed: int = SEED) -> References:
    """What the right classes of the shared model answer; tests check them by PyTorch's answers."""
    from tests.autograder.answering import written

    right = course.model(frozenset(), frozenset())
    cases: Cases = course.module("cases").draw(seed)
    cases = {q.exercise: cases[q.exercise] for q in course.questions}
    answers = {
        exercise: {name: written(course, exercise, right, case) for name, case in named.items()}
        for exercise, named in cases.items()
    }
    return References(cases, answers, seed)
