"""Criteria: how far the output of a network is from what was wanted.

`forward(x, y)` gives one loss per row, `derivative()` the gradient `Y - D` of each row's loss;
neither is averaged over the batch (001 §3.2; the average is taken in the layers, 001 §3.6).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mytorch.activation import shifted_exponentials
from mytorch.checks.arrays import FloatArray, as_floats, forgot_forward
from mytorch.numeric.sums import row_sums


class Criterion:
    """What all criteria have in common; on its own it computes nothing.

    Attributes
    ----------
    logits : what the last `forward` was given for the network's output, `(batch, n)`.
    labels : the wanted output, `(batch, n)`: one-hot rows, or any distribution.
    loss : the last loss, `(batch,)`.
    All three are None before the first `forward`. The dtype is that of `logits`.
    """

    takes_probabilities = False
    """True where `forward` takes a softmax's output but `derivative` is for the softmax's input."""

    def __init__(self) -> None:
        self.logits: FloatArray | None = None
        self.labels: FloatArray | None = None
        self.loss: FloatArray | None = None

    def __call__(self, x: npt.ArrayLike, y: npt.ArrayLike) -> FloatArray:
        """`forward(x, y)`."""
        return self.forward(x, y)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def forward(self, x: npt.ArrayLike, y: npt.ArrayLike) -> FloatArray:
        """The loss of each row, `(batch,)`, from output `x` and labels `y`, both `(batch, n)`.

        Raises ValueError where the shapes differ, TypeError for anything not real.
        """
        raise NotImplementedError(f"{type(self).__name__} has no forward yet")

    def derivative(self) -> FloatArray:
        """The gradient of each row's loss, `(batch, n)`, not averaged.

        Raises RuntimeError before the first `forward`.
        """
        raise NotImplementedError(f"{type(self).__name__} has no derivative yet")

    def _keep(self, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Checks both arguments, keeps them in `logits` and `labels`, and returns them."""
        logits = as_floats(x, self, "network output")
        labels = as_floats(y, self, "labels")
        if logits.ndim != 2 or 0 in logits.shape:
            raise ValueError(
                f"{self!r}: expected the network's output as (batch, n) with at least one row "
                f"and one column, got {logits.shape}"
            )
        if labels.shape != logits.shape:
            hint = ""
            if labels.shape in (logits.shape[:1], (len(logits), 1)):
                hint = f"; for class numbers use datasets.one_hot(labels, {logits.shape[1]})"
            raise ValueError(
                f"{self!r}: expected labels of the output's shape {logits.shape}, "
                f"got {labels.shape}{hint}"
            )
        self.logits = logits
        self.labels = labels.astype(logits.dtype, copy=False)
        return self.logits, self.labels

    def _difference(self, output: FloatArray | None) -> FloatArray:
        """`Y - D` (001 §3.2.1)."""
        if output is None or self.labels is None:
            raise forgot_forward(self, "derivative")
        return output - self.labels


class SoftmaxCrossEntropy(Criterion):
    """Cross-entropy of the softmax of logits, computed together (000 §2.1 and app. A).

    Attributes
    ----------
    probabilities : the softmax of the last logits, `(batch, n)`; None before the first `forward`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.probabilities: FloatArray | None = None

    def forward(self, x: npt.ArrayLike, y: npt.ArrayLike) -> FloatArray:
        """`-sum_i y_i log softmax(x)_i` per row, by the LogSumExp trick: no overflow, no NaN."""
        logits, labels = self._keep(x, y)
        shifted, exponentials, others = shifted_exponentials(logits, self)
        self.probabilities = np.divide(exponentials, 1 + others, out=exponentials)
        log_softmax = np.subtract(shifted, np.log1p(others), out=shifted)
        with np.errstate(over="ignore"):  # a loss beyond the dtype's range is inf
            self.loss = -row_sums(labels * log_softmax)[:, 0]
        return self.loss

    def derivative(self) -> FloatArray:
        """`softmax(x) - y`, the gradient for the logits of rows `y` that sum to 1 (000 app. A)."""
        return self._difference(self.probabilities)


class CrossEntropy(Criterion):
    """Cross-entropy of probabilities, the walk-through's form (001 §2.3 and §3.2.2).

    `forward` takes the output of a softmax, `derivative` is for the input of that softmax. For
    training prefer `SoftmaxCrossEntropy`: a probability may round to 0, and its loss is infinite.
    """

    takes_probabilities = True

    def forward(self, x: npt.ArrayLike, y: npt.ArrayLike) -> FloatArray:
        """`-sum_i y_i log x_i` per row; `0 log 0 = 0`.

        Also raises ValueError for numbers that are no probabilities, such as logits.
        """
        probabilities, labels = self._keep(x, y)
        low, high = probabilities.min(), probabilities.max()
        if not (low >= 0 and high <= 1.001):  # a rounding error above 1 is none
            raise ValueError(
                f"{self!r}: expected probabilities from 0 to 1, got numbers from {low:.6g} to "
                f"{high:.6g}; pass the output of a Softmax, or logits to SoftmaxCrossEntropy"
            )
        with np.errstate(divide="ignore"):
            log = np.log(probabilities, where=labels != 0, out=np.zeros_like(probabilities))
        self.loss = -(labels * log).sum(axis=1)
        return self.loss

    def derivative(self) -> FloatArray:
        """`Y - D`: the gradient for the logits that the softmax was given (001 §3.2.2)."""
        return self._difference(self.logits)


class L2(Criterion):
    """Half the squared distance (001 §2.3)."""

    def forward(self, x: npt.ArrayLike, y: npt.ArrayLike) -> FloatArray:
        """`1/2 sum_i (Y_i - D_i)^2` per row; inf, without a warning, beyond the dtype's range."""
        output, target = self._keep(x, y)
        with np.errstate(over="ignore"):
            difference = output - target
            # halved first: the half of a square may be in the range where the square is not
            self.loss = (0.5 * difference * difference).sum(axis=1)
        return self.loss

    def derivative(self) -> FloatArray:
        """`Y - D` (001 §3.2.1)."""
        with np.errstate(over="ignore"):
            return self._difference(self.logits)


__all__ = ["L2", "Criterion", "CrossEntropy", "SoftmaxCrossEntropy"]
