"""Gradient descent with momentum."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mytorch.checks.settings import Setting
from mytorch.optim.optimizer import Optimizer


class SGD(Optimizer):
    """Stochastic gradient descent with momentum (000 §3.6, 002 §2.3 and §2.6).

    Attributes
    ----------
    lr, momentum : learning rate, and the share of the last step that is taken again, from 0 to 1.
    weight_decay : added to every gradient, times the parameter: the gradient of
        `weight_decay / 2 * sum(W^2)`; at least 0.
    momentums : the last step of each parameter, arrays of its shape, zeros at first.
    """

    state = ("momentums",)
    on_threads = True
    momentum = Setting(0, 1)
    weight_decay = Setting(0)
    momentums: list[Any]

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 0.001,
        momentum: float = 0.0,
        *,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr)
        self.momentum = momentum
        self.weight_decay = weight_decay

    def update(self, W: Any, dW: Any, v: Any) -> None:
        """`v = momentum * v - lr * dW`, `W = W + v`; with decay, `dW + weight_decay * W`."""
        if self.weight_decay:
            dW = dW + self.weight_decay * W
        v *= self.momentum
        v -= self.lr * dW
        W += v


__all__ = ["SGD"]
