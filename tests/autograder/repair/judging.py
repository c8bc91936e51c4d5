"""In the child: asks one case, and says at each result whether it is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mytorch.gradcheck.repair.cases import Asked, Case, checksum
from tests.autograder.sheet import Sheet, Stop

RTOL, ATOL, ROUNDING = 1e-4, 1e-8, 1e-6
"""As in `comparing`, which stays with the parent."""
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
        count, bad, which = 0, False, 0
        names = list(right)[:MOST_BITS]
        sums = [0] * len(names)

        def wrong() -> None:
            nonlocal bad
            bad = True
            if not thorough:
                raise Stop

        def write(name: str, value: Any) -> None:
            nonlocal count, which
            if thorough and name in names:
                sums[names.index(name)] = checksum(value)
            if name not in right or not is_right(value, right[name], flat):
                wrong()
            else:
                count += 1
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
        return Asked(count, not bad and count == len(right), which, sums)

    return ask


def is_right(value: Any, right: Any, flat: bool) -> bool:
    """Whether a result counts as right: its type, dtype, shape and values."""
    if right is None or value is None:
        return value is right
    if type(value) is not np.ndarray and (right.ndim or not isinstance(value, np.generic)):
        return False
    value = np.asarray(value)
    if flat and right.shape == (1, *value.shape):
        value = value[None]
    if value.shape != right.shape or value.dtype != right.dtype:
        return False
    atol = max(ATOL, ROUNDING * float(np.abs(right).max(initial=0.0)))
    with np.errstate(all="ignore"):
        return bool((np.abs(value - right) <= atol + RTOL * np.abs(right)).all()) or bool(
            np.isclose(value, right, rtol=RTOL, atol=atol, equal_nan=True).all()
        )
