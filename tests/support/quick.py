"""Which cases of a test are left out, by --quick or without --slow."""

import random
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import pytest

T = TypeVar("T")


def first_is_quick(cases: Iterable[Any]) -> list[Any]:
    """The cases, all but the first of them marked slow: each needs a process or a picture."""
    first, *others = cases
    return [first, *(pytest.param(case, marks=pytest.mark.slow) for case in others)]


def some(everything: Sequence[T], count: int, slow: bool) -> Sequence[T]:
    """All of it with --slow, else as many, always the same ones."""
    if slow or len(everything) <= count:
        return everything
    return random.Random(7).sample(everything, count)
