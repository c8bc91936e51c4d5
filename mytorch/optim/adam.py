"""Adam, and Adam with decoupled weight decay."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from mytorch.checks.settings import Setting
from mytorch.numeric.scratch import scratch
from mytorch.optim.optimizer import Optimizer

BELOW_ONE = math.nextafter(1, 0)


class Adam(Optimizer):
    """Steps of about `lr` in every direction, whatever the size of the gradient.

    Kingma and Ba 2015, algorithm 1: running means of the gradient and of its square, each divided
    by the share of it that is not yet there at first.

    Attributes
    ----------
    lr : the learning rate, at least 0.
    beta1, beta2 : how much of each running mean a step leaves as it was, from 0 to below 1.
    eps : added to the root, at least 0.
    eps_in_root : whether `eps` is added to what the root is taken of, as some courses do; False.
    weight_decay : added to every gradient, times the parameter; at least 0.
    means, squares : the running means for each parameter, arrays of its shape, zeros at first.
    """

    state = ("means", "squares")
    on_threads = True
    eps_in_root = False
    beta1 = Setting(0, BELOW_ONE)
    beta2 = Setting(0, BELOW_ONE)
    eps = Setting(0)
    weight_decay = Setting(0)
    means: list[Any]
    squares: list[Any]

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr)
        if not isinstance(betas, tuple | list) or len(betas) != 2:
            raise TypeError(f"{type(self).__name__}: expected two numbers as betas, got {betas!r}")
        self.beta1, self.beta2 = betas
        self.eps = eps
        self.weight_decay = weight_decay

    def update(self, W: Any, dW: Any, m: Any, v: Any) -> None:
        """One step of algorithm 1, with `m` and `v` for its moments.

        `m = beta1 m + (1 - beta1) dW`, `v = beta2 v + (1 - beta2) dW^2`, and
        `W = W - lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)`.
        """
        if self.weight_decay:
            dW = dW + self.weight_decay * W
        self._descend(W, dW, m, v)

    def _descend(self, W: Any, dW: Any, m: Any, v: Any) -> None:
        t, beta1, beta2 = self.t, self.beta1, self.beta2
        root2 = math.sqrt(1 - beta2**t)
        part = scratch("step", W.shape, W.dtype)
        np.subtract(dW, m, out=part)  # m = beta1 m + (1 - beta1) dW
        part *= 1 - beta1
        m += part
        np.square(dW, out=part)
        part -= v  # v = beta2 v + (1 - beta2) dW^2
        part *= 1 - beta2
        v += part
        # numerator and denominator are both multiplied by root2
        if self.eps_in_root:
            np.add(v, self.eps * root2**2, out=part)
            np.sqrt(part, out=part)
        else:
            np.sqrt(v, out=part)
            part += self.eps * root2
        np.divide(m, part, out=part)
        part *= self.lr * root2 / (1 - beta1**t)
        W -= part


class AdamW(Adam):
    """Adam whose weight decay does not pass through the moments (Loshchilov and Hutter 2019).

    Attributes as `Adam`; `weight_decay` is the share of `lr * W` that every step takes away.
    """

    def __init__(
        self,
        params: Iterable[Any] | None = None,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)

    def update(self, W: Any, dW: Any, m: Any, v: Any) -> None:
        """`W = W - lr * weight_decay * W`, then the step of `Adam` without decay."""
        W *= 1 - self.lr * self.weight_decay
        self._descend(W, dW, m, v)


__all__ = ["Adam", "AdamW"]
