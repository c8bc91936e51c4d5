"""The walk-through of a handout: what the pages print, as calls and numbers, without formulas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.autograder.course import Course
from tests.submission.layout import Submission, find
from tests.walkthrough.others import run, suited
from tests.walkthrough.pages.order import AUTOGRAD, CLASSIC, COURSES
from tests.walkthrough.steps import Section, Step
from tests.walkthrough.walk import Outcome

SECONDS = 60.0
ABSENT = re.compile(r"= (Softmax|L2|LeakyReLU)\(\)")
"""What makes layers that the homework does not ask for."""


def store_walkthrough(solution: Path, file: Path, courses: Sequence[Course]) -> None:
    """Writes the sections that `solution` has classes for, with the right value of every step."""
    rows: dict[str, list[dict[str, Any]]] = {"classic": [], "autograd": []}
    if any(course.conventions is None for course in courses):
        submission = find(solution)
        rows["classic"] = list(_rows(submission, CLASSIC))
        rows["autograd"] = list(_rows(submission, AUTOGRAD))
    for course in courses:
        if course.name in COURSES:
            submission = find(solution, course)
            rows[course.name] = list(_rows(submission, COURSES[course.name]))
    file.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")


def _rows(submission: Submission, sections: Sequence[Section]) -> Iterator[dict[str, Any]]:
    sections = suited(submission, sections)
    outcomes = iter(run(submission, sections, SECONDS).outcomes)
    for section in sections:
        stored = _section(section, [next(outcomes) for _ in section.steps])
        yield stored._asdict() | {"steps": [_short(step) for step in stored.steps]}


def _section(section: Section, outcomes: Iterable[Outcome]) -> Section:
    steps = tuple(step for outcome in outcomes for step in _stored(outcome))
    made = [line for line in section.made.splitlines() if line.strip()]
    if not section.course:
        made = [line for line in made if not ABSENT.search(line)]
    return section._replace(steps=steps, made="\n".join(made), given=dict(section.given))


def _stored(outcome: Outcome) -> list[Step]:
    """The step with numbers in the place of formulas; nothing where nothing could be asked."""
    step, right = outcome.step, outcome.right
    formula = "None" if right is None else f"array({_numbers(right)})"
    plain = step._replace(
        formula=formula, claim="", says="", means="", var=step.variable, stored=True
    )
    if outcome.missing or step.needs_library:  # the later steps still need its value
        if not step.variable:
            return []
        return [plain._replace(call=f"np.{formula}", first="", page="", erratum="", remark="")]
    if outcome.failure:
        raise ValueError(f"{step.code}: the solution gives nothing: {outcome.failure}")
    if step.claim:
        return [plain._replace(page=_printed(right), erratum="", remark="")]
    return [plain]


def _numbers(value: Any) -> str:
    return json.dumps(np.asarray(value, float).tolist(), allow_nan=False)


def _printed(value: Any) -> str:
    """Numbers as a page would print them, with six digits."""
    if isinstance(value, list):
        return f"[{', '.join(map(_printed, value))}]"
    plain: Any = np.asarray(value, float).tolist()
    return _printed(plain) if isinstance(plain, list) else f"{plain:.6g}"


def _short(step: Step) -> dict[str, Any]:
    """The fields of a step that are not the default."""
    defaults = Step._field_defaults
    return {n: v for n, v in step._asdict().items() if n not in defaults or v != defaults[n]}
