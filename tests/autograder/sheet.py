"""Where an exercise writes down what a set of classes gives; used in the child, too.

The same exercise is asked of a submission, of the reference engine and of the models of mistakes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np


class Stop(BaseException):
    """Ends an exercise from outside; no part of it is taken for a failure."""


class Sheet:
    """Takes outputs part by part.

    `write(name, value)` takes an output `part/quantity`; `fail(part, error)` takes the exception
    that ended a part. The exercise goes on with its next part.
    """

    def __init__(
        self, write: Callable[[str, Any], None], fail: Callable[[str, BaseException], None]
    ) -> None:
        self._write, self._fail, self._part = write, fail, ""

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """The outputs of the block belong to this part, and an exception ends the block only."""
        self._part = name
        try:
            yield
        except Stop:
            raise
        except BaseException as error:
            self._fail(name, error)

    def give(self, name: str, value: Any) -> None:
        """Writes a copy of an output, which a later call could otherwise change.

        Numbers in float32 are right, as the courses' own tests compare values only.
        """
        value = value.astype(float) if is_single(value) else value
        kept = value.copy() if isinstance(value, np.ndarray) else value
        self._write(f"{self._part}/{name}", kept)


def is_single(value: Any) -> bool:
    """Whether it holds float32 numbers, in any order of their bytes."""
    return (
        isinstance(value, np.ndarray | np.generic)
        and value.dtype.kind == "f"
        and value.dtype.itemsize == 4
    )


class Plain:
    """Stands for a layer or a network of which a submission reads and sets attributes only.

    As an object of an ordinary class it may be a key of a dictionary, a SimpleNamespace may not.
    """


def copies(case: dict[str, Any], *names: str) -> list[Any]:
    """Fresh copies, so that a submission cannot spoil what comes after."""
    return [case[name].copy() for name in names]
