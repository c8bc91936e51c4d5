"""How many threads NumPy's matrix products use.

Two threads make the products of a large network almost twice as fast. Those of a small one gain a
tenth, and are many times slower when another program is busy: each then waits for both threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SMALL_STEP = 10_000_000
"""Multiplications of float32 in the forward pass of a batch, below which one thread is enough."""


def threads_for(mlp: Any, batch_size: int) -> int | None:
    """The threads for training `mlp`: 1 for small steps, None (as many as there are) for others.

    A multiplication of float64 counts twice, because it takes twice the time.
    """
    weights = sum(layer.W.size for layer in mlp.linear_layers)
    return 1 if batch_size * weights * mlp.dtype.itemsize // 4 < SMALL_STEP else None


@contextmanager
def blas_threads(count: int | None) -> Iterator[None]:
    """Inside the block, matrix products use `count` threads; with None, as many as before.

    Does nothing where threadpoolctl is not installed or does not know the library that NumPy
    calls. Raises ValueError for a count below 1.
    """
    if count is None:
        yield
        return
    if count < 1:
        raise ValueError(f"blas_threads: expected at least 1 thread, got {count}")
    try:
        from threadpoolctl import threadpool_limits
    except ModuleNotFoundError:
        yield
        return
    with threadpool_limits(limits=count, user_api="blas"):
        yield


__all__ = ["blas_threads", "threads_for"]
