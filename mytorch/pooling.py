"""Pooling: the maximum or the mean of every window of a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray, title
from mytorch.checks.images import as_images, check_pair, check_window
from mytorch.layer import Layer
from mytorch.numeric.maxima import maximum_along, maximum_gradient
from mytorch.numeric.windows import (
    padded,
    taps,
    to_hwnc,
    to_nchw,
    unpadded,
    windows_along,
)
from mytorch.system.summary import windows


class _Pool(Layer):
    """What both kinds of pooling have in common: the windows, and the checks.

    Parameters
    ----------
    kernel_size, stride, padding : one whole number, or two: vertical, horizontal. Without a
        `stride` the windows stand side by side. `padding` is at most half of the window.

    The dtype is that of the input: float32 stays float32, everything else becomes float64.
    """

    kept: tuple[str, ...] = ("output",)

    output: tuple[tuple[int, ...], np.dtype[Any]] | None
    """Shape and dtype of the last output; None before the first."""

    def __init__(
        self,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] | None = None,
        padding: int | tuple[int, int] = 0,
    ) -> None:
        name = type(self).__name__
        self.kernel_size = check_pair(kernel_size, name, "kernel_size", 1)
        self.stride = check_pair(kernel_size if stride is None else stride, name, "stride", 1)
        self.padding = check_pair(padding, name, "padding", 0)
        if any(2 * p > k for p, k in zip(self.padding, self.kernel_size, strict=True)):
            raise ValueError(
                f"{title(name)}: expected padding of at most half of the kernel_size "
                f"{self.kernel_size}, got {self.padding}"
            )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({windows(self, self.kernel_size)})"

    def check_input(self, x: npt.ArrayLike) -> FloatArray:
        """`x` as pictures `(batch, channels, height, width)`, at least as large as the window."""
        return check_window(as_images(x, self), self)

    def expected_gradient(self) -> tuple[tuple[int, ...], np.dtype[Any]] | None:
        """Shape and dtype of the last output."""
        return self.output


class MaxPool2d(_Pool, checked=True):
    """The maximum of every window: `Y[n, c, r, s] = max over i, j of X[n, c, ...]` (003 §4).

    It is the maximum over each row of the window, then over these: two maxima in one direction. In
    both, the gradient goes to the number that is the maximum; where it stands twice, to the first.
    So in a window it goes to the first pixel, row by row, as in PyTorch. Padding is no maximum.
    """

    kept = (*_Pool.kept, "pixels", "in_rows", "maxima")

    pixels: Any
    in_rows: Any
    maxima: Any
    """In HWNC, for `backward`: input, maxima of the rows of windows, and output."""

    def forward(self, x: Any) -> FloatArray:
        """`(batch, channels, height, width)` to `(batch, channels, rows, columns)`.

        Raises ValueError for another shape, an empty batch or pictures smaller than the window,
        TypeError for anything not real.
        """
        (k0, k1), (s0, s1), (p0, p1) = self.kernel_size, self.stride, self.padding
        self.pixels = self.in_rows = self.maxima = None
        self.pixels = to_hwnc(x)
        self.in_rows = maximum_along(1, self.pixels, k1, s1, p1)
        self.maxima = maximum_along(0, self.in_rows, k0, s0, p0)
        out = to_nchw(self.maxima)
        self.output = out.shape, out.dtype
        return out

    def backward(self, grad: Any) -> FloatArray:
        """The gradient for the input, of its shape."""
        (k0, k1), (s0, s1), (p0, p1) = self.kernel_size, self.stride, self.padding
        dy = to_hwnc(grad)
        dy = maximum_gradient(0, self.in_rows, self.maxima, dy, k0, s0, p0)
        return to_nchw(maximum_gradient(1, self.pixels, self.in_rows, dy, k1, s1, p1))


class AvgPool2d(_Pool, checked=True):
    """The mean of every window, in which padding counts as zeros, as in PyTorch.

    With `k` pixels in a window, `Y = 1/k sum of its pixels`, and every pixel gets `1/k` of the
    gradient of each window that it stands in.
    """

    kept = (*_Pool.kept, "shape", "size")

    shape: tuple[int, ...]
    size: tuple[int, int]
    """Of the last input, in HWNC and padded; height and width of the picture in it."""

    def forward(self, x: Any) -> FloatArray:
        """`(batch, channels, height, width)` to `(batch, channels, rows, columns)`.

        Raises ValueError for another shape, an empty batch or pictures smaller than the window,
        TypeError for anything not real.
        """
        pixels = padded(to_hwnc(x), self.padding, 0)
        self.shape, self.size = pixels.shape, x.shape[2:]
        counts = windows_along(self.size, self.kernel_size, self.stride, self.padding)
        self.output = (*x.shape[:2], *counts), x.dtype
        views = taps(pixels, self.kernel_size, self.stride, counts)
        y = next(views).copy()
        for tap in views:
            y += tap
        y /= self.kernel_size[0] * self.kernel_size[1]
        return to_nchw(y)

    def backward(self, grad: Any) -> FloatArray:
        """The gradient for the input, of its shape."""
        share = to_hwnc(grad) / (self.kernel_size[0] * self.kernel_size[1])
        dx = np.zeros(self.shape, grad.dtype)
        for tap in taps(dx, self.kernel_size, self.stride, grad.shape[2:]):
            tap += share
        return to_nchw(unpadded(dx, self.padding, self.size))


__all__ = ["AvgPool2d", "MaxPool2d"]
