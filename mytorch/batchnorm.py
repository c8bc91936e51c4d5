"""Batch normalisation, with the closed form of its backward pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch._arrays import (
    FloatArray,
    Parameter,
    as_batch,
    column_sums,
    float_dtype,
    forgot_forward,
)


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
        self.in_feature = in_feature
        self.alpha = float(alpha)
        self.eps = float(eps)
        if in_feature < 1:
            raise ValueError(f"{self!r}: expected at least one feature")
        if not 0 <= alpha <= 1:
            raise ValueError(f"{self!r}: expected alpha from 0 to 1, got {alpha}")
        if not eps >= 0:
            raise ValueError(f"{self!r}: expected eps of at least 0, got {eps}")
        self.dtype_fixed = dtype is not None
        self.dtype: np.dtype[Any] = float_dtype(np.float64 if dtype is None else dtype)
        zeros = np.zeros((1, in_feature), self.dtype)
        ones = np.ones((1, in_feature), self.dtype)

        self.x: FloatArray | None = None
        self.norm: FloatArray | None = None
        self.out: FloatArray | None = None
        self.mean: FloatArray = zeros.copy()
        self.var: FloatArray = ones.copy()

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
        if eval:
            x = as_batch(x, self.in_feature, self.dtype, self)
            norm = (x - self.running_mean) / np.sqrt(self.running_var + self.eps)
            return self.gamma * norm + self.beta
        out = self.normalize(x)
        alpha = self.alpha
        self.running_mean = alpha * self.running_mean + (1 - alpha) * self.mean
        self.running_var = alpha * self.running_var + (1 - alpha) * self.var
        return out

    def normalize(self, x: npt.ArrayLike) -> FloatArray:
        """As `forward` in training, but the running statistics stay (000 app. B eq. 28 to 31)."""
        x = as_batch(x, self.in_feature, self.dtype, self)
        m = len(x)
        mean = column_sums(x) / m
        centred = x - mean
        centred -= column_sums(centred) / m  # the rounding of a large mean
        var = column_sums(np.square(centred)) / m
        norm = np.divide(centred, np.sqrt(var + self.eps), out=centred)
        out = self.gamma * norm
        out += self.beta
        self.x, self.mean, self.var, self.norm, self.out = x, mean, var, norm, out
        return out

    def backward(self, delta: npt.ArrayLike) -> FloatArray:
        """Sets `dgamma` and `dbeta` and returns the gradient for the input, `(batch, in_feature)`.

        With `dnorm = delta * gamma`, 004 ends with

            dx = (m dnorm - sum_j dnorm_j - norm sum_j dnorm_j norm_j) / (m sqrt(var + eps))

        gamma is the same in every row, so it leaves both sums, and what stays inside them is
        `dbeta = sum_j delta_j` and `dgamma = sum_j delta_j norm_j`.
        Raises RuntimeError before a training `forward`, ValueError for another shape.
        """
        if self.norm is None:
            raise forgot_forward(self)
        m = len(self.norm)
        delta = as_batch(delta, self.in_feature, self.dtype, self, "gradient", rows=m)
        self.dbeta = column_sums(delta)
        self.dgamma = column_sums(delta * self.norm)
        dx = m * delta
        dx -= self.dbeta
        dx -= self.norm * self.dgamma
        dx *= self.gamma / (m * np.sqrt(self.var + self.eps))
        return dx
