"""Hostile values, each with what it means: a plain array, or nothing that anybody could use."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.tensor import Tensor

Array = npt.NDArray[Any]
Rng = np.random.Generator


class Verdict:
    """A meaning that is no value: the call must refuse, or may do either."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


REFUSED, EITHER = Verdict("to be refused"), Verdict("taken or refused")


@dataclass(frozen=True)
class Value:
    """What is handed over, the plain value it stands for, and how a message describes it."""

    given: Any
    plain: Any
    text: str


def pick(rng: Rng, things: Sequence[Any]) -> Any:
    """One of several, without NumPy making an array of them."""
    return things[int(rng.integers(len(things)))]


CONTENTS: dict[str, Callable[[Rng, tuple[int, ...]], Array]] = {
    "normal": lambda rng, shape: np.asarray(rng.normal(size=shape)),
    "whole": lambda rng, shape: np.asarray(rng.integers(0, 3, shape), float),
    "negative": lambda rng, shape: -np.abs(np.asarray(rng.normal(size=shape))) - 0.1,
    "zeros": lambda rng, shape: np.zeros(shape),
    "denormal": lambda rng, shape: np.full(shape, 5e-324),
    "huge": lambda rng, shape: np.asarray(rng.normal(size=shape)) * 1e300,
    "NaN": lambda rng, shape: _with(rng, shape, np.nan),
    "inf": lambda rng, shape: _with(rng, shape, np.inf),
    "-inf": lambda rng, shape: _with(rng, shape, -np.inf),
}


def _with(rng: Rng, shape: tuple[int, ...], bad: float) -> Array:
    numbers = np.asarray(rng.normal(size=shape))
    if numbers.size:
        numbers.flat[int(rng.integers(numbers.size))] = bad
    return numbers


def _strided(a: Array) -> Array:
    if a.ndim == 0:
        return a.copy()
    big = np.full(tuple(2 * n for n in a.shape), 7, a.dtype)
    view = big[(slice(None, None, 2),) * a.ndim]
    view[...] = a
    return view


def _reversed(a: Array) -> Array:
    back = (..., *(slice(None, None, -1),) * a.ndim)
    return a[back].copy()[back]


def _read_only(a: Array) -> Array:
    a = a.copy()
    a.setflags(write=False)
    return a


def _unaligned(a: Array) -> Array:
    raw = np.zeros(a.nbytes + 1, np.uint8)[1:]
    view = raw.view(a.dtype).reshape(a.shape)
    view[...] = a
    return view


class _Subclass(np.ndarray):
    """What pandas, units packages and others hand over."""


def _whole(a: Array) -> Array:
    return np.rint(np.nan_to_num(a, nan=0, posinf=1, neginf=-1) % 3)


CLOTHES: dict[str, Callable[[Array], Any]] = {
    "plain": lambda a: a.copy(),
    "Fortran order": lambda a: np.array(a, order="F"),
    "strided": _strided,
    "reversed": _reversed,
    "read-only": _read_only,
    "unaligned": _unaligned,
    "a subclass": lambda a: a.view(_Subclass),
    "float32": lambda a: np.clip(a, -1e38, 1e38).astype(np.float32),
    "float16": lambda a: np.clip(a, -6e4, 6e4).astype(np.float16),
    "longdouble": lambda a: a.astype(np.longdouble),
    "big-endian": lambda a: a.astype(">f8"),
    "int64": lambda a: _whole(a).astype(np.int64),
    "uint8": lambda a: _whole(a).astype(np.uint8),
    "bool": lambda a: _whole(a) > 0,
    "list": lambda a: a.tolist(),
    "list of ints": lambda a: _whole(a).astype(int).tolist(),
    "tuple": lambda a: tuple(a.tolist()) if a.ndim else a.tolist(),
    "list of arrays": lambda a: [row.copy() for row in a] if a.ndim else a.tolist(),
}


def dressed(a: Array, rng: Rng, content: str = "") -> Value:
    """The numbers of `a` in some form that is as good as a plain array; it means one."""
    name = pick(rng, list(CLOTHES))
    given = CLOTHES[name](a)
    plain = np.array(given)
    plain = np.array(plain, plain.dtype.newbyteorder("="), order="C")
    return Value(given, plain, f"{content} numbers {plain.shape} as {name}".strip())


def _ragged(rng: Rng) -> Any:
    return [[1.0], [2.0, 3.0]]


def _structured(rng: Rng) -> Any:
    return np.zeros(3, dtype=[("a", float), ("b", int)])


