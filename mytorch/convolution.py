"""The convolutional layer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import ArrayAttribute, FloatArray, float_dtype
from mytorch.checks.images import as_images, check_pair, check_window
from mytorch.checks.methods import takes_gradient, takes_input
from mytorch.checks.settings import check_bool, check_int, check_rng
from mytorch.layer import Layer
from mytorch.numeric.sums import column_sums
from mytorch.numeric.windows import (
    channels_first,
    channels_last,
    gather,
    inside,
    padded,
    scatter,
    windows_along,
)


class Conv2d(Layer):
    """Every output pixel is the same affine function of the window around it (003 §4).

        Y[n, o, r, s] = b[o] + sum over c, i, j of W[o, c, i, j] P[n, c, r stride + i, s stride + j]

    with the padded pictures `P`; the window is not flipped. For all windows at once these are three
    linear maps: `pad` the pictures, `gather` the windows as rows, multiply by the weights,

        X  ->  P = pad(X)  ->  G = gather(P)  ->  Y = G @ M + b

    with `G (batch * rows * columns, kh * kw * in)` and the weights as a matrix `M (kh * kw * in,
    out)`. The gradient for the input runs through the adjoints of these maps, last to first:

        dX = unpad(scatter(dY @ M.T)),    dM = G.T @ dY / batch,    db = 1 @ dY / batch

    `scatter` adds every number to the pixel that `gather` took it from.

    Parameters
    ----------
    in_channels, out_channels : the channels that come in and go out.
    kernel_size, stride, padding : one whole number, or two: vertical, horizontal.
    bias : whether there is a `b`.
    rng : a seed or a generator, by default NumPy's global one, for the weights and `b`, which are
        uniform from `±1 / sqrt(in * kh * kw)` (PyTorch's).
    dtype : float32 or float64, by default float64.

    Attributes
    ----------
    W, dW : `(out_channels, in_channels, kh, kw)`, in memory in the order `kh, kw, in, out`.
    b, db : `(1, out_channels)`.

    `dW` and `db` are averaged over the pictures of the batch, as in `Linear`, and summed over the
    pixels of a picture; the gradient for the input is not averaged.
    """

    parameters: tuple[str, ...] = ("W", "b")
    averaged = ("W", "b")
    kept = ("rows", "counts", "shape")

    W = ArrayAttribute("out_channels", "in_channels", "kh", "kw", memory=(2, 3, 1, 0))
    dW = ArrayAttribute("out_channels", "in_channels", "kh", "kw", memory=(2, 3, 1, 0))
    b = ArrayAttribute(1, "out_channels")
    db = ArrayAttribute(1, "out_channels")

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        bias: bool = True,
        rng: int | np.random.Generator | None = None,
        dtype: npt.DTypeLike | None = None,
    ) -> None:
        self.in_channels = check_int(in_channels, "Conv2d", "in_channels")
        self.out_channels = check_int(out_channels, "Conv2d", "out_channels")
        self.kernel_size = self.kh, self.kw = check_pair(kernel_size, "Conv2d", "kernel_size", 1)
        self.stride = check_pair(stride, "Conv2d", "stride", 1)
        self.padding = check_pair(padding, "Conv2d", "padding", 0)
        self.dtype: np.dtype[Any] = float_dtype(np.float64 if dtype is None else dtype)
        bound = 1 / math.sqrt(self.in_channels * self.kh * self.kw)
        draw = check_rng(rng, "Conv2d").uniform
        self.W = draw(-bound, bound, (self.out_channels, self.in_channels, self.kh, self.kw))
        self.dW = np.zeros_like(self.W)
        self.has_bias = check_bool(bias, "Conv2d", "bias")
        if self.has_bias:
            self.b = draw(-bound, bound, self.out_channels)
            self.db = np.zeros_like(self.b)
        else:
            self.parameters = ("W",)
        self.rows: Any = None

    def __repr__(self) -> str:
        return (
            f"Conv2d({self.in_channels}, {self.out_channels}, {self.kernel_size}, "
            f"stride={self.stride}, padding={self.padding})"
        )

    def check_input(self, x: npt.ArrayLike) -> FloatArray:
        """`x` as pictures `(batch, in_channels, height, width)` in the layer's dtype."""
        return check_window(as_images(x, self, self.in_channels, self.dtype), self)

    @takes_input
    def forward(self, x: Any) -> FloatArray:
        """`(batch, in_channels, height, width)` to `(batch, out_channels, rows, columns)`.

        Raises ValueError for another shape, an empty batch or pictures smaller than the window,
        TypeError for anything not real.
        """
        self.counts = windows_along(x.shape[2:], self.kernel_size, self.stride, self.padding)
        pixels = padded(channels_last(x), self.padding)
        self.shape = pixels.shape
        self.rows = gather(pixels, self.kernel_size, self.stride, self.counts)
        y = self.rows @ self._matrix()
        if self.has_bias:
            y += self.b
        return channels_first(y.reshape(len(x), *self.counts, -1))

    @takes_gradient
    def backward(self, delta: Any) -> FloatArray:
        """Sets `dW` and `db` and returns the gradient for the input, of its shape.

        Raises RuntimeError before the first `forward`, ValueError for another shape.
        """
        self._average(delta)
        rows = channels_last(delta).reshape(-1, self.out_channels)
        pixels = scatter(
            rows @ self._matrix().T, self.shape, self.kernel_size, self.stride, self.counts
        )
        return channels_first(inside(pixels, self.padding))

    def _average(self, delta: Any) -> None:
        """`backward` without the gradient for the input."""
        rows = channels_last(delta).reshape(-1, self.out_channels)
        mean = rows / len(delta)
        dM = (self.rows.T @ mean).reshape(self.kh, self.kw, self.in_channels, self.out_channels)
        self.dW[...] = dM.transpose(3, 2, 0, 1)
        if self.has_bias:
            column_sums(mean, out=self.db)

    parameter_gradients = takes_gradient(_average)

    def _matrix(self) -> FloatArray:
        """The weights as a matrix `(kh * kw * in, out)`, a view where memory allows it."""
        return self.W.transpose(2, 3, 1, 0).reshape(-1, self.out_channels)

    def expected_gradient(self) -> tuple[tuple[int, ...], np.dtype[Any]] | None:
        """`(batch, out_channels, rows, columns)` of the last `forward`, in the layer's dtype."""
        if self.rows is None:
            return None
        return (self.shape[0], self.out_channels, *self.counts), self.dtype

    def named_arrays(self) -> dict[str, FloatArray]:
        """`weight (out, in, kh, kw)` and `bias (out,)`, as PyTorch has them."""
        arrays = super().named_arrays()
        named = {"weight": arrays.pop("W")}
        if "b" in arrays:
            named["bias"] = arrays.pop("b")[0]
        return named | arrays


__all__ = ["Conv2d"]
