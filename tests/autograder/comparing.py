"""Compares what a submission gave with what was expected: type, dtype, shape, values."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

RTOL, ATOL = 1e-4, 1e-8
ROUNDING = 1e-6
"""What an entry may be off, as a share of the largest one: sums in float32 are right, too."""


Key = tuple[str, str]
"""An output: the case's name and its own."""


class Given(NamedTuple):
    """What a submission gave for one output: an array, or the name of its type."""

    value: npt.NDArray[Any] | None
    type: str


def objection(given: Given, right: npt.NDArray[Any] | None, flat: bool = False) -> str:
    """What is wrong with an output, in a sentence; empty if nothing is.

    With `flat`, `(n,)` is accepted for `(1, n)`, as the 2019 homework's own solutions have it.
    """
    value = given.value
    if right is None or value is None:
        same = right is None and given.type == "None"
        return "" if same else f"expected {expected_in_words(right)}, got {given_in_words(given)}"
    if flat and right.shape == (1, *value.shape):
        value = value[None]
    if value.shape != right.shape:
        return f"expected shape {right.shape}, got {value.shape}"
    if value.dtype != right.dtype:
        return f"expected dtype {right.dtype}, got {value.dtype}"
    if right.ndim and given.type != "ndarray":
        return f"expected a numpy.ndarray, got {given.type}"
    return wrong_values(value, right)


def wrong_values(value: npt.NDArray[Any], right: npt.NDArray[Any]) -> str:
    """The first wrong entry, the largest error, and the ratio where it is constant."""
    finite = np.isfinite(right)
    atol = max(ATOL, ROUNDING * float(np.max(np.abs(right), initial=0.0, where=finite)))
    bad = ~np.isclose(value, right, rtol=RTOL, atol=atol, equal_nan=True)
    if not bad.any():
        return ""
    first = tuple(int(i) for i in np.argwhere(bad)[0])
    counted = bad & finite & np.isfinite(value)
    with np.errstate(all="ignore"):
        errors = np.abs(np.subtract(value[counted], right[counted], dtype=float))
    where = f" at {list(first)}" if first else ""
    text = f"expected {right[first]:.6g}, got {value[first]:.6g}{where}"
    ratio = constant_ratio(value, right)
    if ratio is not None:
        return f"{text}; every entry is {ratio:g} times the right one"
    largest = f", largest error {errors.max():.3g}" if errors.size else ""
    return f"{text}; {bad.sum()} of {bad.size} entries are wrong{largest}"


def constant_ratio(value: npt.NDArray[Any], right: npt.NDArray[Any]) -> float | None:
    """The number that all entries of `right` are multiplied by, if there is one.

    Nothing that could be 1 or come from rounding noise is a ratio.
    """
    counted = (np.abs(right) > ATOL) & np.isfinite(value)
    if counted.sum() < 2 or not np.isclose(value[~counted], right[~counted], atol=1e-6).all():
        return None
    ratios = value[counted] / right[counted]
    middle = float(np.median(ratios))
    if not 1e-6 < abs(middle) < 1e6 or abs(middle - 1) < 1e-4:
        return None
    return middle if np.allclose(ratios, middle, rtol=1e-5, atol=0.0) else None


def same(given: Given | None, predicted: npt.NDArray[Any] | None) -> bool:
    """Whether a submission gave what a mistake predicts, NaN and infinities included."""
    if given is None:
        return False
    if given.value is None:
        return predicted is None and given.type == "None"
    return alike(given.value, predicted)


def alike(
    value: npt.NDArray[Any] | None,
    right: npt.NDArray[Any] | None,
    rtol: float = RTOL,
    atol: float = ATOL,
) -> bool:
    """Whether two arrays have the same shape and dtype and nearly the same values, or are None."""
    if value is None or right is None:
        return value is right
    if value.shape != right.shape or value.dtype != right.dtype:
        return False
    if value.dtype.kind != "f" or not np.isfinite(right).all():
        return bool(np.isclose(value, right, rtol=rtol, atol=atol, equal_nan=True).all())
    with np.errstate(all="ignore"):  # what `isclose` computes, several times faster
        return bool((np.abs(value - right) <= atol + rtol * np.abs(right)).all())


def same_flat(given: Given | None, predicted: npt.NDArray[Any] | None) -> bool:
    """`same` where `(n,)` was given for `(1, n)`."""
    return predicted is not None and predicted.shape[:1] == (1,) and same(given, predicted[0])


def expected_in_words(right: npt.NDArray[Any] | None) -> str:
    """What was expected, in words."""
    return "None" if right is None else f"an array of shape {right.shape}"


def given_in_words(given: Given) -> str:
    """What a submission gave, in words."""
    return given.type if given.value is None else f"an array of shape {given.value.shape}"
