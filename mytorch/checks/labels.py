"""What the labels of a criterion must be: rows of the output's shape, or class numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import (
    FloatArray,
    array_or_none,
    as_floats,
    is_masked,
    title,
)
from mytorch.checks.remedies import integers_remedy, labels_remedy

ROUNDING = 1e-3
"""By how much the sum of a row of probabilities may miss 1."""


def as_labelled(
    output: npt.ArrayLike, labels: npt.ArrayLike, criterion: Any
) -> tuple[FloatArray, FloatArray]:
    """A network's output and labels of its shape `(batch, n)`, both in the output's dtype.

    Raises ValueError for other shapes, for numbers that are no probabilities where the criterion
    takes those, and for negative labels of a cross-entropy; TypeError for anything not real.
    """
    x = as_floats(output, criterion, "network output")
    y = as_floats(labels, criterion, "labels")
    if x.ndim != 2 or 0 in x.shape:
        raise ValueError(
            f"{criterion!r}: expected the network's output as (batch, n) with at least one row "
            f"and one column, got {x.shape}"
        )
    if y.shape != x.shape:
        raise ValueError(
            f"{criterion!r}: expected labels of the output's shape {x.shape}, got {y.shape}"
            f"{labels_remedy(array_or_none(labels), *x.shape)}"
        )
    # a rounding error above 1 is none
    if criterion.takes_probabilities and not (x.min() >= 0 and x.max() <= 1.001):
        raise ValueError(
            f"{criterion!r}: expected probabilities from 0 to 1, got numbers from {x.min():.6g} "
            f"to {x.max():.6g}; pass the output of a Softmax, or logits to SoftmaxCrossEntropy"
        )
    if y.min() < 0 and is_cross_entropy(criterion):
        raise ValueError(
            f"{criterion!r}: expected labels of at least 0, shares of each class, got "
            f"{y.min():.6g}; one-hot rows have 1 and 0, and other numbers are learned with L2()"
        )
    return x, y if y.dtype is x.dtype else y.astype(x.dtype, copy=False)


def is_cross_entropy(criterion: Any) -> bool:
    """Whether a criterion compares the shares of classes."""
    return bool(
        getattr(criterion, "takes_probabilities", False)
        or getattr(criterion, "applies_softmax", False)
    )


def check_trainable(network: Any, labels: FloatArray, what: str) -> None:
    """ValueError for labels whose loss has not the gradient by which a network would be trained.

    The derivative of a cross-entropy is `Y - D`, which is its gradient where the rows of `D` sum to
    1.
    """
    criterion = network.criterion
    if not is_cross_entropy(criterion):
        return
    wrong = np.flatnonzero(~sum_to_one(labels))
    if len(wrong):
        raise ValueError(
            f"{title(network)}: expected {what} whose rows are at least 0 and sum to 1 for "
            f"{criterion!r}, got a sum of {labels[wrong[0]].sum():.6g} in row {wrong[0]}; make "
            f"one-hot rows of class numbers with datasets.one_hot, or use L2() for other numbers"
        )


def sum_to_one(labels: FloatArray) -> npt.NDArray[np.bool_]:
    """Whether each row `(N, n)` is a distribution: at least 0, with the sum 1; `(N,)`."""
    with np.errstate(invalid="ignore", over="ignore"):  # inf - inf
        return (np.abs(labels.sum(axis=1) - 1) <= ROUNDING) & (labels.min(axis=1) >= 0)


def places_of_labels(labels: Any, logits: FloatArray) -> npt.NDArray[np.intp]:
    """Where the logits `(batch, n)` at integer labels from 0 to n - 1 `(batch,)` are, row by row.

    Raises ValueError for a label out of range and for another shape, TypeError for non-integers.
    """
    given = array_or_none(labels)
    if is_masked(labels):
        raise TypeError("CrossEntropy: expected an ordinary array as labels, got a masked one")
    if logits.ndim != 2 or not logits.size or given.shape != logits.shape[:1]:
        raise ValueError(
            f"CrossEntropy: expected logits (batch, n) of at least one row and labels (batch,), "
            f"got {logits.shape} and {given.shape}{_as_numbers(given, logits.shape)}"
        )
    n = logits.shape[1]
    if given.dtype.kind not in "iu":
        hint = integers_remedy(given)
        raise TypeError(f"CrossEntropy: expected integer labels, got dtype {given.dtype}{hint}")
    try:
        rows = np.arange(len(given))
        return np.ravel_multi_index((rows, given.astype(np.intp, copy=False)), logits.shape)
    except ValueError:
        wrong = np.flatnonzero((given < 0) | (given >= n))[0]
        raise ValueError(
            f"CrossEntropy: expected labels from 0 to {n - 1}, got {given[wrong]} at index {wrong}"
        ) from None


def _as_numbers(labels: npt.NDArray[Any], shape: tuple[int, ...]) -> str:
    """How labels that are given another way become class numbers; "" where they do not."""
    if labels.dtype.kind not in "biuf" or len(shape) != 2:
        return ""
    if labels.shape == (shape[0], 1):
        return "; for a column of class numbers use np.reshape(labels, -1)"
    if labels.shape != shape:
        return ""
    if ((labels == 0) | (labels == 1)).all() and (labels.sum(axis=1) == 1).all():
        return "; for one-hot labels use np.argmax(labels, axis=1)"
    return (
        "; the loss of other shares is -(Tensor(labels) * log_softmax(logits)).sum() / len(labels)"
    )
