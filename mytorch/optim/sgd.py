"""Gradient descent with momentum."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mytorch.optim.optimizer import Optimizer
from mytorch.tensor import Tensor


class SGD(Optimizer):
    """Stochastic gradient descent with momentum (002 §2.3 and §2.6).

    Attributes
    ----------
    lr, momentum : learning rate, and the share of the last step that is taken again.
    momentums : the last step of each parameter, arrays of its shape, zeros at first.
    """

    def __init__(self, params: Iterable[Tensor], lr: float = 0.001, momentum: float = 0.0) -> None:
        super().__init__(params)
        if not (0 <= lr < np.inf and 0 <= momentum <= 1):
            raise ValueError(
                f"SGD: expected lr of at least 0 and momentum from 0 to 1, got {lr} and {momentum}"
            )
        self.lr = lr
        self.momentum = momentum
        self.momentums = [np.zeros_like(parameter.data) for parameter in self.params]

    def step(self) -> None:
        """`v = momentum * v - lr * grad`, `W = W + v` for every parameter that has a gradient."""
        lr, momentum = float(self.lr), float(self.momentum)
        for parameter, velocity in zip(self.params, self.momentums, strict=True):
            if parameter.grad is not None:
                velocity *= momentum
                velocity -= lr * parameter.grad.data
                parameter.data = parameter.data + velocity


__all__ = ["SGD"]
