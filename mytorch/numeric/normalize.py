"""Batch norm on pictures, as `BatchNorm` has it on rows: a row for each pixel.

Large batches are computed in blocks and on several threads. Their normalised rows are not kept,
which would take longer than the formula does: they would be written into main memory and read from
there. `rounding` has the digits that `mean` lacks. In the functions `x`, `delta` and results are
`(rows, n)`, all others `(1, n)`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mytorch.checks.arrays import FloatArray
from mytorch.checks.images import as_images
from mytorch.checks.methods import formula_of, takes_gradient, takes_input
from mytorch.numeric.blocks import in_blocks, is_large, moments, sums_of_rows
from mytorch.numeric.extremes import unless_extreme, within_range
from mytorch.numeric.scratch import empty_like, scratch
from mytorch.numeric.windows import by_pixel

Array = FloatArray


class PixelByPixel:
    """What makes `BatchNorm2d` of `BatchNorm`, in front of which it stands among the bases."""

    rounding: Any = None
    """What rounding took from `mean`; of large batches."""

    shape: tuple[int, ...] | None = None
    """That of the last training `forward`'s input; None before the first."""

    @property
    def _rows(self: Any) -> Any:
        """The layer as `BatchNorm` has it, of rows."""
        return super()

    def check_input(self: Any, x: Any) -> Array:
        """`x` as pictures `(batch, in_feature, height, width)` in the layer's dtype."""
        return as_images(x, self, self.in_feature, self.dtype)

    def expected_gradient(self: Any) -> tuple[tuple[int, ...], np.dtype[Any]] | None:
        """`(batch, in_feature, height, width)` of the last training `forward`."""
        return None if self.shape is None else (self.shape, self.dtype)

    def _normalize(self: Any, x: Any) -> Array:
        vars(self).update(x=None, norm=None, out=None)  # their memory is used again
        self.shape = x.shape
        return by_pixel(self._normalize_rows, x)

    def _normalize_rows(self: Any, x: Array) -> Array:
        large = normalize_large(x, self.gamma, self.beta, self.eps) if is_large(x) else None
        if large is None:
            return self._rows._normalize(x)
        out, self.mean, self.rounding, self.var, self.std = large
        self.x = x
        return out

    @takes_input
    def infer(self: Any, x: Any) -> Array:
        """`forward` with the running statistics; nothing in the layer changes (001 §4.3)."""
        return by_pixel(self._infer_large if is_large(x) else formula_of(self._rows.infer), x)

    @unless_extreme
    def _infer_large(self: Any, x: Array) -> Array:
        statistics = self.running_mean, self.running_var
        return infer_large(x, *statistics, self.gamma, self.beta, self.eps)

    @takes_gradient
    def backward(self: Any, delta: Any) -> Array:
        """As `BatchNorm.backward`, with a row for each pixel; the result has the input's shape."""
        return by_pixel(
            self._backward_large if self.norm is None else formula_of(self._rows.backward), delta
        )

    def _backward_large(self: Any, delta: Array) -> Array:
        dx, self.dbeta[...], self.dgamma[...] = backward_large(
            delta, self.x, self.mean, self.rounding, self.std, self.gamma
        )
        return dx

    def infer_backward(self: Any, x: Any, delta: Any) -> Array:
        """`backward` of `infer(x)`, where mean and variance are constants."""
        return by_pixel(self._rows.infer_backward, x, delta)


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
