"""Batch norm on the rows of a large batch, as `BatchNorm` has it, in blocks and on several threads.

The normalised rows are not kept, which would take longer than the formula does: they would be
written into main memory and read from there. `rounding` has the digits that `mean` lacks.
`x`, `delta` and results are `(rows, n)`, all others `(1, n)`.
"""

from __future__ import annotations

import numpy as np

from mytorch.checks.arrays import FloatArray
from mytorch.numeric.blocks import in_blocks, moments, sums_of_rows
from mytorch.numeric.extremes import within_range
from mytorch.numeric.scratch import empty_like, scratch

Array = FloatArray


def normalize_large(
    x: Array, gamma: Array, beta: Array, eps: float
) -> tuple[Array, Array, Array, Array, Array] | None:
    """`out`, `mean`, `rounding`, `var` and `std`; None where a square leaves the dtype's range."""
    mean, rounding, var = moments(x)
    std = np.sqrt(var + eps)
    if not within_range(std, eps):
        return None
    rounding[np.abs(rounding) <= 8 * np.finfo(x.dtype).eps * std] = 0  # does not count
    out = empty_like(x)
    in_blocks(_outputs, out, x, columns=(mean, rounding, gamma / std, beta))
    return out, mean, rounding, var, std


def infer_large(x: Array, mean: Array, var: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """`gamma * (x - mean) / sqrt(var + eps) + beta`."""
    scale, out = gamma / np.sqrt(var + eps), empty_like(x)
    in_blocks(_outputs, out, x, columns=(mean, np.zeros_like(scale), scale, beta))
    return out


def backward_large(
    delta: Array, x: Array, mean: Array, rounding: Array, std: Array, gamma: Array
) -> tuple[Array, Array, Array]:
    """`dx`, `dbeta` and `dgamma`."""
    m, inverse = float(len(x)), 1 / std
    dbeta, dgamma = sums_of_rows(_gradients, delta, x, columns=(mean, rounding, inverse))
    means = dbeta / m, dgamma / m * inverse
    dx = empty_like(x)
    in_blocks(_input_gradient, dx, delta, x, columns=(mean, rounding, *means, gamma / std))
    return dx, dbeta, dgamma


def _outputs(out: Array, x: Array, mean: Array, rounding: Array, scale: Array, beta: Array) -> None:
    """`gamma * norm + beta`, with `scale = gamma / std`."""
    _centred(out, x, mean, rounding)
    out *= scale
    out += beta


def _gradients(
    delta: Array, x: Array, mean: Array, rounding: Array, inverse: Array
) -> tuple[Array, Array]:
    """`delta` and `delta * norm`, whose sums are `dbeta` and `dgamma`; `inverse` is `1 / std`."""
    norm = _centred(scratch("norm", x.shape, x.dtype), x, mean, rounding)
    norm *= inverse
    norm *= delta
    return delta, norm


def _input_gradient(
    dx: Array, delta: Array, x: Array, mean: Array, rounding: Array, dbeta: Array, dgamma: Array,
    scale: Array,
) -> None:  # fmt: skip
    """`scale * (delta - dbeta - (x - mean) * dgamma)`, with `dbeta / m` and `dgamma / m / std`."""
    _centred(dx, x, mean, rounding)
    dx *= dgamma
    dx += dbeta
    np.subtract(delta, dx, out=dx)
    dx *= scale


def _centred(out: Array, x: Array, mean: Array, rounding: Array) -> Array:
    """`x - mean`."""
    np.subtract(x, mean, out=out)
    if rounding.any():
        out -= rounding
    return out
