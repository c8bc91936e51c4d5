"""Batch norm of a course, right or with mistakes."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np

from tests.autograder.shared.conventions import Conventions

Mistakes = Set[str]


def batchnorm(cv: Conventions, m: Mistakes) -> Any:
    eps = 1e-5 if "eps of 1e-5" in m else 1e-3 if "eps of 1e-3" in m else cv.eps
    flat = "statistics are (C,)" in m

    def put(layer: Any, name: str, value: Any) -> None:
        cv.put(layer, name, value[0] if flat else cv.batch(value))

    def get(layer: Any, name: str) -> Any:
        value = cv.get(layer, name)
        return np.reshape(value, (1, -1))

    def norm(x: Any, mean: Any, var: Any) -> Any:
        root = np.sqrt(var) + eps if "eps outside the root" in m else np.sqrt(var + eps)
        return (x - mean) / root

    class BatchNorm1d:
        def __init__(self, columns: int, alpha: float = cv.alpha) -> None:
            self.keep = alpha
            for name, value in (("gamma", 1.0), ("beta", 0.0), ("dgamma", 0.0), ("dbeta", 0.0),
                                ("running_mean", 0.0), ("running_var", 1.0)):  # fmt: skip
                put(self, name, np.full((1, columns), value))

        def forward(self, x: Any, eval: bool = False) -> Any:
            x = cv.batch(x)
            if eval and "eval with the statistics of the batch" in m:
                n = norm(x, x.mean(0, keepdims=True), x.var(0, keepdims=True))
            elif eval and "eval does not normalise" in m:
                n = x
            elif eval:
                n = norm(x, get(self, "running_mean"), get(self, "running_var"))
            else:
                n = self._train(x)
            if "gamma and beta left out in eval" in m and eval:
                return cv.batch(n)
            if "gamma and beta left out" in m:
                return cv.batch(n)
            return cv.batch(n * get(self, "gamma") + get(self, "beta"))

        def _train(self, x: Any) -> Any:
            unbiased = int("variance unbiased" in m)
            self.mean, self.var = x.mean(0, keepdims=True), x.var(0, keepdims=True, ddof=unbiased)
            running = x.var(0, keepdims=True, ddof=1) if "running variance unbiased" in m \
                else self.var  # fmt: skip
            keep = 1 - self.keep if "alpha on the wrong side" in m else self.keep
            never = "running statistics never updated" in m
            if not (never or "running mean never updated" in m):
                put(self, "running_mean", keep * get(self, "running_mean") + (1 - keep) * self.mean)
            if not (never or "running variance never updated" in m):
                put(self, "running_var", keep * get(self, "running_var") + (1 - keep) * running)
            self.x, self.n = x, norm(x, self.mean, self.var)
            return self.n

        def backward(self, delta: Any) -> Any:
            delta = cv.batch(delta)
            dgamma = (delta * self.n).sum(0, keepdims=True)
            dbeta = delta.sum(0, keepdims=True)
            if "dgamma and dbeta averaged" in m:
                dgamma, dbeta = dgamma / len(delta), dbeta / len(delta)
            if "dgamma and dbeta left out" not in m:
                put(self, "dgamma", dgamma)
                put(self, "dbeta", dbeta)
            elif "dgamma and dbeta left out" in m:
                cv.put(self, "dgamma", None)
                cv.put(self, "dbeta", None)
            d = delta if "gamma forgotten in dx" in m else delta * get(self, "gamma")
            if "gamma and beta left out" in m:
                d = delta
            dx = d - 0
            if "term of the mean missing in dx" not in m:
                dx = dx - d.mean(0, keepdims=True)
            if "term of the variance missing in dx" not in m:
                share = (d * (self.x - self.mean)).mean(0, keepdims=True) / (self.var + eps)
                ddof = len(delta) / (len(delta) - 1) if "variance unbiased" in m else 1.0
                dx = dx - ddof * (self.x - self.mean) * share
            return cv.batch(dx / np.sqrt(self.var + eps))

    return BatchNorm1d
