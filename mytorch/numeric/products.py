"""Products of matrices, cut as the processor multiplies them fastest.

OpenBLAS copies the matrices of a product into an order of its own, which pays where a number that
is copied is multiplied hundreds of times. For processors with AVX-512 it has routines that multiply
matrices of up to a million products as they are. Convolutions multiply large matrices by narrow
ones, and there blocks of so many products, one after the other inside one call, are faster than the
whole. 10^9 operations a second in float32, one core of an Intel Xeon, matrices in main memory:

                                      whole    blocks of 64 columns
    (512, 64) @ (64, 128)               126       170
    (128, 256) @ (256, 256)             118       163
    (128, 512) @ (512, 512)             112       130
    (32, 512) @ (512, 512)               97       117
    (32, 512) @ (512, 512).T             78       126
    (512, 32) @ (32, 512)               116       148

A first layer's product and the gradient of its weights, `x @ W` and `x.T @ delta`, are such
products too, and are cut into blocks of rows; the last bit of a sum may then be another:

                                      whole    blocks of rows
    (784, 100) @ (100, 64)              163       204
    (784, 100) @ (100, 32)              146       191
    (100, 784) @ (784, 32)               96       104
    (100, 784) @ (784, 20)               76        88
    the same in float64                  35        54
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from mytorch.checks.arrays import FloatArray
from mytorch.system.threads import SMALL_STEP, limits

WITH_BLOCKS = ("SkylakeX", "Cooperlake", "SapphireRapids")
"""OpenBLAS's names of the processors for which it multiplies small matrices as they are."""

MOST = 10**6
"""Products of numbers in a block; it copies larger ones."""

MOST_TRANSPOSED = 1200
"""Numbers in the result of a block whose right matrix is a transposed one."""

SHORT = 1 << 16
"""Numbers in the result of a block with few rows."""

COLUMNS, ROWS = 64, (128, 64, 32, 16, 8)
"""In the result of a block."""

LEAST, OF_TRANSPOSED = 8, 96
"""Rows, at least, in a block of a batch, and of a batch that is transposed; at most `ROWS[0]`."""

NARROW = 128
"""Bytes in a row of the result, below which the blocks of a transposed batch save nothing."""


def matmul(left: FloatArray, right: FloatArray, out: FloatArray | None = None) -> FloatArray:
    """`left @ right`; in blocks of rows where that is faster."""
    if left.size * right.shape[1] <= MOST:
        return left.dot(right, out)  # which begins faster than `@`, and is slower where it is large
    if right.flags.c_contiguous and limits.architecture() in WITH_BLOCKS:
        (m, k), n = left.shape, right.shape[1]
        rows = _rows_of_left(m, k, n, right.itemsize, left.strides[0] < left.strides[1])
        if rows:
            blocks = None if out is None else out.reshape(-1, rows, n)
            return np.matmul(left.reshape(-1, rows, k), right, out=blocks).reshape(m, n)
    return np.matmul(left, right, out=out)


@lru_cache(maxsize=64)
def _rows_of_left(m: int, k: int, n: int, itemsize: int, transposed: bool) -> int:
    """In a block; 0 for the whole, which several threads share for large steps."""
    if m * k * n * itemsize // 4 >= SMALL_STEP or (transposed and n * itemsize < NARROW):
        return 0
    most, least = min(MOST // (k * n), ROWS[0]), OF_TRANSPOSED if transposed else LEAST
    return next((rows for rows in range(most, least - 1, -1) if m % rows == 0), 0)


def product(left: FloatArray, right: FloatArray, out: FloatArray) -> None:
    """`out = left @ right`, for matrices or for stacks `(p, rows, columns)` of them."""
    m, (k, n) = left.shape[-2], right.shape[-2:]
    rows = _rows(m, k, n, right) if limits.architecture() in WITH_BLOCKS else 0
    if rows:  # (..., blocks of columns, blocks of rows, rows, columns)
        stack = left.shape[:-2]
        left = left.reshape(*stack, 1, -1, rows, k)
        right = np.moveaxis(right.reshape(*stack, k, -1, COLUMNS), -2, -3)[..., None, :, :]
        out = np.moveaxis(out.reshape(*stack, m // rows, rows, -1, COLUMNS), -2, -4)
    np.matmul(left, right, out=out)


def _rows(m: int, k: int, n: int, right: FloatArray) -> int:
    """In a block; 0 where there are none."""
    if n % COLUMNS or right.dtype != np.float32:
        return 0
    most = MOST // (k * COLUMNS)
    if right.strides[-2] < right.strides[-1]:
        most = min(most, MOST_TRANSPOSED // COLUMNS)
    return next((rows for rows in ROWS if rows <= most and m % rows == 0), 0)


def long_product(left: FloatArray, right: FloatArray) -> FloatArray:
    """`left.T @ right`, for matrices with many rows: the sum of the products of blocks of rows."""
    (count, m), n = left.shape, right.shape[1]
    rows = 1 << max(1, MOST // (m * n)).bit_length() - 1
    whole = count // rows * rows
    blocks = left[:whole].reshape(-1, rows, m).transpose(0, 2, 1) @ right[:whole].reshape(
        -1, rows, n
    )
    return blocks.sum(axis=0) + left[whole:].T @ right[whole:]


def wide_product(left: FloatArray, right: FloatArray, out: FloatArray) -> None:
    """`out = left @ right`, for a small matrix and one with few, but long rows."""
    n = right.shape[1]
    columns = math.gcd(n, 1 << (SHORT // max(left.shape)).bit_length() - 1)
    if columns * max(left.shape) > SHORT // 8:
        right, out = (np.moveaxis(a.reshape(len(a), -1, columns), 1, 0) for a in (right, out))
    np.matmul(left, right, out=out)
