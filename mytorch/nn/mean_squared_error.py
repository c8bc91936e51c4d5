"""The mean squared error on tensors."""

from __future__ import annotations

from typing import Any

from mytorch import functions as F
from mytorch.checks.settings import check_reduction
from mytorch.nn.module import Module
from mytorch.tensor import Tensor


class MSELoss(Module):
    """The mean of the squared differences, over all numbers.

    `reduction` may be "sum", for their sum, or "none", for each by itself.
    """

    def __init__(self, *, reduction: str = "mean") -> None:
        self.reduction = check_reduction("MSELoss", reduction)

    def forward(self, predicted: Tensor, target: Any) -> Tensor:
        """A scalar, from two of one shape; `target` is a tensor or an array."""
        return F.mse_loss(predicted, target, reduction=self.reduction)


__all__ = ["MSELoss"]
