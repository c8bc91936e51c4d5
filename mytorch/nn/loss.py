"""Losses on tensors."""

from __future__ import annotations

from typing import Any

from mytorch import functions as F
from mytorch.nn.module import Module
from mytorch.tensor import Tensor


class CrossEntropyLoss(Module):
    """The mean cross-entropy of the softmax of logits (002 §2.5 and app. B)."""

    def forward(self, predicted: Tensor, target: Any) -> Tensor:
        """A scalar, from logits `(batch, n)` and integer labels `(batch,)`."""
        return F.CrossEntropy.apply(predicted, target)


__all__ = ["CrossEntropyLoss"]
