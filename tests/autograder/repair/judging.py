"""In the child: asks one case, and says at each result whether it is right.

It reads what is asked, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mytorch.gradcheck.repair.cases import Asked, Case, checksum, digest
from tests.autograder.sheet import Sheet, Stop
from tests.submission.importing import Coursework

RTOL, ATOL, ROUNDING = 1e-4, 1e-8, 1e-6
"""As in `comparing`, which stays with the parent."""
EXACT = 1e-11
"""How far from the right value, relative to the largest, a result is that is exact."""
MOST_BITS = 60
"""Of how many results is said which are right."""


def case_of(
    exercise: Callable[..., None],
    classes: Mapping[str, Any],
    inputs: dict[str, Any],
    right: Mapping[str, Any],
    flat: bool,
) -> Case:
    """A case that the search asks: how many results are right before the first wrong one."""

    def ask(thorough: bool, after_each: Callable[[], None]) -> Asked:
        count, bad, which, exact, total = 0, False, 0, True, 0
        names = list(right)[:MOST_BITS]
        sums = [0] * len(names)

        def wrong() -> None:
            nonlocal bad
            bad = True
            if not thorough:
                raise Stop

        def write(name: str, value: Any) -> None:
            nonlocal count, which, exact, total
            if thorough and name in names:
                sums[names.index(name)] = checksum(value)
                total += (1 + names.index(name)) * digest(value)
            if name not in right or not is_right(value, right[name], flat):
                wrong()
            else:
                count += 1
                exact = exact and (not thorough or is_exact(value, right[name]))
                if name in names:
                    which |= 1 << names.index(name)
                after_each()

        def fail(part: str, error: BaseException) -> None:
            wrong()

        np.random.seed(0)
        try:
            exercise(classes, inputs, Sheet(write, fail))
        except Stop:
            pass
        except Exception:
            bad = True
        return Asked(count, not bad and count == len(right), which, sums, exact, total)

    return ask


def is_exact(value: Any, right: Any) -> bool:
    """Whether a right result is so but for rounding, and not only near enough."""
    if right is None or right.dtype.kind != "f":
        return True
    with np.errstate(all="ignore"):
        near = EXACT * np.abs(right).max(initial=0.0)
        return bool(np.allclose(value, right, rtol=0.0, atol=near, equal_nan=True))


def is_right(value: Any, right: Any, flat: bool) -> bool:
    """Whether a result counts as right, as in grading: its type, dtype, shape and values."""
    if right is None or value is None:
        return value is right
    if not isinstance(value, np.ndarray if right.ndim else np.ndarray | np.generic):
        return False
    value = np.asarray(value)
    value = value.astype(value.dtype.newbyteorder("="), copy=False)
    if flat and right.shape == (1, *value.shape):
        value = value[None]
    if value.shape != right.shape or value.dtype != right.dtype:
        return False
    finite = np.isfinite(right)
    atol = max(ATOL, ROUNDING * float(np.max(np.abs(right), initial=0.0, where=finite)))
    if right.dtype.kind != "f" or not finite.all():
        return bool(np.isclose(value, right, rtol=RTOL, atol=atol, equal_nan=True).all())
    with np.errstate(all="ignore"):  # what `isclose` computes, several times faster
        return bool((np.abs(value - right) <= atol + RTOL * np.abs(right)).all())


def read_fresh(file: str) -> dict[str, list[tuple[int, dict[str, Any], dict[str, Any]]]]:
    """By exercise the cases: the number of their draw, their inputs and right outputs."""
    found: dict[tuple[str, str, str], tuple[dict[str, Any], dict[str, Any]]] = {}
    with np.load(file, allow_pickle=False) as arrays:
        for name in arrays.files:
            draw, exercise, case, kind, key = name.split("|")
            inputs, right = found.setdefault((exercise, draw, case), ({}, {}))
            if kind == "in":
                inputs[key] = arrays[name]
            else:
                right[key] = None if kind == "none" else arrays[name]
    by_exercise: dict[str, list[tuple[int, dict[str, Any], dict[str, Any]]]] = {}
    for (exercise, draw, _), (inputs, right) in found.items():
        by_exercise.setdefault(exercise, []).append((int(draw), inputs, right))
    return by_exercise


def texts_of(coursework: Coursework) -> dict[Path, str]:
    """The files of the submission that Python could read."""
    found = {}
    for file in coursework.modules:
        if file.stem not in coursework.broken:
            try:
                found[file] = file.read_text(encoding="utf-8").replace("\r\n", "\n")
            except (OSError, UnicodeDecodeError):
                continue
    return found
