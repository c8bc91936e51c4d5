"""Batch normalisation, with the closed form of its backward pass."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray, Parameter, as_batch, float_dtype, forgot_forward
from mytorch.checks.settings import check_bool, check_int, check_real
from mytorch.numeric.sums import column_sums, powers_of_two, within_range


class BatchNorm:
    """Normalises every feature over the batch, then scales and shifts it (000 §3.5 and app. B).

    Parameters
    ----------
    in_feature : the number of features.
    alpha : how much of the running statistics a training batch leaves as it was, from 0 to 1.
    eps : added to the variance, so that a constant feature does not divide by zero.
    dtype : float32 or float64; assigning `gamma` can change the default of float64.

    Attributes
    ----------
    x, norm, out : input, normalised input and output of the last training `forward`,
        `(batch, in_feature)`; None before the first. All others are `(1, in_feature)`.
    mean, var : the batch's mean and biased variance.
    std : what the last training `forward` divided by, `sqrt(var + eps)`.
    gamma, dgamma, beta, dbeta : scale and shift with their gradients, which are summed over the
        batch (000 app. B eq. 33 and 34).
    running_mean, running_var : what `eval=True` uses in place of the batch's mean and variance.
    """

    gamma = Parameter(1, "in_feature", leads=True)
    dgamma = Parameter(1, "in_feature")
    beta = Parameter(1, "in_feature")
    dbeta = Parameter(1, "in_feature")
    running_mean = Parameter(1, "in_feature")
    running_var = Parameter(1, "in_feature")

    def __init__(
        self,
        in_feature: int,
        alpha: float = 0.9,
        eps: float = 1e-8,
        dtype: npt.DTypeLike | None = None,
    ) -> None:
        self.in_feature = in_feature = check_int(in_feature, "BatchNorm", "in_feature")
        self.alpha = check_real(alpha, self, "alpha", 0, 1)
        self.eps = check_real(eps, self, "eps", 0)
        self.dtype_fixed = dtype is not None
        self.dtype: np.dtype[Any] = float_dtype(np.float64 if dtype is None else dtype)
        zeros = np.zeros((1, in_feature), self.dtype)
        ones = np.ones((1, in_feature), self.dtype)

        self.x: FloatArray | None = None
        self.norm: FloatArray | None = None
        self.out: FloatArray | None = None
        self.mean: FloatArray = zeros.copy()
        self.var: FloatArray = ones.copy()
        self.std: FloatArray = ones.copy()

        self.gamma = ones
        self.dgamma = zeros
        self.beta = zeros
        self.dbeta = zeros

        self.running_mean = zeros
        self.running_var = ones

    def __call__(self, x: npt.ArrayLike, eval: bool = False) -> FloatArray:
        """`forward(x, eval)`."""
        return self.forward(x, eval)

    def __repr__(self) -> str:
        return f"BatchNorm({self.in_feature})"

    def forward(self, x: npt.ArrayLike, eval: bool = False) -> FloatArray:
        """`gamma * (x - mean) / sqrt(var + eps) + beta`, `(batch, in_feature)` (001 §4.1).

        In training, mean and biased variance are the batch's, and the running statistics become
        `alpha * running + (1 - alpha) * batch`. With `eval=True` they are the running ones and
        nothing in the layer changes (001 §4.3).
        Raises ValueError for another shape or an empty batch, TypeError for anything not real.
        """
        if eval is not False and check_bool(eval, self, "eval"):
            x = as_batch(x, self.in_feature, self.dtype, self)
            try:
                with np.errstate(over="raise", divide="raise", invalid="raise"):
                    norm = (x - self.running_mean) / np.sqrt(self.running_var + self.eps)
                    return self.gamma * norm + self.beta
            except FloatingPointError:
                return self._evaluate_extremes(x)
        out = self.normalize(x)
        alpha = self.alpha
        self.running_mean = alpha * self.running_mean + (1 - alpha) * self.mean
        self.running_var = alpha * self.running_var + (1 - alpha) * self.var
        return out

    def normalize(self, x: npt.ArrayLike) -> FloatArray:
        """As `forward` in training, but the running statistics stay (000 app. B eq. 28 to 31)."""
        x = as_batch(x, self.in_feature, self.dtype, self)
        mean, centred, var, std = self._statistics(x, self.eps)
        if within_range(std, self.eps):
            norm = np.divide(centred, std, out=centred)
        else:
            mean, norm, var, std = self._normalize_scaled(x)
        out = self.gamma * norm
        out += self.beta
        self.x, self.norm, self.out = x, norm, out
        self.mean, self.var, self.std = mean, var, std
        return out

    def _evaluate_extremes(self, x: FloatArray) -> FloatArray:
        """Evaluation where a step leaves the dtype's range, or where nothing ever varied.

        `gamma / std` comes first and the difference is halved until the end, so that nothing
        overflows before the result does, which is inf then.
        """
        var = self.running_var + self.eps
        std = np.where(var == 0, np.inf, np.sqrt(var))
        with np.errstate(over="ignore"):
            half = (0.5 * x - 0.5 * self.running_mean) * (self.gamma / std)
            return 2 * half + self.beta

    def _statistics(
        self, x: FloatArray, eps: float | FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """`mean`, `x - mean`, the biased `var` and `sqrt(var + eps)` (000 app. B eq. 28 to 30)."""
        m = len(x)
        with np.errstate(over="ignore", invalid="ignore"):  # `normalize` looks at the root
            mean = column_sums(x) / m
            centred = x - mean
            rounding = column_sums(centred) / m  # that of a large mean
            centred -= rounding
            mean += rounding
            var = column_sums(np.square(centred)) / m
            return mean, centred, var, np.sqrt(var + eps)

    def _normalize_scaled(
        self, x: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """`mean`, `norm`, `var` and `std` where squares of `x` leave the dtype's range.

        Every column is divided by a power of two, which rounds nothing, and the statistics are
        multiplied by it afterwards. `var` stops at a quarter of the largest number, so that the
        running variance stays finite. A column that does not vary at all has no `norm` without
        `eps`; 0 stands for it, and its gradient is 0 too.
        """
        scale = powers_of_two(x, self.eps)
        mean, centred, var, std = self._statistics(x / scale, self.eps / scale / scale)
        norm = np.divide(centred, np.where(std == 0, np.inf, std), out=centred)
        limits = np.finfo(x.dtype)
        with np.errstate(over="ignore"):
            var = np.minimum(var * scale * scale, limits.max / 4)
            std = np.clip(std * scale, math.sqrt(self.eps), limits.max)
        return mean * scale, norm, var, np.where(std < limits.tiny, np.inf, std)

    def backward(self, delta: npt.ArrayLike) -> FloatArray:
        """Sets `dgamma` and `dbeta` and returns the gradient for the input, `(batch, in_feature)`.

        With `dnorm = delta * gamma`, 004 ends with

            dx = (m dnorm - sum_j dnorm_j - norm sum_j dnorm_j norm_j) / (m sqrt(var + eps))

        gamma is the same in every row, so it leaves both sums, and what stays inside them is
        `dbeta = sum_j delta_j` and `dgamma = sum_j delta_j norm_j`. The m is divided out here.
        Raises RuntimeError before a training `forward`, ValueError for another shape.
        """
        if self.norm is None:
            raise forgot_forward(self)
        m = len(self.norm)
        delta = as_batch(delta, self.in_feature, self.dtype, self, "gradient", rows=m)
        self.dbeta[...] = column_sums(delta)
        self.dgamma[...] = column_sums(delta * self.norm)
        dx = delta - self.dbeta / m
        dx -= self.norm * (self.dgamma / m)
        dx *= self.gamma / self.std
        return dx
