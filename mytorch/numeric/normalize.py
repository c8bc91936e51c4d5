"""The formulas of batch norm for some rows of a large batch: each fills its first array.

The normalised rows are not kept, which would take longer than the formula does: they would be
written into main memory and read from there. `rounding` has the digits that `mean` lacks.
"""

from __future__ import annotations

import numpy as np

from mytorch.checks.arrays import FloatArray
from mytorch.numeric.scratch import scratch

Array = FloatArray


def centred(out: Array, x: Array, mean: Array, rounding: Array) -> Array:
    """`x - mean`."""
    np.subtract(x, mean, out=out)
    if rounding.any():
        out -= rounding
    return out


def outputs(out: Array, x: Array, mean: Array, rounding: Array, scale: Array, beta: Array) -> None:
    """`gamma * norm + beta`, with `scale = gamma / std`."""
    centred(out, x, mean, rounding)
    out *= scale
    out += beta


def gradients(
    delta: Array, x: Array, mean: Array, rounding: Array, inverse: Array
) -> tuple[Array, Array]:
    """`delta` and `delta * norm`, whose sums are `dbeta` and `dgamma`; `inverse` is `1 / std`."""
    norm = centred(scratch("norm", x.shape, x.dtype), x, mean, rounding)
    norm *= inverse
    norm *= delta
    return delta, norm


def input_gradient(
    dx: Array, delta: Array, x: Array, mean: Array, rounding: Array, inverse: Array,
    dbeta: Array, dgamma: Array, scale: Array,
) -> None:  # fmt: skip
    """`scale * (delta - dbeta - norm * dgamma)`, with means of `dbeta` and `dgamma`."""
    centred(dx, x, mean, rounding)
    dx *= dgamma * inverse
    dx += dbeta
    np.subtract(delta, dx, out=dx)
    dx *= scale
