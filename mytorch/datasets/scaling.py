"""Data sets of mean 0 and deviation 1: of a table each column by itself, of pictures all pixels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mytorch.checks.arrays import FloatArray, as_floats
from mytorch.checks.settings import check_dataset
from mytorch.datasets.loading import Dataset

FARTHEST = 1000.0
"""How many times larger one pixel may become than another; of 8-bit pictures that is 255."""


def normalize_columns(dset: Dataset) -> Dataset:
    """`(x - mean) / deviation` of each column, in all three splits, for tables `x (N, features)`.

    Mean and deviation are those of the training split; a column that is constant there becomes
    zeros. Raises ValueError for NaN, infinite or no training data, and for
    splits with other columns.
    """
    splits, train_x = _checked(dset, "normalize_columns")
    if train_x.ndim != 2:
        raise ValueError(
            f"normalize_columns: expected a table (N, features) as training data, "
            f"got {train_x.shape}; normalize_pixels is for pictures"
        )
    others = [x.shape for x, _ in splits if x.ndim != 2 or x.shape[1] != train_x.shape[1]]
    if others:
        raise ValueError(
            f"normalize_columns: expected {train_x.shape[1]} columns in all three splits of dset, "
            f"as the training data have, got an array {others[0]}"
        )
    mean, deviation = column_scales(train_x)
    return _each(splits, lambda x: standardized(x, mean, deviation))


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
    """`(x - mean) / deviation` for `x (N, n)`, or for one column `(N,)`.

    It is computed by halves, whose difference does not overflow.
    """
    return (0.5 * x - 0.5 * mean) / deviation * 2


def normalize_pixels(dset: Dataset) -> Dataset:
    """`(x - mean) / deviation` of all three splits, with one mean and one deviation, for pictures.

    Both are those of the training split, over all samples and features: single pixels of MNIST
    never vary. Raises ValueError for NaN, infinite or no training data, and for columns of quite
    different ranges, which are no pixels: of a table, `normalize_columns` scales each by itself.
    """
    splits, train_x = _checked(dset, "normalize_pixels")
    if train_x.ndim == 2:
        largest = np.maximum(train_x.max(axis=0), -train_x.min(axis=0))
        there = largest[largest > 0]
        if len(there) and there.max() > FARTHEST * there.min():
            raise ValueError(
                f"normalize_pixels: expected pictures, whose columns have one range, got columns "
                f"with numbers up to {there.min():g} and up to {there.max():g} in dset; "
                f"normalize_columns scales each by itself"
            )
    mean = float(train_x.mean(dtype=np.float64))
    deviation = float(train_x.std(dtype=np.float64)) or 1.0  # a constant data set becomes zeros
    return _each(splits, lambda x: (x - mean) / deviation)


def _checked(dset: Dataset, owner: str) -> tuple[list[tuple[FloatArray, Any]], FloatArray]:
    """The splits with `x` as floats, and the training split's."""
    train, val, test = check_dataset(dset, 3, owner)
    named = zip(("training", "validation", "test"), (train, val, test), strict=True)
    splits = [(as_floats(x, owner, f"{what} data of dset"), y) for what, (x, y) in named]
    train_x = splits[0][0]
    if train_x.size == 0 or not np.isfinite(train_x).all():
        raise ValueError(
            f"{owner}: expected finite numbers as training data, at least one, in dset, "
            f"got an array {train_x.shape}{' with NaN or infinities' if train_x.size else ''}"
        )
    return splits, train_x


def _each(
    splits: list[tuple[FloatArray, Any]], scale: Callable[[FloatArray], FloatArray]
) -> Dataset:
    """The splits with `scale(x)` for `x`, each in its own dtype."""
    train, val, test = ((scale(x).astype(x.dtype, copy=False), y) for x, y in splits)
    return train, val, test


__all__ = ["column_scales", "normalize_columns", "normalize_pixels", "standardized"]
