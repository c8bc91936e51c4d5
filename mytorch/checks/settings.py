"""Checks of settings: sizes, rates, flags and seeds.

Each function returns the setting as a plain Python value. `owner` is who asks, as in `arrays.py`,
and `what` the name of the argument. TypeError is raised for another kind of value, ValueError for
a number out of range.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from numbers import Real
from operator import index
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import title

WeightInit = Callable[[int, int], npt.ArrayLike]
BiasInit = Callable[[int], npt.ArrayLike]

LARGEST = 2**31 - 1  # of any size; products of two still fit NumPy's index


def check_int(value: Any, owner: object, what: str, least: int = 1, most: int = LARGEST) -> int:
    """A whole number from `least` to `most`; a boolean is none, and neither is 3.0."""
    try:
        if isinstance(value, bool | np.bool_ | np.ma.MaskedArray) or hasattr(value, "grad_fn"):
            raise TypeError
        number = index(value)
    except TypeError:
        raise TypeError(
            f"{title(owner)}: expected a whole number as {what}, got {shown(value)}"
        ) from None
    if number < least:
        raise ValueError(f"{title(owner)}: expected {what} of at least {least}, got {number}")
    if number > most:
        raise ValueError(f"{title(owner)}: expected {what} of at most {most}, got {shown(number)}")
    return number


def check_real(
    value: Any, owner: object, what: str, low: float = -math.inf, high: float = math.inf
) -> float:
    """A finite number from `low` to `high`; text and booleans are none."""
    if type(value) is float and low <= value <= high and -math.inf < value < math.inf:
        return value  # what an optimizer asks for in every step
    if type(value) is np.ndarray and value.ndim == 0:
        value = value[()]
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise TypeError(f"{title(owner)}: expected a number as {what}, got {shown(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not (low <= number <= high and math.isfinite(number)):
        raise ValueError(
            f"{title(owner)}: expected {what} {_interval(low, high)}, got {shown(value)}"
        )
    return number


def check_bool(value: Any, owner: object, what: str) -> bool:
    """True or False; 1 and 0 will do."""
    if isinstance(value, bool | np.bool_) or (type(value) is int and value in (0, 1)):
        return bool(value)
    raise TypeError(f"{title(owner)}: expected True or False as {what}, got {shown(value)}")


def check_reduction(owner: str, reduction: Any) -> str:
    """One of "mean", "sum" and "none"; ValueError for anything else."""
    if not isinstance(reduction, str) or reduction not in ("mean", "sum", "none"):
        raise ValueError(
            f"{owner}: expected 'mean', 'sum' or 'none' as reduction, got {shown(reduction)}"
        )
    return reduction


def check_functions(owner: object, **functions: Any) -> None:
    """TypeError where an argument is not callable."""
    if not all(map(callable, functions.values())):
        raise TypeError(
            f"{title(owner)}: expected functions as {' and '.join(functions)}, "
            f"got {' and '.join(map(repr, functions.values()))}"
        )


class Setting:
    """An attribute that is a finite number from `low` to `high`, checked when it is assigned."""

    def __init__(self, low: float = -math.inf, high: float = math.inf) -> None:
        self.low, self.high = low, high
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    if TYPE_CHECKING:  # without one, Python itself looks into the object, in a third of the time

        def __get__(self, owner: Any, kind: type | None = None) -> float: ...

    def __set__(self, owner: Any, value: Any) -> None:
        what = getattr(owner, "name_in_messages", type(owner).__name__)
        vars(owner)[self.name] = check_real(value, what, self.name, self.low, self.high)


def check_rng(rng: Any, owner: object) -> Any:
    """A generator from a seed, a generator, or None for NumPy's global one."""
    if rng is None:
        return np.random
    try:
        if isinstance(rng, bool | np.bool_):
            raise TypeError
        return np.random.default_rng(rng)
    except (TypeError, ValueError):
        raise TypeError(
            f"{title(owner)}: expected a seed of at least 0 or a generator as rng, got {shown(rng)}"
        ) from None


def check_dataset(dset: Any, count: int, owner: str) -> list[Any]:
    """The pairs `(x, y)` of a data set of at least `count` splits, or ValueError."""
    if (
        not isinstance(dset, Sequence)
        or isinstance(dset, str | bytes)
        or len(dset) < count
        or any(not isinstance(p, Sequence) or len(p) != 2 for p in dset[:count])
    ):
        found = type(dset).__name__
        if isinstance(dset, list | tuple):
            found += f" of {len(dset)} ({', '.join(type(part).__name__ for part in dset[:3])})"
        raise ValueError(f"{owner}: expected dset ((x, y), (x, y), (x, y)), got {found}")
    return list(dset[:count])


def check_path(path: Any, owner: str) -> Path:
    """A path that names a file; TypeError for anything else, ValueError for an empty one."""
    try:
        place = Path(path)
    except TypeError:
        raise TypeError(f"{owner}: expected a file's name as path, got {shown(path)}") from None
    if not place.name:
        raise ValueError(f"{owner}: expected a file's name as path, got {shown(path)}")
    return place


def shown(value: Any) -> str:
    """A value in a message: its repr, or where that is long, what it is."""
    if isinstance(value, np.ndarray) and value.ndim:
        return f"an array {value.shape}"
    if type(value) is int and abs(value) > 10**20:
        return "an integer of more than 20 digits"
    text = repr(value)
    return (
        text if len(text) <= 60 and "\n" not in text else f"{type(value).__name__} {text[:40]!r}..."
    )


def _interval(low: float, high: float) -> str:
    if high < math.inf:
        return f"from {low:g} to {high:g}"
    return "that is finite" if low == -math.inf else f"of at least {low:g}"
