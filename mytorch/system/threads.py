"""How many threads NumPy's matrix products use.

Two threads make the products of a large network almost twice as fast. Those of a small one gain
nothing: to wake a thread takes as long as its share of the work.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mytorch.checks.settings import check_int, shown

SMALL_STEP = 14_000_000
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


SWITCH = 1e-4
"""Seconds after which a thread of Python that waits for another asks for its turn. Python has 5 ms,
in which another one may call NumPy hundreds of times."""


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
    limit = Limit(count)
    try:
        limits.enter(limit)
        yield
    finally:
        try:
            limits.leave(limit)
        except KeyboardInterrupt:  # the process would be left with this block's number for good
            limits.leave(limit)
            raise


class Limit:
    """What one block asks for; one `inside` a computation on several threads asks for 1."""

    def __init__(self, count: int, inside: bool = False) -> None:
        self.count, self.inside = count, inside


class _Limits:
    """The blocks that are open, in whatever order threads open and close them.

    The number is the process's. So the last block to close restores what the first one found,
    and until then the newest of the open ones counts.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: list[Limit] = []
        self._found: list[tuple[Any, int]] = []
        self._known: list[Any] | None = None
        self._architecture: str | None = None
        self._interval = 0.0

    def enter(self, limit: Limit) -> None:
        with self._lock:
            if not limit.inside:
                self._known = None  # a library may have been loaded since
            if not self._open:
                self._found = [(library, library.num_threads) for library in self._libraries()]
            if limit.inside and not self._computing():
                self._interval = sys.getswitchinterval()
                sys.setswitchinterval(min(SWITCH, self._interval))
            self._open.append(limit)
            self._set(limit.count)

    def leave(self, limit: Limit) -> None:
        """Ends a block; done twice, as after an interrupt in the middle, it is the same."""
        with self._lock:
            if limit in self._open:
                self._open.remove(limit)
                if limit.inside and not self._computing():
                    sys.setswitchinterval(self._interval)
            if self._open:
                self._set(self._open[-1].count)
            else:
                for library, count in self._found:
                    library.set_num_threads(count)
                self._found = []

    def after_fork(self) -> None:
        """In a forked process the computations of other threads are not there to end."""
        self._lock = threading.Lock()
        for limit in [limit for limit in self._open if limit.inside]:
            self.leave(limit)

    def count(self) -> int:
        """The threads that matrix products may use: those of the newest block, or as it was found.

        Computations on several threads do not count, they ask for 1 themselves. 1 where no library
        tells its number.
        """
        with self._lock:
            for limit in reversed(self._open):
                if not limit.inside:
                    return limit.count
            if self._open:
                counts = [count for _, count in self._found]
            else:
                counts = [library.num_threads for library in self._libraries()]
            return min(counts, default=1)

    def architecture(self) -> str:
        """The processor that OpenBLAS computes for, by its own name; "" where nobody tells."""
        if self._architecture is None:
            with self._lock:
                names = [getattr(one, "architecture", "") for one in self._libraries()]
            self._architecture = next(filter(None, names), "")
        return self._architecture

    def _computing(self) -> bool:
        """Whether a computation on several threads is under way."""
        return any(limit.inside for limit in self._open)

    def _set(self, count: int) -> None:
        for library, _ in self._found:
            library.set_num_threads(count)

    def _libraries(self) -> list[Any]:
        """What is loaded of the libraries that compute matrix products; looked for once.

        An empty list where threadpoolctl is not installed.
        """
        if self._known is None:
            found: list[Any] = []
            if importlib.util.find_spec("threadpoolctl") is not None:
                from threadpoolctl import ThreadpoolController

                found = ThreadpoolController().select(user_api="blas").lib_controllers
            self._known = found  # last: an interrupt on the way leaves nothing that is not so
        return self._known


limits = _Limits()


__all__ = ["blas_threads", "threads_for"]
