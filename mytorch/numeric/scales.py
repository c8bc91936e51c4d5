"""Mean and deviation of columns, and columns scaled by them, for numbers of any size."""

from __future__ import annotations

import numpy as np

from mytorch.checks.arrays import FloatArray


def column_scales(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and deviation of each column, `(n,)` both, in float64, from finite `x (N, n)`.

    Of a column whose numbers are all the same, exactly that number, and 1. Each column is divided
    by a power of two near its largest number, which is exact: without that, the squares leave
    float64's range where numbers are near 1e200, and become 0 near 1e-200.
    """
    low, high = x.min(axis=0), x.max(axis=0)
    largest = np.maximum(high, -low).astype(np.float64)
    unit = np.ldexp(1.0, np.maximum(np.frexp(largest)[1] - 1, -1022))  # 1 / unit is finite
    numbers = x / unit
    mean, deviation = numbers.mean(axis=0) * unit, numbers.std(axis=0) * unit
    constant = (low == high) | (deviation == 0)  # rounding may give equal numbers a deviation
    return np.where(constant, x[0], mean), np.where(constant, 1.0, deviation)


def standardized(
    x: FloatArray, mean: FloatArray | float, deviation: FloatArray | float
) -> FloatArray:
    """`(x - mean) / deviation` for `x (N, n)`, by halves, whose difference does not overflow."""
    return (0.5 * x - 0.5 * mean) / deviation * 2


__all__ = ["column_scales", "standardized"]
