"""How much a search may do, in the same units on a busy machine as on a quiet one.

What it does is counted, not timed: lines that run, and parts of the syntax tree that are compiled.
They are said in seconds of a usual processor. The clock ends a search only where a machine is much
slower than that.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeVar

LINE, NODE, TRIAL, EDIT = 1.2e-7, 4e-7, 5e-5, 2e-5
"""The seconds of a line that runs, of a part of a tree that is compiled, of any trial besides, and
of an edit that is thought of.
"""
SLOWEST, PATIENCE = 3, 10
"""How many times longer than it is usual the processor may take, and the clock."""
T = TypeVar("T")


class Budget:
    """How many seconds of a usual processor are left for a search.

    Attributes
    ----------
    spent : what was done, by its count.
    used : the processor's time of forks, by the clock.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds, self.spent, self.used = seconds, 0.0, 0.0
        self._start = time.process_time()
        self._end = time.monotonic() + PATIENCE * seconds

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return self.seconds - self.spent

    @property
    def is_over(self) -> bool:
        """Whether nothing is left, or all took much longer than usual."""
        used = self.used + time.process_time() - self._start
        too_slow = used > SLOWEST * self.seconds or time.monotonic() > self._end
        return self.left <= 0 or too_slow


def counted(run: Callable[[], T]) -> tuple[T, int]:
    """What something gives, and how many lines of Python run in it."""
    lines = 0

    def local(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal lines
        lines += 1
        return local

    before = sys.gettrace()
    sys.settrace(local)
    try:
        result = run()
    finally:
        sys.settrace(before)
    return result, lines
