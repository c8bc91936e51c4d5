"""Sums of rows and of columns, however many there are."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from mytorch.checks.arrays import FloatArray

LONG = 1024  # numbers in a sum from which on it pays to be careful
BLOCK = 128  # rows that are then added one after the other


def column_sums(x: FloatArray, out: FloatArray | None = None) -> FloatArray:
    """The sum of each column, `(1, n)` from `(rows, n)`: `1 @ x`, the fastest way to add rows.

    Added one after the other, a million numbers may lose six digits, of which float32 has seven.
    So a long batch is added in blocks, and the sums of the blocks in the same way.
    """
    if len(x) <= LONG:
        return _ones((1, len(x)), x.dtype).dot(x, out)  # `@` takes twice the time for so little
    blocks = len(x) // BLOCK
    whole = blocks * BLOCK
    sums = _ones((1, BLOCK), x.dtype) @ x[:whole].reshape(blocks, BLOCK, x.shape[1])
    rest = x[whole:].sum(axis=0, keepdims=True)
    return column_sums(np.concatenate([sums[:, 0], rest]), out)


def averaged(x: FloatArray, share: float, out: FloatArray) -> None:
    """`out = column_sums(x) * share`."""
    column_sums(x, out=out)
    out *= share


def row_sums(x: FloatArray) -> FloatArray:
    """The sum of each row, `(rows, 1)` from `(rows, n)`: `x @ 1`.

    The last bit of a sum may depend on the rows beside it, as it may in any product of matrices.
    """
    if x.shape[1] <= LONG:
        return x.dot(_ones((x.shape[1], 1), x.dtype))
    return x.sum(axis=1, keepdims=True)


@lru_cache(maxsize=32)
def _ones(shape: tuple[int, int], dtype: np.dtype[Any]) -> FloatArray:
    ones = np.ones(shape, dtype)
    ones.flags.writeable = False
    return ones
