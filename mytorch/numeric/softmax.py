"""The softmax of rows of logits `(batch, n)` and its logarithm, without overflow."""

from __future__ import annotations

import numpy as np

from mytorch.checks.arrays import FloatArray
from mytorch.numeric.sums import row_sums


def softmax(logits: FloatArray) -> FloatArray:
    """`exp(z_j) / sum_k exp(z_k)` for each row (000 app. A)."""
    _, exponentials, others = shifted_exponentials(logits)
    return np.divide(exponentials, 1 + others, out=exponentials)


def log_softmax(logits: FloatArray) -> FloatArray:
    """`z_j - log sum_k exp(z_k)` for each row (002 app. B, step 1)."""
    shifted, _, others = shifted_exponentials(logits)
    return np.subtract(shifted, np.log1p(others), out=shifted)


def softmax_and_log(logits: FloatArray) -> tuple[FloatArray, FloatArray]:
    """`softmax` and `log_softmax` from one set of exponentials."""
    shifted, exponentials, others = shifted_exponentials(logits)
    logarithm = np.subtract(shifted, np.log1p(others), out=shifted)
    return np.divide(exponentials, 1 + others, out=exponentials), logarithm


def shifted_exponentials(logits: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """`(shifted, exponentials, others)` of each row: the LogSumExp trick (000 §2.1, 002 app. B.1).

    `shifted = logits - max_k logits_k (batch, n)`, `exponentials = exp(shifted) (batch, n)`, and
    `others (batch, 1)` is the sum of the exponentials but for the largest, which is exp(0) = 1. So
    nothing overflows; softmax is `exponentials / (1 + others)`, and its logarithm
    `shifted - log1p(others)`: in `1 + others` a confident row's small sum would be lost, and its
    loss with it. All three are new arrays.
    """
    largest = logits.argmax(axis=1) + np.arange(0, logits.size, logits.shape[1])  # in flat order
    shifted = logits - logits.take(largest)[:, None]
    # A difference beyond the dtype's range would be -inf, and -inf times a label of 0 a NaN.
    np.maximum(shifted, np.finfo(shifted.dtype).min, out=shifted)
    exponentials = np.exp(shifted)
    ones = exponentials.take(largest)  # or NaN, where the logits are not finite
    exponentials.put(largest, 0)
    others = row_sums(exponentials)
    exponentials.put(largest, ones)
    return shifted, exponentials, others
