"""Pictures in channels-last memory, and the windows that convolution and pooling look through.

A batch of pictures has the shape `(batch, channels, height, width)`, as in PyTorch. In memory the
channels of a pixel lie side by side: what a layer computes with is the view `(batch, height, width,
channels)`. A window's pixel `(i, j)`, for all windows at once, is then a plain strided slice.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mytorch.checks.arrays import FloatArray

Pair = tuple[int, int]


def channels_last(x: FloatArray) -> FloatArray:
    """`(batch, channels, height, width)` as `(batch, height, width, channels)` without gaps.

    A view of what `channels_first` made; a copy of other arrays.
    """
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1))


def channels_first(y: FloatArray) -> FloatArray:
    """`(batch, height, width, channels)` as `(batch, channels, height, width)`, a view."""
    return y.transpose(0, 3, 1, 2)


def windows_along(size: Pair, kernel: Pair, stride: Pair, padding: Pair) -> Pair:
    """How many windows stand above each other and side by side in pictures of that size."""
    rows, columns = (
        (n + 2 * p - k) // s + 1 for n, k, s, p in zip(size, kernel, stride, padding, strict=True)
    )
    return rows, columns


def padded(x: FloatArray, padding: Pair, value: float = 0) -> FloatArray:
    """Channels-last pictures with a border of `value`; `x` itself where that is 0 wide."""
    (above, beside), (n, height, width, channels) = padding, x.shape
    if not above and not beside:
        return x
    out = np.full((n, height + 2 * above, width + 2 * beside, channels), value, x.dtype)
    inside(out, padding)[...] = x
    return out


def inside(x: FloatArray, padding: Pair) -> FloatArray:
    """The view of padded pictures without their border; the adjoint of `padded`."""
    (above, beside), (_, height, width, _) = padding, x.shape
    return x[:, above : height - above, beside : width - beside]


def taps(x: FloatArray, kernel: Pair, stride: Pair, counts: Pair) -> Iterator[FloatArray]:
    """For each pixel of the window, row by row, the view of it in all windows."""
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            rows = slice(i, i + stride[0] * (counts[0] - 1) + 1, stride[0])
            columns = slice(j, j + stride[1] * (counts[1] - 1) + 1, stride[1])
            yield x[:, rows, columns]


def gather(x: FloatArray, kernel: Pair, stride: Pair, counts: Pair) -> FloatArray:
    """Every window as a row: `(batch * rows * columns, kernel pixels * channels)` ("im2col")."""
    n, channels = len(x), x.shape[3]
    out = np.empty((n, *counts, kernel[0] * kernel[1], channels), x.dtype)
    for k, tap in enumerate(taps(x, kernel, stride, counts)):
        out[:, :, :, k] = tap
    return out.reshape(n * counts[0] * counts[1], -1)


def scatter(
    columns: FloatArray, shape: tuple[int, ...], kernel: Pair, stride: Pair, counts: Pair
) -> FloatArray:
    """The adjoint of `gather`: every number is added to the pixel that it came from."""
    out = np.zeros(shape, columns.dtype)
    parts = columns.reshape(shape[0], *counts, kernel[0] * kernel[1], shape[3])
    for k, tap in enumerate(taps(out, kernel, stride, counts)):
        tap += parts[:, :, :, k]
    return out
