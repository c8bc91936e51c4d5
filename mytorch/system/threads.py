"""How many threads NumPy's matrix products use.

Two threads make the products of a large network almost twice as fast. Those of a small one gain
nothing: to wake a thread takes as long as its share of the work.
"""

from __future__ import annotations

import importlib.util
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mytorch.checks.settings import check_int, shown

SMALL_STEP = 10_000_000
"""Multiplications of float32 in the forward pass of a batch, below which one thread is enough."""


def threads_for(mlp: Any, batch_size: int) -> int | None:
    """The threads for training `mlp`: 1 for small steps, None (as many as there are) for others.

    A multiplication of float64 counts twice, because it takes twice the time.
    Raises TypeError for anything but a network, ValueError for a batch size below 1.
    """
    if isinstance(mlp, type) or not hasattr(mlp, "layers"):
        raise TypeError(f"threads_for: expected a network as mlp, got {shown(mlp)}")
    batch_size = check_int(batch_size, "threads_for", "batch_size")
    weights = sum(layer.W.size for layer in mlp.layers if hasattr(layer, "W"))
    return 1 if batch_size * weights * mlp.dtype.itemsize // 4 < SMALL_STEP else None


@contextmanager
def blas_threads(count: int | None) -> Iterator[None]:
    """Inside the block, matrix products use `count` threads; with None, as many as before.

    Does nothing where threadpoolctl is not installed or does not know the library that NumPy
    calls. There are never more threads than processors. Raises ValueError for a count below 1,
    TypeError for anything but a whole number.
    """
    if count is None:
        yield
        return
    count = min(check_int(count, "blas_threads", "count"), os.cpu_count() or 1)
    if importlib.util.find_spec("threadpoolctl") is None:
        yield
        return
    limit = _Limit(count)
    try:
        _limits.enter(limit)
        yield
    finally:
        try:
            _limits.leave(limit)
        except KeyboardInterrupt:  # the process would be left with this block's number for good
            _limits.leave(limit)
            raise


class _Limit:
    """What one block asks for."""

    def __init__(self, count: int) -> None:
        self.count = count


class _Limits:
    """The blocks that are open, in whatever order threads open and close them.

    The number is the process's. So the last block to close restores what the first one found,
    and until then the newest of the open ones counts.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: list[_Limit] = []
        self._found: Any = None

    def enter(self, limit: _Limit) -> None:
        with self._lock:
            if not self._open:
                self._found = _set(None)
            self._open.append(limit)
            _set(limit.count)

    def leave(self, limit: _Limit) -> None:
        """Ends a block; done twice, as after an interrupt in the middle, it is the same."""
        with self._lock:
            if limit in self._open:
                self._open.remove(limit)
            if self._open:
                _set(self._open[-1].count)
            elif self._found is not None:
                self._found.restore_original_limits()
                self._found = None


def _set(count: int | None) -> Any:
    """Sets the number and returns what remembers the one before; with None, changes nothing."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(limits=count, user_api="blas")


_limits = _Limits()


__all__ = ["blas_threads", "threads_for"]
