"""The cross-entropy of logits and integer labels as one operation on tensors.

It is not the classic criterion, which takes the wanted output as rows, gives a loss for each of
them and averages nothing; what both compute from is `shifted_exponentials`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.autograd_engine import ContextManager, Function, Tensor
from mytorch.checks.arrays import array_or_none, as_floats, is_masked
from mytorch.checks.methods import quiet
from mytorch.numeric.softmax import shifted_exponentials

Array = npt.NDArray[Any]


class CrossEntropy(Function):
    """The mean cross-entropy of the softmax of logits (002 app. B)."""

    @staticmethod
    def forward(ctx: ContextManager, predicted: Tensor, target: Any) -> Tensor:
        """The mean of `-log softmax(predicted)` at the labels, for integer labels `(batch,)`."""
        if not hasattr(predicted, "grad_fn"):
            found = type(predicted).__name__
            raise TypeError(f"CrossEntropy: expected a tensor of logits, got {found}")
        logits = as_floats(predicted.data, "CrossEntropy", "logits")
        labels = _checked(target.data if hasattr(target, "grad_fn") else target, logits)
        with quiet():
            shifted, exponentials, others = shifted_exponentials(logits)
        at_labels = np.arange(0, logits.size, logits.shape[1]) + labels  # in flat order
        losses = np.log1p(others[:, 0]) - shifted.take(at_labels)
        difference = ctx.difference = np.divide(exponentials, 1 + others, out=exponentials)
        difference.put(at_labels, difference.take(at_labels) - 1)
        return predicted.wrap(_mean(losses))

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor, None]:
        """`g (softmax(predicted) - target) / batch`, where `target` is 1 at the label, else 0."""
        difference = ctx.difference
        return grad_output.wrap(difference * (grad_output.data / len(difference))), None


def _checked(labels: Any, logits: Array) -> Array:
    """Integer labels from 0 to n - 1, one for each row of logits `(batch, n)`."""
    if type(labels) is not np.ndarray:
        if is_masked(labels):
            raise TypeError("CrossEntropy: expected an ordinary array as labels, got a masked one")
        labels = array_or_none(labels)
    if logits.ndim != 2 or not logits.size or labels.shape != logits.shape[:1]:
        hint = "; for one-hot labels use labels.argmax(axis=1)" if labels.ndim == 2 else ""
        raise ValueError(
            f"CrossEntropy: expected logits (batch, n) of at least one row and labels (batch,), "
            f"got {logits.shape} and {labels.shape}{hint}"
        )
    n = logits.shape[1]
    if labels.dtype.kind not in "iu":
        raise TypeError(f"CrossEntropy: expected integer labels, got dtype {labels.dtype}")
    # as unsigned numbers negative labels are huge, so one maximum tells of both ends
    if labels.astype(np.uintp).max() >= n:
        wrong = np.flatnonzero((labels < 0) | (labels >= n))[0]
        raise ValueError(
            f"CrossEntropy: expected labels from 0 to {n - 1}, got {labels[wrong]} at index {wrong}"
        )
    return labels.astype(np.intp, copy=False)


def _mean(losses: Array) -> Any:
    """Their mean; where the sum leaves the dtype's range, that of each one's share."""
    with np.errstate(over="ignore"):
        mean = losses.sum() / len(losses)
        if math.isinf(mean):
            mean = np.minimum((losses / len(losses)).sum(), losses.max())
    return losses.dtype.type(mean)


def cross_entropy(predicted: Tensor, target: Any) -> Tensor:
    """The mean cross-entropy, a scalar, of logits `(batch, n)` and integer labels `(batch,)`.

    Raises ValueError where the shapes do not fit or a label is out of range, TypeError where the
    labels are no integers.
    """
    return CrossEntropy.apply(predicted, target)


__all__ = ["CrossEntropy", "cross_entropy"]
