"""Sums of rows and of columns, however many there are."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from mytorch.checks.arrays import FloatArray

LONG = 1024  # numbers in a sum from which on it pays to be careful
IN_CACHE = 1 << 15  # numbers of each array in a block
WIDE = 1024  # numbers in a row, from which on its beginning does not count
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


class Blocks:
    """Matrices `(rows, n)` in blocks that stay in a core's cache, where much is done with each.

    Several narrow rows are taken as one wide row: to begin a row takes NumPy as long as a few dozen
    numbers. What there is for each column, `(1, n)`, is then repeated by `spread`. A matrix that
    fits into the cache is one block, as it is.
    """

    def __init__(self, rows: int, n: int) -> None:
        self.n, self.joined, self.step = n, 1, rows
        if rows * n >= 2 * IN_CACHE:
            while self.joined * n < WIDE and rows % (2 * self.joined) == 0:
                self.joined *= 2
            self.step = max(1, IN_CACHE // (self.joined * n))

    def of(self, *arrays: FloatArray) -> Iterator[tuple[FloatArray, ...]]:
        """The same block of each array; views, of arrays without gaps."""
        if self.joined > 1:
            arrays = tuple(a.reshape(-1, self.joined * self.n) for a in arrays)
        for start in range(0, len(arrays[0]), self.step):
            yield tuple(a[start : start + self.step] for a in arrays)

    def spread(self, v: FloatArray) -> FloatArray:
        """`(1, n)` for the columns as a row of a block."""
        return np.tile(v, self.joined) if self.joined > 1 else v

    def sums(self, block: FloatArray) -> FloatArray:
        """The sum of each column of a block, `(1, n)`."""
        sums = column_sums(block)
        return column_sums(sums.reshape(self.joined, self.n)) if self.joined > 1 else sums


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