class _Angry:
    """Says that it is an array, and then is not."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise KeyError("no array today")


def disguised(shape: tuple[int, ...], rng: Rng) -> Value:
    """An array of the right shape, of something that is no real number."""
    a = np.ones(shape)
    made: dict[str, Callable[[], Any]] = {
        "object array": lambda: a.astype(object),
        "complex array": lambda: a + 1j,
        "array of text": lambda: a.astype(str),
        "array of bytes": lambda: a.astype("S3"),
        "masked array": lambda: np.ma.masked_greater(a, 0),
        "masked array without mask": lambda: np.ma.array(a),
        "list of masked arrays": lambda: [np.ma.masked_greater(a, 0)],
        "list with a masked number": lambda: [1.0, np.ma.masked],
        "dates": lambda: a.astype("M8[s]"),
        "time spans": lambda: a.astype("m8[s]"),
        "list of complex": lambda: (a + 1j).tolist(),
        "list with None": lambda: [None, *a.ravel().tolist()],
    }
    name = pick(rng, list(made))
    return Value(made[name](), REFUSED, f"{name} {shape}")


NONSENSE: dict[str, Callable[[Rng], Any]] = {
    "None": lambda rng: None,
    "text": lambda rng: "a",
    "bytes": lambda rng: b"0.1",
    "an object": lambda rng: object(),
    "a function": lambda rng: _ragged,
    "a class": lambda rng: float,
    "a dictionary": lambda rng: {"a": 1},
    "a set": lambda rng: {1.0, 2.0},
    "a generator": lambda rng: (i for i in (1.0, 2.0)),
    "ragged lists": _ragged,
    "a structured array": _structured,
    "a complex number": lambda rng: 1j,
    "masked": lambda rng: np.ma.masked,
    "a date": lambda rng: datetime.date(2019, 9, 1),
    "an int beyond all arrays": lambda rng: 10**400,
    "an angry object": lambda rng: _Angry(),
    "a slice": lambda rng: slice(None),
    "Ellipsis": lambda rng: ...,
    "NotImplemented": lambda rng: NotImplemented,
}


def nonsense(rng: Rng) -> Value:
    """Something that no argument takes."""
    name = pick(rng, list(NONSENSE))
    return Value(NONSENSE[name](rng), REFUSED, name)


def other_shape(shape: tuple[int, ...], rng: Rng) -> tuple[int, ...]:
    """A shape near the right one: another rank, another length, empty."""
    near: list[tuple[int, ...]] = [
        (), (0,), shape[:-1], shape[1:], (*shape, 1), (1, *shape), (1,) * len(shape),
        shape[::-1], (int(np.prod(shape)),), (0,) * len(shape), (1,) * 5, (*shape, 2),
    ]  # fmt: skip
    for i in range(len(shape)):
        near += [(*shape[:i], n, *shape[i + 1 :]) for n in (0, 1, shape[i] + 1, shape[i] - 1)]
    return tuple(max(n, 0) for n in pick(rng, near))


SCALARS: dict[str, tuple[Any, Any]] = {
    **{str(n): (n, n) for n in (-7, -1, 0, 1, 2, 3, 5, 10**30)},
    **{f"np.int64({n})": (np.int64(n), n) for n in (-1, 0, 2, 3)},
    "np.uint8(2)": (np.uint8(2), 2),
    "np.array(2)": (np.array(2), 2),
    **{str(x): (x, x) for x in (-0.5, 0.0, 0.01, 0.5, 1.0, 2.0, 2.5, 1e300, 5e-324)},
    "nan": (float("nan"), float("nan")),
    "inf": (float("inf"), float("inf")),
    "-inf": (float("-inf"), float("-inf")),
    "np.float64(0.5)": (np.float64(0.5), 0.5),
    "np.float32(0.5)": (np.float32(0.5), 0.5),
    "np.float32(nan)": (np.float32("nan"), float("nan")),
    "np.array(0.5)": (np.array(0.5), 0.5),
    "Fraction(1, 2)": (Fraction(1, 2), EITHER),
    "True": (True, REFUSED),
    "False": (False, REFUSED),
    "np.True_": (np.True_, REFUSED),
    "np.array(True)": (np.array(True), REFUSED),
    "'0.5'": ("0.5", REFUSED),
    "'2'": ("2", REFUSED),
    "[2]": ([2], REFUSED),
    "np.array([2])": (np.array([2]), REFUSED),
    "np.array([0.5])": (np.array([0.5]), REFUSED),
    "np.array([0.5, 0.5])": (np.array([0.5, 0.5]), REFUSED),
    "np.array('a')": (np.array("a"), REFUSED),
    "np.array(None)": (np.array(None), REFUSED),
    "masked 0-d": (np.ma.array(2, mask=True), REFUSED),
    "Tensor(2)": (Tensor(2), REFUSED),
    "10**400": (10**400, REFUSED),
}


def scalar(rng: Rng) -> Value:
    """A number, or what looks like one; `plain` is a Python number."""
    if rng.random() < 0.25:
        return nonsense(rng)
    name = pick(rng, list(SCALARS))
    given, plain = SCALARS[name]
    return Value(given, plain, name)


SEEDS = (
    *("0", "1", "2", "3", "5", str(10**30), "10**400", "an int beyond all arrays"),
    *("np.int64(0)", "np.int64(2)", "np.int64(3)", "np.uint8(2)", "np.array(2)"),
    *("[2]", "np.array([2])"),
)
"""The names of the values that are seeds."""
