"""Pooling: the maximum or the mean of every window of a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray, title
from mytorch.checks.images import as_images, check_pair, check_window
from mytorch.checks.methods import takes_gradient, takes_input
from mytorch.layer import Layer
from mytorch.numeric.windows import (
    channels_first,
    channels_last,
    inside,
    padded,
    taps,
    windows_along,
)


class _Pool(Layer):
    """What both kinds of pooling have in common: the windows, and the checks.

    Parameters
    ----------
    kernel_size, stride, padding : one whole number, or two: vertical, horizontal. Without a
        `stride` the windows stand side by side. `padding` is at most half of the window.

    The dtype is that of the input: float32 stays float32, everything else becomes float64.
    """

    kept: tuple[str, ...] = ("counts", "shape")

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
        self.output: tuple[tuple[int, ...], np.dtype[Any]] | None = None

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({self.kernel_size}, stride={self.stride}, "
            f"padding={self.padding})"
        )

    def check_input(self, x: npt.ArrayLike) -> FloatArray:
        """`x` as pictures `(batch, channels, height, width)`, at least as large as the window."""
        return check_window(as_images(x, self), self)

    def _windows(self, x: FloatArray, value: float) -> FloatArray:
        """The pictures of `x`, channels-last and with a border of `value`."""
        counts = windows_along(x.shape[2:], self.kernel_size, self.stride, self.padding)
        self.counts = counts
        self.output = ((*x.shape[:2], *counts), x.dtype)
        pixels = padded(channels_last(x), self.padding, value)
        self.shape = pixels.shape
        return pixels

    def _taps(self, pixels: FloatArray) -> Any:
        return taps(pixels, self.kernel_size, self.stride, self.counts)

    def expected_gradient(self) -> tuple[tuple[int, ...], np.dtype[Any]] | None:
        """Shape and dtype of the last output."""
        return self.output


class MaxPool2d(_Pool):
    """The maximum of every window: `Y[n, c, r, s] = max over i, j of X[n, c, ...]` (003 §4).

    The gradient goes to the pixel that is the maximum; where it stands twice in a window, to the
    first one, row by row, as in PyTorch. Padding never is the maximum.
    """

    kept = ("first", "counts", "shape")

    first: Any = None
    """Which pixel of each window, counted row by row, is its maximum."""

    @takes_input
    def forward(self, x: Any) -> FloatArray:
        """`(batch, channels, height, width)` to `(batch, channels, rows, columns)`.

        Raises ValueError for another shape, an empty batch or pictures smaller than the window,
        TypeError for anything not real.
        """
        views = self._taps(self._windows(x, -np.inf))
        y = next(views).copy()
        self.first = np.zeros(y.shape, np.int16)
        for k, tap in enumerate(views, start=1):
            larger = ~(tap <= y) & ~np.isnan(y)  # a NaN is the maximum of its window
            self.first[larger] = k
            np.maximum(y, tap, out=y)
        return channels_first(y)

    @takes_gradient
    def backward(self, grad: Any) -> FloatArray:
        """The gradient for the input, of its shape."""
        rows, dx = channels_last(grad), np.zeros(self.shape, grad.dtype)
        for k, tap in enumerate(self._taps(dx)):
            tap += np.where(self.first == k, rows, 0)
        return channels_first(inside(dx, self.padding))


class AvgPool2d(_Pool):
    """The mean of every window, in which padding counts as zeros, as in PyTorch.

    With `k` pixels in a window, `Y = 1/k sum of its pixels`, and every pixel gets `1/k` of the
    gradient of each window that it stands in.
    """

    @takes_input
    def forward(self, x: Any) -> FloatArray:
        """`(batch, channels, height, width)` to `(batch, channels, rows, columns)`.

        Raises ValueError for another shape, an empty batch or pictures smaller than the window,
        TypeError for anything not real.
        """
        views = self._taps(self._windows(x, 0))
        y = next(views).copy()
        for tap in views:
            y += tap
        y /= self.kernel_size[0] * self.kernel_size[1]
        return channels_first(y)

    @takes_gradient
    def backward(self, grad: Any) -> FloatArray:
        """The gradient for the input, of its shape."""
        share = channels_last(grad) / (self.kernel_size[0] * self.kernel_size[1])
        dx = np.zeros(self.shape, grad.dtype)
        for tap in self._taps(dx):
            tap += share
        return channels_first(inside(dx, self.padding))


__all__ = ["AvgPool2d", "MaxPool2d"]
