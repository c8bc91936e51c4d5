"""Batch normalisation, with the closed form of its backward pass."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import ArrayAttribute, DType, FloatArray, float_dtype
from mytorch.checks.settings import Setting, check_bool, check_int
from mytorch.layer import Layer
from mytorch.numeric.extremes import Statistics, rescaled, unless_extreme, within_range
from mytorch.numeric.normalize import PixelByPixel
from mytorch.numeric.sums import column_sums


class BatchNorm(Layer, checked=True):
    """Normalises every feature over the batch, then scales and shifts it (000 §3.5 and app. B).

    Parameters
    ----------
    in_feature : the number of features.
    alpha : how much of the running statistics a training batch leaves as it was, from 0 to 1.
    eps : added to the variance, so that a constant feature does not divide by zero.
    dtype : float32 or float64, by default float64.

    Attributes
    ----------
    x, norm, out : input, normalised input and output of the last training `forward`,
        `(batch, in_feature)`; None before the first. All others are `(1, in_feature)`.
    mean, var : the batch's mean and biased variance.
    std : what the last training `forward` divided by, `sqrt(var + eps)`.
    gamma, dgamma, beta, dbeta : scale and shift with their gradients, which are summed over the
        batch (000 app. B eq. 33 and 34).
    running_mean, running_var : what evaluation uses in place of the batch's mean and variance.
    """

    parameters = ("gamma", "beta")
    buffers = ("running_mean", "running_var")
    kept: tuple[str, ...] = ("mean", "var", "std", "x", "norm", "out")
    in_repr, output_like = ("in_feature",), "norm"
    torch_names: ClassVar = {"gamma": "weight", "beta": "bias"}

    alpha, eps = Setting(0, 1), Setting(0)
    gamma, dgamma, beta, dbeta = ArrayAttribute.several(4, 1, "in_feature")
    running_mean, running_var = ArrayAttribute.several(2, 1, "in_feature")

    def __init__(
        self, in_feature: int, alpha: float = 0.9, eps: float = 1e-8, dtype: DType = None
    ) -> None:
        self.in_feature = check_int(in_feature, type(self).__name__, "in_feature")
        self.alpha, self.eps = alpha, eps
        self.dtype = float_dtype(np.float64 if dtype is None else dtype)
        zeros, ones = np.zeros((1, self.in_feature)), np.ones((1, self.in_feature))
        self.mean, self.var, self.std = np.array([zeros, ones, ones], self.dtype)
        self.gamma = self.running_var = ones
        self.beta = self.dgamma = self.dbeta = self.running_mean = zeros

    def __call__(self, x: npt.ArrayLike, eval: bool = False) -> FloatArray:
        """`forward(x, eval)`."""
        return self.forward(x, eval)

    def forward(self, x: Any, eval: bool = False) -> FloatArray:
        """`gamma * (x - mean) / sqrt(var + eps) + beta`, `(batch, in_feature)` (001 §4.1).

        In training, mean and biased variance are the batch's, and the running statistics become
        `alpha * running + (1 - alpha) * batch`. With `eval=True` this is `infer`.
        Raises ValueError for another shape or an empty batch, TypeError for anything not real.
        """
        if eval is not False and check_bool(eval, self, "eval"):
            return self.infer(x)
        out = self._normalize(x)
        alpha = self.alpha  # each array changes as a whole or not at all
        self.running_mean[...] = alpha * self.running_mean + (1 - alpha) * self.mean
        self.running_var[...] = alpha * self.running_var + (1 - alpha) * self.var
        return out

    def _normalize(self, x: Any) -> FloatArray:
        """As `forward` in training, but the running statistics stay (000 app. B eq. 28 to 31)."""
        mean, centred, var, std = self._statistics(x, self.eps)
        if within_range(std, self.eps):
            norm = np.divide(centred, std, out=centred)
        else:
            mean, norm, var, std = rescaled(self._statistics, x, self.eps)
        out = self.gamma * norm + self.beta
        self.x, self.norm, self.out = x, norm, out
        self.mean, self.var, self.std = mean, var, std
        return out

    def _statistics(self, x: FloatArray, eps: float | FloatArray) -> Statistics:
        """`mean`, `x - mean`, the biased `var` and `sqrt(var + eps)` (000 app. B eq. 28 to 30)."""
        m = float(len(x))  # before NumPy 2, an integer above 65535 makes float64 of float32
        mean = column_sums(x) / m
        centred = x - mean
        rounding = column_sums(centred) / m  # that of a large mean
        centred -= rounding
        mean += rounding
        var = column_sums(np.square(centred)) / m  # inf where a square overflows: see `_normalize`
        return mean, centred, var, np.sqrt(var + eps)

    @unless_extreme
    def infer(self, x: Any) -> FloatArray:
        """`forward` with the running statistics; nothing in the layer changes (001 §4.3)."""
        norm = (x - self.running_mean) / np.sqrt(self.running_var + self.eps)
        return self.gamma * norm + self.beta

    def backward(self, delta: Any) -> FloatArray:
        """Sets `dgamma` and `dbeta` and returns the gradient for the input, `(batch, in_feature)`.

        With `dnorm = delta * gamma`, 004 ends with

            dx = (m dnorm - sum_j dnorm_j - norm sum_j dnorm_j norm_j) / (m sqrt(var + eps))

        gamma is the same in every row, so it leaves both sums, and what stays inside them is
        `dbeta = sum_j delta_j` and `dgamma = sum_j delta_j norm_j`. The m is divided out here.
        Raises RuntimeError before a training `forward`, ValueError for another shape.
        """
        m = float(len(delta))
        column_sums(delta, out=self.dbeta)
        column_sums(delta * self.norm, out=self.dgamma)
        dx: FloatArray = delta - self.dbeta / m
        dx -= self.norm * (self.dgamma / m)
        dx *= self.gamma / self.std
        return dx

    def infer_backward(self, x: Any, delta: Any) -> FloatArray:
        """`backward` of `infer(x)`, where mean and variance are constants: `dx = dnorm / std`."""
        var = self.running_var + self.eps
        std = np.where(var == 0, np.inf, np.sqrt(var))  # what never varied has no gradient
        half = (0.5 * x - 0.5 * self.running_mean) / std  # which does not overflow
        column_sums(delta, out=self.dbeta)
        self.dgamma[...] = column_sums(delta * half) * 2
        return delta * (self.gamma / std)


class BatchNorm2d(PixelByPixel, BatchNorm):
    """Normalises every channel of pictures over the batch and all pixels (003 §4).

    It is `BatchNorm` with a row for each pixel of each picture: `(height * width * batch,
    channels)`, in memory a view of pictures that lie there pixel by pixel. So `m` in its formulas
    is `batch * height * width`, `dgamma` and `dbeta` are summed over that many rows, and `x`,
    `norm` and `out` have them. Of a large batch it keeps `x` alone, not `norm` and `out`: memory
    takes longer than the formula (`numeric/normalize.py`).
    Parameters and attributes are those of `BatchNorm`; `in_feature` is the number of channels.

    In a network `dgamma` and `dbeta` are sums over the batch, where the gradients of convolutions
    are averages: with `SGD` their steps are larger by the size of the batch; `Adam` takes steps
    that do not depend on it.
    """

    kept = (*BatchNorm.kept, "rounding", "shape")


__all__ = ["BatchNorm", "BatchNorm2d"]
