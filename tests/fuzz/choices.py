"""Arguments with a handful of right values and many wrong ones: axes, shapes, sizes, keys."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.fuzz.kinds import Kind
from tests.fuzz.values import EITHER, REFUSED, Rng, Value, pick


class Choices(Kind):
    """One of several good values, or of several bad ones, or anything."""

    def __init__(self, good: list[Any], bad: list[Any], either: list[Any] | None = None) -> None:
        self.choices = {REFUSED: bad, EITHER: either or []}
        self.fine = good

    def good(self) -> Any:
        return self.fine[0]

    def draw(self, rng: Rng) -> Value:
        choices = [(thing, thing) for thing in self.fine]
        choices += [(thing, plain) for plain, some in self.choices.items() for thing in some]
        given, plain = pick(rng, choices)
        return Value(given, plain, repr(given)[:200])


# Axes of an array (2, 3): which NumPy takes, and which not.
AXES = Choices(
    [None, 0, 1, -1, -2, np.int64(1), (0,), (0, 1), (-1, 0)],
    [
        5,
        -3,
        2,
        (0, 0),
        (0, 2),
        "0",
        0.0,
        1.5,
        [0],
        np.array([0, 1]),
        {},
        object(),
        (0, "1"),
        (None,),
        1j,
        float("nan"),
        10**30,
        np.ma.masked,
        (0.0,),
    ],
    [True, False, (), np.array(1)],
)
ONE_AXIS = Choices(
    [None, 0, 1, -1, -2, np.int64(1)],
    [5, -3, 2, (0, 0), (0, 1), "0", 0.0, 1.5, [0], np.array([0, 1]), {}, 1j, 10**30, object()],
    [True, False, np.array(1), (0,)],
)
SHAPES = Choices(
    [(3, 2), (6,), (-1,), (2, -1), (1, 6), ((3, 2),), (np.int64(6),)],
    [
        (4,),
        (0,),
        (-2,),
        (-1, -1),
        (5, -1),
        (0, -1),
        ("6",),
        (6.0,),
        ([[6]],),
        (None,),
        ({},),
        (2.5,),
        (10**30,),
        (3, "2"),
        (3, 2.0),
        (1j,),
        (float("nan"),),
        ((3, 2), 1),
        (object(),),
    ],
    [([3, 2],), (np.array([3, 2]),), (True, 6), (), ((),)],
)
SIZES = Choices(
    [(2, 3), (), (0,), (4,), (np.int64(2), 3), (0, 2)],
    [
        (-1,),
        (2, -3),
        (2.5,),
        (2.0,),
        ("2",),
        (None,),
        ([2, "3"],),
        (10**30,),
        (float("nan"),),
        (1j,),
        ({},),
        (object(),),
        (2, None),
        (True,),
        (2, False),
    ],
    [((2, 3),), ([2, 3],), (np.array([2, 3]),)],
)
KEYS = Choices(
    [
        0,
        -1,
        1,
        (0, 1),
        slice(None),
        (slice(None), 0),
        ...,
        None,
        [0, 1],
        np.array([1, 0]),
        np.array([[True, False, True], [False, True, False]]),
        [],
        (np.int64(1), -1),
    ],
    [
        2,
        -3,
        (0, 3),
        (0, 0, 0),
        "a",
        0.0,
        [0, 5],
        np.array([0.5]),
        [0.5],
        {},
        object(),
        "0",
        1j,
        slice("a", None),
        slice(0.5),
        (..., ...),
        np.array(["a"]),
        [[0, 1], [1]],
        b"0",
        np.array([True, False, True]),
        float("nan"),
        np.array([None]),
        10**30,
        slice(None, None, 0),
    ],
    [True, False, np.array(1), np.ma.array([0, 1]), np.ma.masked],
)
