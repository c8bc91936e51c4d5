"""What properties of right answers are checked by, where no right answers are stored.

Used in the child. A property that does not hold raises `Expected`, whose text goes on from there.
Arrays in float32 stay in float32, and are compared less closely, as are gradients by differences
of results that are rounded to float32; these are given in float32, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from tests.autograder.sheet import Sheet, is_single

CASE = "properties"
"""The name of the case whose exercise is the one of `exam_properties.py`."""
STEP, SINGLE_STEP = 1e-5, 1e-3
SINGLE_TOLERANCE = 1e-2
"""Differences of numbers in float32 over twice the step are off by up to 0.001 of the numbers."""
NEAR = 1e-12
"""So small a share changes results in float64, and is lost where one is rounded to float32."""
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
    width, dtype = _precision(function, at)
    found = np.zeros_like(at)
    for index in np.ndindex(at.shape):
        change = np.zeros_like(at)
        change[index] = width
        found[index] = np.sum(_change(function, at, change) * weights) / (2 * width)
    return found.astype(dtype)


def slopes(function: Callable[[Any], Any], at: Any) -> Any:
    """The derivative of a function that takes each number by itself, by central differences."""
    width, dtype = _precision(function, at)
    return (_change(function, at, width) / (2 * width)).astype(dtype)


def _change(function: Callable[[Any], Any], at: Any, width: Any) -> Any:
    """What a function grows by from one side of `at` to the other, in float64."""
    up, down = (array("the output", function(at + step)) for step in (width, -width))
    return up.astype(float) - down


def _precision(function: Callable[[Any], Any], at: Any) -> tuple[float, Any]:
    """The step for differences of a function's results, and the type that they are good for."""
    shares = np.linspace(1, 2, at.size).reshape(at.shape)
    close = at + NEAR * shares * np.where(at, at, 1.0)
    here, near = (array("the output", function(x)) for x in (at.copy(), close))
    single = is_single(here) or np.array_equal(here, near)
    return (SINGLE_STEP, np.float32) if single else (STEP, np.float64)


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
    return np.asarray(given, np.float32 if is_single(given) else float)


def like(what: str, given: Any, wanted: Any, tolerance: float = 1e-6) -> None:
    """Raises Expected where `given` is not `wanted`, entry by entry."""
    given = array(what, given, np.shape(wanted))
    if tolerance and (is_single(given) or is_single(wanted)):
        tolerance = max(tolerance, SINGLE_TOLERANCE)
    given, wanted = given.astype(float), np.asarray(wanted, float)
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
