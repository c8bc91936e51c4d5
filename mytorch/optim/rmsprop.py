"""RMSprop: every gradient divided by the root of its running mean square."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from mytorch.checks.settings import Setting
from mytorch.optim.optimizer import Optimizer


class RMSprop(Optimizer):
    """Gradient descent in which every number has a step of its own (Tieleman and Hinton 2012).

    Attributes
    ----------
    lr : the learning rate, at least 0.
    alpha : how much of the running mean square a step leaves as it was, from 0 to 1.
    eps : added to the root, at least 0.
    weight_decay : added to every gradient, times the parameter; at least 0.
    momentum : the share of the last step that is taken again, from 0 to 1.
    squares, momentums : running mean square and last step of each parameter, zeros at first.
    """

    state = ("squares", "momentums")
    on_threads = True
    alpha = Setting(0, 1)
    eps = Setting(0)
    weight_decay = Setting(0)
    momentum = Setting(0, 1)
    squares: list[Any]
    momentums: list[Any]

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
    ) -> None:
        super().__init__(params, lr)
        self.alpha = alpha
        self.eps = eps
        self.weight_decay = weight_decay
        self.momentum = momentum

    def update(self, W: Any, dW: Any, s: Any, v: Any) -> None:
        """`s = alpha s + (1 - alpha) dW^2`, `v = momentum v - lr dW / (sqrt(s) + eps)`, `W + v`."""
        if self.weight_decay:
            dW = dW + self.weight_decay * W
        s *= self.alpha
        s += (1 - self.alpha) * np.square(dW)
        v *= self.momentum
        v -= self.lr * dW / (np.sqrt(s) + self.eps)
        W += v


__all__ = ["RMSprop"]
