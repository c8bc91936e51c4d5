"""Batch norm where a square or a quotient leaves the dtype's range."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import numpy as np

from mytorch.checks.arrays import FloatArray

Formula = TypeVar("Formula", bound=Callable[..., FloatArray])
Statistics = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def within_range(std: FloatArray, eps: float) -> bool:
    """Whether `std = sqrt(var + eps)` has all its digits.

    That is so where no square in `var` overflowed and none that was too small to keep its digits
    counts beside `eps`.
    """
    low = 1e-18 if std.dtype == np.float32 else 1e-153  # above the root of the smallest normal one
    return bool(std.max() < np.inf and (eps > low**2 or std.min() > low))


def powers_of_two(x: FloatArray, eps: float) -> FloatArray:
    """For each column a power of two `(1, n)`; divided by it, no number is above 2 in size.

    It is not below the root of `eps` either, so that `eps` divided by its square fits as well.
    """
    size = np.maximum(np.abs(x).max(axis=0, keepdims=True), math.sqrt(eps))
    _, exponents = np.frexp(size.astype(x.dtype))
    return np.ldexp(np.ones_like(size, x.dtype), exponents - 1)


def rescaled(statistics: Callable[[Any, Any], Statistics], x: FloatArray, eps: float) -> Statistics:
    """`mean`, `norm`, `var` and `std` where squares of `x` leave the dtype's range.

    Every column is divided by a power of two, which rounds nothing, and the statistics are
    multiplied by it afterwards. `var` stops at a quarter of the largest number, so that the
    running variance stays finite. A column that does not vary at all has no `norm` without
    `eps`; 0 stands for it, and its gradient is 0 too.
    """
    scale = powers_of_two(x, eps)
    mean, centred, var, std = statistics(x / scale, eps / scale / scale)
    norm = np.divide(centred, np.where(std == 0, np.inf, std), out=centred)
    limits = np.finfo(x.dtype)
    with np.errstate(over="ignore"):
        std = np.where(var == 0, 0, np.minimum(std * scale, limits.max))  # eps alone: exactly
        var = np.minimum(var * scale * scale, limits.max / 4)
        std = np.maximum(std, math.sqrt(eps))
    return mean * scale, norm, var, np.where(std < limits.tiny, np.inf, std)


def unless_extreme(formula: Formula) -> Formula:
    """`BatchNorm.infer` by its formula, unless a step leaves the dtype's range or divides by 0."""

    @wraps(formula)
    def infer(layer: Any, x: FloatArray) -> FloatArray:
        try:
            with np.errstate(over="raise", divide="raise", invalid="raise"):
                return formula(layer, x)
        except FloatingPointError:
            return _infer_extremes(layer, x)

    return infer  # type: ignore[return-value]


def _infer_extremes(layer: Any, x: FloatArray) -> FloatArray:
    """`BatchNorm.infer` where a step leaves the dtype's range, or where nothing ever varied.

    `gamma / std` comes first and the difference is halved until the end, so that nothing
    overflows before the result does, which is inf then.
    """
    var = layer.running_var + layer.eps
    std = np.where(var == 0, np.inf, np.sqrt(var))
    with np.errstate(over="ignore"):
        half = (0.5 * x - 0.5 * layer.running_mean) * (layer.gamma / std)
        result: FloatArray = 2 * half + layer.beta
        return result
