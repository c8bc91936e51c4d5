"""What properties of right answers are checked by, where no right answers are stored.

Used in the child. A property that does not hold raises `Expected`, whose text goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from tests.autograder.sheet import Sheet

CASE = "properties"
"""The name of the case whose exercise is the one of `exam_properties.py`."""
STEP = 1e-5
OUTPUT = "properties"


class Expected(AssertionError):
    """A property that does not hold."""


@contextmanager
def part(q: Sheet, name: str) -> Iterator[None]:
    """A part of an exercise whose properties hold where the block ends."""
    with q.part(name):
        yield
        q.give(OUTPUT, np.array(1.0))


def numeric(function: Callable[[Any], Any], at: Any, weights: Any = 1.0) -> Any:
    """The gradient of `sum(function(x) * weights)` for `x` at `at`, by central differences."""
    at = np.array(at, float)
    found = np.zeros_like(at)
    for index in np.ndindex(at.shape):
        sums = []
        for step in (STEP, -STEP):
            moved = at.copy()
            moved[index] += step
            sums.append(np.sum(array("the output", function(moved)) * weights))
        found[index] = (sums[0] - sums[1]) / (2 * STEP)
    return found


def array(what: str, given: Any, shape: tuple[int, ...] | None = None) -> Any:
    """`given`, if it is an array of finite numbers, and of that shape."""
    if not isinstance(given, np.ndarray | np.generic) or given.dtype.kind not in "biuf":
        raise Expected(f"{what} as an array, got {type(given).__name__}")
    if shape == (1, *given.shape):
        given = np.reshape(given, shape)  # as the 2019 homework has it; the stored cases decide
    if shape is not None and given.shape != shape:
        raise Expected(f"{what} of shape {shape}, got {given.shape}")
    if not np.isfinite(given).all():
        raise Expected(f"{what} to be finite, got {given[~np.isfinite(given)][0]}")
    return np.asarray(given, float)


def like(what: str, given: Any, wanted: Any, tolerance: float = 1e-6) -> None:
    """Raises Expected where `given` is not `wanted`, entry by entry."""
    wanted = np.asarray(wanted, float)
    given = array(what, given, wanted.shape)
    largest = max(1.0, float(np.max(np.abs(wanted), initial=0.0)))
    bad = np.abs(given - wanted) > tolerance * largest
    if bad.any():
        first = tuple(int(i) for i in np.argwhere(bad)[0])
        where = f" at {list(first)}" if first else ""
        raise Expected(
            f"{what} to be {wanted[first]:.6g}{where}, got {given[first]:.6g}; "
            f"{bad.sum()} of {bad.size} entries differ"
        )


def differences(what: str, given: Any, wanted: Any) -> None:
    """As `like`, for a gradient that was found by finite differences of the forward pass."""
    name = f"{what}, by finite differences of your forward pass,"
    array(what, given, np.shape(wanted))
    like(name, given, wanted, 1e-5)


def true(what: str, holds: Any) -> None:
    """Raises Expected where something does not hold."""
    if not np.all(holds):
        raise Expected(what)
