"""Criteria: how far the output of a network is from what was wanted.

`forward(x, y)` gives one loss per row, `derivative()` the gradient `Y - D` of each row's loss;
neither is averaged over the batch (001 §3.2; the average is taken in the layers, 001 §3.6).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray
from mytorch.checks.weights import check_columns, check_weights
from mytorch.layer import Criterion
from mytorch.numeric.softmax import softmax_and_log
from mytorch.numeric.sums import row_sums


class SoftmaxCrossEntropy(Criterion, checked=True):
    """Cross-entropy of the softmax of logits, computed together (000 §2.1 and app. A).

    Attributes
    ----------
    probabilities : the softmax of the last logits, `(batch, n)`; None before the first `forward`.
    """

    kept = (*Criterion.kept, "probabilities")
    applies_softmax = True

    def forward(self, x: Any, y: Any) -> FloatArray:
        """`-sum_i y_i log softmax(x)_i` per row, by the LogSumExp trick: no overflow, no NaN."""
        self.probabilities, log = softmax_and_log(x)
        return -row_sums(y * log)[:, 0]  # inf beyond the dtype's range

    def derivative(self) -> FloatArray:
        """`softmax(x) - y`, the gradient for the logits of rows `y` that sum to 1 (000 app. A)."""
        return self.probabilities - self.labels


class WeightedSoftmaxCrossEntropy(SoftmaxCrossEntropy, checked=True):
    """`SoftmaxCrossEntropy` with a weight for each class, where some have few samples.

    `weights (n,)` are positive; those of `class_weights` average 1 over the samples.
    """

    kept = (*SoftmaxCrossEntropy.kept, "weighted")

    def __init__(self, weights: npt.ArrayLike) -> None:
        self.weights = check_weights(weights, type(self).__name__)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({np.round(self.weights, 4).tolist()})"

    def forward(self, x: Any, y: Any) -> FloatArray:
        """`-sum_i w_i y_i log softmax(x)_i` per row."""
        check_columns(self, self.weights, x.shape[1])
        self.weighted = y * self.weights.astype(x.dtype, copy=False)
        self.probabilities, log_probabilities = softmax_and_log(x)
        return -row_sums(self.weighted * log_probabilities)[:, 0]

    def derivative(self) -> FloatArray:
        """`(sum_i w_i y_i) softmax(x) - w y`, the gradient for the logits of each row."""
        return row_sums(self.weighted) * self.probabilities - self.weighted


class CrossEntropy(Criterion, checked=True):
    """Cross-entropy of probabilities, the walk-through's form (001 §2.3 and §3.2.2).

    `forward` takes the output of a softmax, `derivative` is for the input of that softmax. For
    training prefer `SoftmaxCrossEntropy`: a probability may round to 0, and its loss is infinite.
    """

    takes_probabilities = True
    passes_softmax = True

    def forward(self, x: Any, y: Any) -> FloatArray:
        """`-sum_i y_i log x_i` per row; `0 log 0 = 0`.

        Also raises ValueError for numbers that are no probabilities, such as logits.
        """
        with np.errstate(divide="ignore"):
            log = np.log(x, where=y != 0, out=np.zeros_like(x))
        return -(y * log).sum(axis=1)

    def derivative(self) -> FloatArray:
        """`Y - D`: the gradient for the logits that the softmax was given (001 §3.2.2)."""
        return self.logits - self.labels


class ProbabilityCrossEntropy(CrossEntropy, checked=True):
    """The same cross-entropy with its derivative for the probabilities (003 question 1.1).

    The softmax in front of it then has a backward pass of its own, its Jacobian's.
    """

    passes_softmax = False

    def derivative(self) -> FloatArray:
        """`-y_i / x_i`, `(batch, n)`; 0 where `y_i` is, -inf for a wanted probability near 0."""
        with np.errstate(divide="ignore", over="ignore"):
            y: Any = self.labels
            return np.divide(-y, self.logits, where=y != 0, out=np.zeros_like(y))


class L2(Criterion, checked=True):
    """Half the squared distance (001 §2.3)."""

    def forward(self, x: Any, y: Any) -> FloatArray:
        """`1/2 sum_i (Y_i - D_i)^2` per row; inf, without a warning, beyond the dtype's range."""
        difference = x - y
        # halved first: the half of a square may be in the range where the square is not
        return (0.5 * difference * difference).sum(axis=1)

    def derivative(self) -> FloatArray:
        """`Y - D` (001 §3.2.1)."""
        with np.errstate(over="ignore"):
            return self.logits - self.labels


__all__ = [
    "L2", "Criterion", "CrossEntropy", "ProbabilityCrossEntropy", "SoftmaxCrossEntropy",
    "WeightedSoftmaxCrossEntropy",
]  # fmt: skip
