"""Kinds of arguments: a good value of each, and which hostile values are as good.

What a kind takes is written here a second time, in the terms of the documentation; the library's
own checks are not asked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mytorch.tensor import Tensor
from tests.fuzz.values import (
    CONTENTS,
    EITHER,
    REFUSED,
    Rng,
    Value,
    Verdict,
    disguised,
    dressed,
    nonsense,
    other_shape,
    pick,
    scalar,
)

Shape = tuple[int | None, ...]
ROWS = 4  # of a good batch


class Kind:
    """One argument: `good()` makes a value that it takes, `draw` any other one."""

    def good(self) -> Any:
        raise NotImplementedError

    def draw(self, rng: Rng) -> Value:
        raise NotImplementedError


@dataclass(frozen=True)
class Numbers(Kind):
    """Real numbers in one of `shapes`, where None stands for any size above 0; () for any shape.

    `make` gives the good ones; `takes` says True, or REFUSED or EITHER of a plain array.
    """

    shapes: tuple[Shape, ...] = ()
    usual: tuple[int, ...] = (ROWS, 3)
    make: Callable[[Rng, tuple[int, ...]], Any] | None = None
    takes: Callable[[Any], Any] = lambda plain: True
    dtype: str = "input"  # "input": float32 stays, else float64; "float64"; "any": as it comes
    finite: bool = False
    none: bool = False  # None is taken, too

    def good(self) -> Any:
        rng = np.random.default_rng(5)
        return (self.make or CONTENTS["normal"])(rng, self.usual)

    def draw(self, rng: Rng) -> Value:
        chance = rng.random()
        if chance < 0.15:
            value = nonsense(rng)
            return Value(None, EITHER, value.text) if value.given is None and self.none else value
        if chance < 0.3:
            return disguised(self.usual, rng)
        shape = self.usual if chance < 0.7 else other_shape(self.usual, rng)
        content = "good" if self.make and rng.random() < 0.5 else pick(rng, list(CONTENTS))
        make = self.make if content == "good" and self.make else CONTENTS.get(content)
        assert make is not None
        value = dressed(make(rng, shape), rng, content)
        return Value(value.given, self.meaning(value.plain), value.text)

    def meaning(self, plain: Any) -> Any:
        """What a plain array stands for here."""
        if self.shapes and not any(_fits(plain.shape, shape) for shape in self.shapes):
            return REFUSED
        if self.finite and not np.isfinite(plain).all():
            return REFUSED
        taken = self.takes(plain)
        if taken is not True:
            return taken
        if self.dtype == "float64" or (self.dtype == "input" and plain.dtype != np.float32):
            with np.errstate(all="ignore"):
                return plain.astype(np.float64)
        return plain


def _fits(shape: tuple[int, ...], wanted: Shape) -> bool:
    return len(shape) == len(wanted) and all(
        n == m if m is not None else n > 0 for n, m in zip(shape, wanted, strict=True)
    )


def rows(features: int, count: int | None = None, **more: Any) -> Numbers:
    """A batch `(count, features)`, of any number of rows where `count` is None."""
    return Numbers(((count, features),), (count or ROWS, features), **more)


def exactly(*shape: int, **more: Any) -> Numbers:
    """Numbers of one shape."""
    return Numbers((shape,), shape, **more)


def either(*shapes: tuple[int, ...], **more: Any) -> Numbers:
    """Numbers of one of several shapes, the first being the usual one."""
    return Numbers(shapes, shapes[0], **more)


def one_hot_rows(rng: Rng, shape: tuple[int, ...]) -> Any:
    """One-hot rows where the shape has rows."""
    if len(shape) != 2 or 0 in shape:
        return np.ones(shape)
    return np.eye(shape[1])[rng.integers(0, shape[1], shape[0])]


def probabilities(rng: Rng, shape: tuple[int, ...]) -> Any:
    """Rows that sum to 1."""
    numbers = np.asarray(rng.uniform(0.1, 1, shape))
    return numbers / numbers.sum(axis=-1, keepdims=True) if numbers.ndim else numbers


@dataclass(frozen=True)
class Labels(Kind):
    """Class numbers `(count,)` from 0 to `classes - 1`."""

    classes: int
    count: int | None = None
    tensor: bool = False

    def good(self) -> Any:
        labels = np.arange(self.count or ROWS) % self.classes
        return Tensor(labels) if self.tensor else labels

    def draw(self, rng: Rng) -> Value:
        shape = (self.count or ROWS,)
        chance = rng.random()
        if chance < 0.2:
            return nonsense(rng)
        if chance < 0.35:
            return disguised(shape, rng)
        if chance > 0.8:
            shape = other_shape(shape, rng)
        numbers = np.asarray(rng.integers(0, self.classes, shape), float)
        if rng.random() < 0.3 and numbers.size:
            numbers.flat[-1] = pick(rng, (-1, self.classes, 0.5, np.nan, 1e9))
        value = dressed(numbers, rng)
        if np.ndim(value.plain) == 1 and rng.random() < 0.4:
            given = (
                np.nan_to_num(numbers, nan=-1)
                .astype(np.int64)
                .astype(pick(rng, (np.int64, np.int8, np.uint8, np.int32)))
            )
            value = Value(given, given.astype(np.int64), f"{given.dtype} labels {given}")
        plain = value.plain
        good = plain.dtype.kind in "iu" and plain.ndim == 1
        good = good and (self.count is None or len(plain) == self.count)
        good = good and bool(((plain >= 0) & (plain < self.classes)).all())
        return Value(value.given, plain.astype(np.int64) if good else REFUSED, value.text)


@dataclass(frozen=True)
class Tensors(Kind):
    """A tensor around what `numbers` draws; what makes no tensor is handed over as it is.

    With `gradient` it requires one where it can.
    """

    numbers: Numbers
    gradient: bool = True
    arrays: bool = False  # also takes non-tensors, as the other side of an operator does

    def good(self) -> Any:
        return Tensor(self.numbers.good(), requires_grad=self.gradient)

    def draw(self, rng: Rng) -> Value:
        value = self.numbers.draw(rng)
        if not isinstance(value.given, np.ndarray) or np.ma.isMaskedArray(value.given):
            if self.arrays:
                return value
            return Value(value.given, REFUSED, value.text)
        if value.given.dtype.kind not in "fiub":
            return Value(value.given, REFUSED, value.text)
        if rng.random() < 0.15 and not self.arrays:
            return Value(value.given, REFUSED, f"{value.text}, no tensor")
        plain = value.plain
        if not isinstance(plain, Verdict):
            plain = self._tensor(np.ascontiguousarray(plain).reshape(plain.shape))
        return Value(self._tensor(value.given), plain, f"tensor of {value.text}")

    def _tensor(self, data: Any) -> Tensor:
        return Tensor(data, requires_grad=self.gradient and data.dtype.kind == "f")


@dataclass(frozen=True)
class Whole(Kind):
    """A whole number from `least` to `most`; `also` are other values that it takes.

    Where a call counts up to it, larger ones are not tried: they are right, but take too long.
    """

    usual: int = 3
    least: int = 1
    most: float = math.inf
    also: tuple[Any, ...] = ()
    counts: bool = False

    def good(self) -> Any:
        return self.usual

    def draw(self, rng: Rng) -> Value:
        if self.also and rng.random() < 0.1:
            also = pick(rng, self.also)
            return Value(also, also, repr(also))
        value = scalar(rng)
        while self.counts and type(value.given) is int and value.given > self.most:
            value = scalar(rng)
        if value.given is None and None in self.also:
            return Value(None, None, value.text)
        good = type(value.plain) is int and self.least <= value.plain <= min(self.most, 2**31)
        return Value(value.given, value.plain if good else REFUSED, value.text)


@dataclass(frozen=True)
class Real(Kind):
    """A finite number from `low` to `high`; `none` says whether None may stand for it."""

    usual: float
    low: float = -math.inf
    high: float = math.inf

    def good(self) -> Any:
        return self.usual

    def draw(self, rng: Rng) -> Value:
        value = scalar(rng)
        if isinstance(value.plain, Verdict):
            return value
        good = math.isfinite(value.plain) and self.low <= value.plain <= self.high
        return Value(value.given, float(value.plain) if good else REFUSED, value.text)


@dataclass(frozen=True)
class Flag(Kind):
    """True or False."""

    usual: bool = False

    def good(self) -> Any:
        return self.usual

    def draw(self, rng: Rng) -> Value:
        if rng.random() < 0.2:
            given = pick(rng, (True, False, np.True_, np.False_))
            return Value(given, bool(given), repr(given))
        value = scalar(rng)
        if isinstance(value.given, (bool, np.bool_)):
            return Value(value.given, bool(value.given), value.text)
        zero_or_one = type(value.plain) is int and value.plain in (0, 1)
        return Value(value.given, EITHER if zero_or_one else REFUSED, value.text)


@dataclass(frozen=True)
class Thing(Kind):
    """An object of some class: `make` gives a good one; `bad` are wrong ones of the kind.

    Nonsense is refused, unless its name is among `takes_nonsense`; none that is in `left_out` is
    tried.
    """

    make: Callable[[], Any]
    bad: dict[str, Callable[[], Any]] = field(default_factory=dict)
    fine: dict[str, Callable[[], Any]] = field(default_factory=dict)
    takes_nonsense: Iterable[str] = ()
    left_out: Iterable[str] = ()

    def good(self) -> Any:
        return self.make()

    def draw(self, rng: Rng) -> Value:
        choices = [*self.bad, *self.fine]
        if choices and rng.random() < 0.7:
            name = pick(rng, choices)
            if name in self.bad:
                return Value(self.bad[name](), REFUSED, name)
            return Value(self.fine[name](), EITHER, name)
        value = scalar(rng) if rng.random() < 0.5 else nonsense(rng)
        while value.text in self.left_out:
            value = nonsense(rng)
        taken = value.text in self.takes_nonsense
        return Value(value.given, EITHER if taken else REFUSED, value.text)
