"""Sums over the rows of a batch, however many there are, and columns of any size."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from mytorch._arrays import FloatArray

LONG = 1024  # rows from which on it pays to be careful
BLOCK = 128  # rows that are then added one after the other


def column_sums(x: FloatArray) -> FloatArray:
    """The sum of each column, `(1, n)` from `(rows, n)`: `1 @ x`, the fastest way to add rows.

    Added one after the other, a million numbers may lose six digits, of which float32 has seven.
    So a long batch is added in blocks, and the sums of the blocks in the same way.
    """
    if len(x) <= LONG:
        return _ones(len(x), x.dtype) @ x
    blocks = len(x) // BLOCK
    whole = blocks * BLOCK
    sums = _ones(BLOCK, x.dtype) @ x[:whole].reshape(blocks, BLOCK, x.shape[1])
    rest = x[whole:].sum(axis=0, keepdims=True)
    return column_sums(np.concatenate([sums[:, 0], rest]))


@lru_cache(maxsize=8)
def _ones(rows: int, dtype: np.dtype[Any]) -> FloatArray:
    ones = np.ones((1, rows), dtype)
    ones.flags.writeable = False
    return ones


def within_range(std: FloatArray) -> bool:
    """Whether the squares below these roots neither overflowed nor lost digits at the low end."""
    low = 1e-18 if std.dtype == np.float32 else 1e-153  # the root of the smallest normal number
    return bool(low < std.min() and std.max() < np.inf)


def powers_of_two(x: FloatArray, eps: float) -> FloatArray:
    """For each column a power of two `(1, n)`; divided by it, no number is above 2 in size.

    It is not below the root of `eps` either, so that `eps` divided by its square fits as well.
    """
    size = np.maximum(np.abs(x).max(axis=0, keepdims=True), math.sqrt(eps))
    _, exponents = np.frexp(size.astype(x.dtype))
    return np.ldexp(np.ones_like(size, x.dtype), exponents - 1)
