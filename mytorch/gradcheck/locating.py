"""Finds the line of a wrong `backward`: the smallest change after which its gradients are right.

The right answers are finite differences of `forward`, which is taken to be right: a change must
leave its output as it is.
"""

from __future__ import annotations

import inspect
import os
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from mytorch.checks.arrays import FloatArray
from mytorch.gradcheck.repair.candidates import Known
from mytorch.gradcheck.repair.cases import Asked, Case, checksum
from mytorch.gradcheck.repair.explain import described, marked, numbered, right
from mytorch.gradcheck.repair.search import Search
from mytorch.gradcheck.repair.sources import functions
from mytorch.gradcheck.repair.trying import NOTHING, Score
from mytorch.gradcheck.slopes import Slopes
from mytorch.gradcheck.targets import Problem

RTOL = 1e-5
MOST_BITS = 60
"""Of how many gradients is said one by one whether they are right."""
FORWARD = ("forward", "infer", "__init__", "__call__")
"""The methods that are taken to be right; what they keep for `backward` may still be wrong."""
LIBRARY = Path(__file__).resolve().parents[1]
Answers = dict[str, FloatArray]


class Place(NamedTuple):
    """A line that is wrong, and the change after which the gradients are right.

    `column` to `end` (counted from 1) is the part of the line that changes.
    """

    file: str
    line: int
    column: int
    end: int
    method: str
    kind: str
    change: str
    first: int
    others: tuple[int, ...]
    lines: tuple[str, ...]

    def __str__(self) -> str:
        name = Path(self.file).name
        where = f"{numbered(self.line, self.others)} of {name}"
        text = f"{where}: {self.method} is {right(self.change)}"
        said = textwrap.wrap(text, 80, subsequent_indent="  ", break_long_words=False)
        return "\n".join([*said, *marked(self.lines, self.first, self.line, self.column, self.end)])


def locate(
    target: Any,
    inputs: Sequence[FloatArray],
    averaged: Sequence[str] | None,
    seconds: float,
) -> tuple[Place, ...]:
    """The lines of the target's own source to change; none where nothing is wrong or found.

    The code runs in forks of this process, each candidate with a time limit; where the system has
    no forks, nothing is searched.
    """
    modules = list(_modules(target))
    texts = {Path(str(m.__file__)).resolve(): inspect.getsource(m) for m in modules}
    if not hasattr(os, "fork") or not texts:
        return ()
    given, *fresh = [_right(target, some, averaged) for some in _inputs(inputs)]

    def confirm() -> Score:
        cases = [_case(target, some, right) for some, right in fresh]
        return (0, 0) if all(case(False, lambda: None).all for case in cases) else NOTHING

    cases = [_case(target, *given)]
    known = Known(trusted=FORWARD)
    found = Search(functions(modules, texts), cases, confirm, seconds, known=known).run()
    if found is None or not found.is_placed:
        return ()
    entries = described(found.edits, found.others, Path.cwd())
    for entry in entries:
        del entry["assigned"]  # which only a course asks for
    return tuple(
        Place(**{**entry, "lines": (*entry["lines"],), "others": (*entry["others"],)})
        for entry in entries
    )


def _modules(target: Any) -> Iterator[ModuleType]:
    """Where the target's classes, or the function itself, are written.

    Of a class of somebody else's that derives from the library's, those of the library are left
    out.
    """
    kinds = type(target).__mro__[:-1] if not inspect.isfunction(target) else (target,)
    found = [sys.modules[kind.__module__] for kind in kinds if kind.__module__ in sys.modules]
    files = {m: Path(m.__file__).resolve() for m in found if m.__file__}
    own = {m: file for m, file in files.items() if not file.is_relative_to(LIBRARY)}
    for module, file in (own or files).items():
        if file.suffix == ".py":
            yield module


def _inputs(given: Sequence[FloatArray]) -> Iterator[list[FloatArray]]:
    """The inputs that were given, then others like them: other numbers, and a row less."""
    yield [np.array(array) for array in given]
    first, *labels = (np.array(array) for array in given)
    dice = np.random.default_rng(11786)
    yield [first + 0.1 * dice.normal(size=first.shape), *labels]
    if first.ndim > 1 and len(first) > 2:
        rest = [a[1:] if a.ndim and len(a) == len(first) else a for a in labels]
        yield [1.1 * first[1:], *rest]


def _problem(target: Any, inputs: Sequence[FloatArray]) -> Problem:
    return Problem.of(target, inputs, np.random.default_rng([11785, 1]))


def _right(
    target: Any, inputs: Sequence[FloatArray], averaged: Sequence[str] | None
) -> tuple[Sequence[FloatArray], Answers]:
    """The right answers: the output as it is, and the slopes of finite differences."""
    problem = _problem(target, inputs)
    means = problem.averaged if averaged is None else averaged
    slopes = Slopes(problem.output, problem.upstream, problem.floor(), 1e-7)
    right = {"output": np.array(problem.output())}
    for name, array in problem.arrays.items():
        found, gradient = np.empty(array.shape), problem.gradients[name]
        divisor = problem.batch if {name, name.partition("[")[0]} & {*means} else 1
        for index in np.ndindex(array.shape):
            near = float(gradient[index]) if gradient.shape == array.shape else 0.0
            found[index] = slopes.nearest(array, index, near * divisor) / divisor
        right[f"d{name}"] = found
    return inputs, right


def _case(target: Any, inputs: Sequence[FloatArray], right: Mapping[str, FloatArray]) -> Case:
    floor = 1e-3 * max(float(np.abs(array).max(initial=0.0)) for array in right.values())

    def ask(thorough: bool, after_each: Callable[[], None]) -> Asked:
        count, whole, which = 0, True, 0
        sums: list[int] = []
        problem = _problem(target, inputs)
        given = {"output": problem.output(), **_gradients(problem)}
        for bit, (name, expected) in enumerate(right.items()):
            value = given.get(name)
            sums.append(0 if value is None else checksum(value))
            if value is not None and _agree(value, expected, floor):
                count += 1
                which |= 1 << min(bit, MOST_BITS)
                after_each()
            else:
                whole = False
                if not thorough:
                    break
        return Asked(count, whole and not problem.problems, which, sums)

    return ask


def _gradients(problem: Problem) -> Answers:
    return {f"d{name}": gradient for name, gradient in problem.gradients.items()}


def _agree(value: Any, right: FloatArray, floor: float) -> bool:
    value = np.asarray(value)
    if value.shape != right.shape or value.dtype.kind != "f":
        return False
    return bool((np.abs(value - right) <= RTOL * np.maximum(np.abs(right), floor)).all())
