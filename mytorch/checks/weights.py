"""Checks of weights of classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray, as_floats, title


def check_weights(weights: npt.ArrayLike, owner: object) -> FloatArray:
    """A copy of positive, finite numbers `(n,)`, one for each class."""
    array = as_floats(weights, owner, "weights")
    if array.ndim != 1 or not len(array):
        raise ValueError(
            f"{title(owner)}: expected a number for each class as weights (n,), got {array.shape}"
        )
    if not (np.isfinite(array).all() and array.min() > 0):
        raise ValueError(
            f"{title(owner)}: expected positive numbers as weights, got {array.min():g} to "
            f"{array.max():g}"
        )
    return np.array(array)


def check_columns(owner: Any, weights: FloatArray, columns: int) -> None:
    """ValueError where there is not a weight for each column of the output."""
    if len(weights) != columns:
        raise ValueError(
            f"{title(owner)}: expected the network's output (batch, {len(weights)}), a column for "
            f"each weight, got {columns} columns"
        )
