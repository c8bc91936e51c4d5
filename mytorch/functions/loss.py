"""Losses on tensors: the cross-entropy of logits and class numbers, the mean squared error.

The cross-entropy is one operation. It is not the classic criterion, which takes the wanted output
as rows, gives a loss for each of them and averages nothing; what both compute from is
`shifted_exponentials`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.autograd_engine import ContextManager, Function, Tensor
from mytorch.checks.arrays import as_floats
from mytorch.checks.labels import places_of_labels
from mytorch.checks.methods import quiet
from mytorch.checks.settings import check_reduction
from mytorch.functions.axes import Mean, Sum
from mytorch.functions.elementwise import Mul, Sub
from mytorch.functions.unary import Cast
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
        labels = target.data if hasattr(target, "grad_fn") else target
        at_labels = places_of_labels(labels, logits)
        with quiet():
            shifted, exponentials, others = shifted_exponentials(logits)
            losses = np.log1p(others[:, 0]) - shifted.take(at_labels)
            mean = _mean(losses)
        difference = ctx.difference = np.divide(exponentials, 1 + others, out=exponentials)
        difference.put(at_labels, difference.take(at_labels) - 1)
        return predicted.wrap(mean)

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor, None]:
        """`g (softmax(predicted) - target) / batch`, where `target` is 1 at the label, else 0."""
        difference = ctx.difference
        return grad_output.wrap(difference * (grad_output.data / len(difference))), None


def _mean(losses: Array) -> Any:
    """Their mean; where the sum leaves the dtype's range, that of each one's share."""
    # `losses.sum()` takes twice the time for so little, and so do NumPy's single numbers
    mean = float(np.add.reduce(losses)) / len(losses)
    if math.isinf(mean):
        mean = np.minimum((losses / float(len(losses))).sum(), losses.max())
    return np.array(mean, losses.dtype)


def cross_entropy(predicted: Tensor, target: Any) -> Tensor:
    """The mean cross-entropy, a scalar, of logits `(batch, n)` and integer labels `(batch,)`.

    Raises ValueError where the shapes do not fit or a label is out of range, TypeError where the
    labels are no integers.
    """
    return CrossEntropy.apply(predicted, target)


def mse_loss(predicted: Tensor, target: Any, *, reduction: str = "mean") -> Tensor:
    """The mean of the squared differences; their "sum", or with "none" each by itself.

    `target`, a tensor or an array, has the shape of `predicted`: ValueError for another one, which
    broadcasting would repeat. What leaves the dtype's range becomes inf, without a warning.
    """
    reduction = check_reduction("mse_loss", reduction)
    if not hasattr(predicted, "grad_fn"):
        found = type(predicted).__name__
        raise TypeError(f"mse_loss: expected a tensor as predicted, got {found}")
    if predicted.data.dtype.kind != "f":
        predicted = Cast.apply(predicted, np.float64)
    if not hasattr(target, "grad_fn"):
        target = as_floats(target, "mse_loss", "target")
        target = predicted.wrap(target.astype(predicted.data.dtype, copy=False))
    if predicted.data.shape != target.data.shape:
        raise ValueError(
            f"mse_loss: expected a target of the output's shape {predicted.data.shape}, "
            f"got {target.data.shape}{_remedy(predicted.data, target.data)}"
        )
    with quiet():
        difference = Sub.apply(predicted, target)
        squares = Mul.apply(difference, difference)
        if reduction == "none":
            return squares
        return (Mean if reduction == "mean" else Sum).apply(squares)


def _remedy(output: Array, target: Array) -> str:
    """What gives the target the output's shape, where only dimensions of size 1 differ."""
    same = [n for n in output.shape if n != 1] == [n for n in target.shape if n != 1]
    return f"; write np.reshape(target, {output.shape})" if same else ""


__all__ = ["CrossEntropy", "cross_entropy", "mse_loss"]
