"""Gradient descent with momentum."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from mytorch.checks.settings import check_real
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
        self.lr = check_real(lr, "SGD", "lr", 0)
        self.momentum = check_real(momentum, "SGD", "momentum", 0, 1)
        self.momentums = [np.zeros_like(parameter.data) for parameter in self.params]

    def step(self) -> None:
        """`v = momentum * v - lr * grad`, `W = W + v` for every parameter that has a gradient."""
        lr, momentum = (
            check_real(self.lr, "SGD", "lr", 0),
            check_real(self.momentum, "SGD", "momentum", 0, 1),
        )
        for parameter, velocity in zip(self.params, self.momentums, strict=True):
            if parameter.grad is not None:
                if (
                    getattr(parameter.grad, "grad_fn", 0) == 0
                    or parameter.grad.shape != velocity.shape
                ):
                    raise _no_gradient(parameter)
                velocity *= momentum
                velocity -= lr * parameter.grad.data
                parameter.data = parameter.data + velocity


def _no_gradient(parameter: Tensor) -> Exception:
    """The error for a `grad` that somebody assigned and that does not fit."""
    grad: Any = parameter.grad
    if not isinstance(grad, Tensor):
        return TypeError(f"SGD: expected a Tensor as grad, got {type(grad).__name__}")
    return ValueError(
        f"SGD: expected a grad of the parameter's shape {parameter.shape}, got {grad.shape}"
    )


__all__ = ["SGD"]
