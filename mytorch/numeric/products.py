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
"""

from __future__ import annotations

import numpy as np

from mytorch.checks.arrays import FloatArray
from mytorch.system.threads import limits

WITH_BLOCKS = ("SkylakeX", "Cooperlake", "SapphireRapids")
"""OpenBLAS's names of the processors for which it multiplies small matrices as they are."""

MOST = 10**6
"""Products of numbers in a block; it copies larger ones."""

MOST_TRANSPOSED = 1200
"""Numbers in the result of a block whose right matrix is a transposed one."""

COLUMNS, ROWS = 64, (128, 64, 32, 16, 8)
"""In the result of a block."""


def product(left: FloatArray, right: FloatArray, out: FloatArray) -> FloatArray:
    """`out = left @ right`, for matrices."""
    (m, k), n = left.shape, right.shape[1]
    rows = _rows(m, k, n, right) if limits.architecture() in WITH_BLOCKS else 0
    if not rows:
        return np.matmul(left, right, out=out)
    columns = right.reshape(k, -1, COLUMNS).transpose(1, 0, 2)
    blocks = out.reshape(m // rows, rows, -1, COLUMNS).transpose(2, 0, 1, 3)
    np.matmul(left.reshape(1, -1, rows, k), columns[:, None], out=blocks)
    return out


def _rows(m: int, k: int, n: int, right: FloatArray) -> int:
    """In a block; 0 where there are none."""
    if n % COLUMNS or right.dtype != np.float32:
        return 0
    most = MOST // (k * COLUMNS)
    if right.strides[0] < right.strides[1]:
        most = min(most, MOST_TRANSPOSED // COLUMNS)
    return next((rows for rows in ROWS if rows <= most and m % rows == 0), 0)
