"""The batch norm of the classic homework, with switches for mistakes; see `model.py`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.autograder.course import Mistakes


class BatchNorm:
    """Batch norm of one layer."""

    m: Mistakes = frozenset()

    def __init__(self, columns: int) -> None:
        self.gamma, self.beta = np.ones((1, columns)), np.zeros((1, columns))
        self.dgamma, self.dbeta = np.zeros((1, columns)), np.zeros((1, columns))
        self.running_mean, self.running_var = np.zeros((1, columns)), np.ones((1, columns))
        self.mean, self.var = self.running_mean, self.running_var

    def root(self, var: Any) -> Any:
        m = self.m
        eps = 1e-5 if "eps of 1e-5" in m else 1e-8
        if "eps outside the root" in m:
            return np.sqrt(var) + eps
        if "square of the variance under the root" in m:
            return np.sqrt(var**2 + eps)
        if "root of the variance forgotten" in m:
            return var + eps
        return np.sqrt(var + eps)

    def forward(self, x: Any, eval: bool = False) -> Any:
        if eval:
            return self.evaluate(x)
        m, rows = self.m, len(x)
        self.x, self.mean = x, x.mean(axis=0, keepdims=True)
        unbiased = rows / (rows - 1)
        self.var = x.var(axis=0, keepdims=True)
        if "variance unbiased" in m:
            self.var = self.var * unbiased
        self.norm = (x - self.mean) / self.root(self.var)
        self._update(self.var * (unbiased if "running variance unbiased" in m else 1.0))
        if "gamma and beta left out" in m:
            return self.norm
        return self.gamma * self.norm + self.beta

    def _update(self, var: Any) -> None:
        if "running statistics never updated" in self.m:
            return
        alpha = 0.1 if "alpha on the wrong side" in self.m else 0.9
        if "running statistics replaced" in self.m:
            alpha = 0.0
        self.running_mean = alpha * self.running_mean + (1 - alpha) * self.mean
        if "running variance never updated" not in self.m:
            self.running_var = alpha * self.running_var + (1 - alpha) * var

    def evaluate(self, x: Any) -> Any:
        mean, var = self.running_mean, self.running_var
        if "eval with the statistics of the batch" in self.m:
            mean, var = x.mean(axis=0, keepdims=True), x.var(axis=0, keepdims=True)
        if "eval with the last training batch" in self.m:
            mean, var = self.mean, self.var
        out = (x - mean) / self.root(var)
        if "gamma and beta left out in eval" not in self.m:
            out = self.gamma * out + self.beta
        if "running statistics updated in eval" in self.m:
            self.mean, self.var = x.mean(axis=0, keepdims=True), x.var(axis=0, keepdims=True)
            self._update(self.var)
        return out

    def backward(self, delta: Any) -> Any:
        m, rows, root = self.m, len(delta), self.root(self.var)
        self.dgamma = (delta * self.norm).sum(axis=0, keepdims=True)
        self.dbeta = delta.sum(axis=0, keepdims=True)
        if "dgamma averaged" in m:
            self.dgamma = self.dgamma / rows
        if "dbeta averaged" in m:
            self.dbeta = self.dbeta / rows
        g = delta if "gamma forgotten in dx" in m else delta * self.gamma
        dx = g.copy()
        if "term of the mean missing in dx" not in m:
            dx -= g.mean(axis=0)
        if "term of the variance missing in dx" not in m:
            dx -= self.norm * (g * self.norm).mean(axis=0)
        return dx / root
