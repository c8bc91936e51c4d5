"""What a search asks of the code: cases that say how much of their results is right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np

from mytorch.gradcheck.repair.budget import counted
from mytorch.gradcheck.repair.trying import Score

DIGITS = 1e7
"""How much of a result a digest shows."""
BREAKS: Score = (-1, 0)
"""What `confirm` says where all is right, but something else is not any more."""


class Asked(NamedTuple):
    """What one case gives: how many results are right, whether all are, and which, as bits.

    Only those before the first wrong one are counted, but where the case is asked thoroughly. Then
    there are the checksums of the results, too, in the same order; 0 for what was not given
    or is not finite. `exact` is whether the right ones are so but for
    rounding, `digest` a number that differs where any result does by more than that.
    """

    right: int
    all: bool
    which: int = 0
    sums: Sequence[int] = ()
    exact: bool = True
    digest: int = 0


Case = Callable[[bool, Callable[[], None]], Asked]
"""Asks one case: whether to go on after a wrong result, and what is called after each result."""


def quietly(case: Case, after_each: Callable[[], None], thorough: bool = False) -> Asked:
    """What a case gives; nothing where it raises an exception."""
    try:
        return case(thorough, after_each)
    except Exception:
        return Asked(0, False)


def nothing() -> None:
    """What is called after a result where nothing is to be done."""


def checksum(value: Any) -> int:
    """A number that tells results apart; 0 where it is not finite, as all of these look alike."""
    array = np.asarray(value)
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        return 0
    data = repr(value).encode() if array.dtype == object else array.tobytes()
    return 1 + crc32(data + str(array.shape).encode() + array.dtype.char.encode())


def digest(value: Any) -> int:
    """A number that differs by a few only, where results differ by rounding only."""
    array = np.asarray(value, dtype=object if value is None else None)
    if array.dtype.kind not in "fiub" or not np.isfinite(array).all():
        return 0
    flat = array.ravel().astype(float)
    weights = 1.5 + np.cos(np.arange(flat.size) + array.ndim)
    return round(DIGITS * float((weights * np.sign(flat) * np.log1p(np.abs(flat))).sum()))


class Ordered(NamedTuple):
    """A case, whether it is right, whether a result is infinite or missing, and its work."""

    right: bool
    extreme: bool
    lines: int
    case: Case


def in_order(cases: Sequence[Case]) -> list[Ordered]:
    """The case first that is found wrong soonest, the right ones last.

    Less can be seen in results that are infinite or missing: cases with such come later.
    """
    found = []
    for case in cases:
        asked, lines = counted(partial(quietly, case, nothing))
        extreme = not asked.all and not all(quietly(case, nothing, True).sums)
        found.append(Ordered(asked.all, extreme, lines, case))
    return sorted(found, key=lambda one: one[:3])
