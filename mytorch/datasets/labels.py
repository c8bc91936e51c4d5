"""Class numbers as rows with a single 1."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray, array_or_none, float_dtype, is_masked
from mytorch.checks.remedies import integers_remedy
from mytorch.checks.settings import check_int


def one_hot(
    labels: npt.ArrayLike, num_classes: int, dtype: npt.DTypeLike = np.float64
) -> FloatArray:
    """`(N, num_classes)` with a single 1 in each row, at the row's label.

    `labels (N,)`, or a column `(N, 1)`, are integers from 0 to `num_classes - 1`. Raises ValueError
    for a label out of that range or another shape, TypeError for labels that are no integers.
    """
    if is_masked(labels) or hasattr(labels, "grad_fn"):
        raise TypeError(
            f"one_hot: expected labels as an ordinary array, got {type(labels).__name__}"
        )
    numbers = array_or_none(labels)
    if numbers.ndim == 2 and numbers.shape[1] == 1:
        numbers = numbers[:, 0]
    num_classes = check_int(num_classes, "one_hot", "num_classes")
    dtype = float_dtype(dtype)
    if numbers.ndim != 1:
        raise ValueError(f"one_hot: expected labels (N,), got {numbers.shape}")
    if numbers.dtype.kind not in "iu":
        raise TypeError(
            f"one_hot: expected integer labels, got dtype {numbers.dtype}{integers_remedy(numbers)}"
        )
    wrong = np.flatnonzero((numbers < 0) | (numbers >= num_classes))
    if len(wrong):
        raise ValueError(
            f"one_hot: expected labels from 0 to {num_classes - 1}, "
            f"got {numbers[wrong[0]]} at index {wrong[0]}"
        )
    rows = np.zeros((len(numbers), num_classes), dtype)
    rows[np.arange(len(numbers)), numbers] = 1
    return rows
