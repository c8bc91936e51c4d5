"""Pictures in memory pixel by pixel, and the windows that convolution and pooling look through.

A batch of pictures has the shape `(batch, channels, height, width)`, as in PyTorch. In memory a
pixel of all pictures lies side by side: what a layer computes with is the view `(height, width,
batch, channels)`, "HWNC". A window's pixel `(i, j)`, for all windows at once, is then a plain slice
whose rows are long, and what acts on the rows or on the columns of pictures is a matrix.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.lib.stride_tricks import as_strided

from mytorch.checks.arrays import FloatArray

Pair = tuple[int, int]


def to_hwnc(x: FloatArray) -> FloatArray:
    """`(batch, channels, height, width)` as `(height, width, batch, channels)` without gaps.

    A view of what `to_nchw` made; a copy of other arrays.
    """
    return np.ascontiguousarray(x.transpose(2, 3, 0, 1))


def to_nchw(y: FloatArray) -> FloatArray:
    """`(height, width, batch, channels)` as `(batch, channels, height, width)`, a view."""
    return y.transpose(2, 3, 0, 1)


def by_pixel(formula: Callable[..., FloatArray], *pictures: FloatArray) -> FloatArray:
    """`formula` of pictures in NCHW as rows, `(height * width * batch, channels)`; NCHW again."""
    pixels = [to_hwnc(x) for x in pictures]
    height, width, batch, channels = pixels[0].shape
    rows = formula(*(x.reshape(-1, channels) for x in pixels))
    return to_nchw(rows.reshape(height, width, batch, channels))


def windows_along(size: Pair, kernel: Pair, stride: Pair, padding: Pair) -> Pair:
    """How many windows stand above each other and side by side in pictures of that size."""
    rows, columns = (
        (n + 2 * p - k) // s + 1 for n, k, s, p in zip(size, kernel, stride, padding, strict=True)
    )
    return rows, columns


def windows_of(x: FloatArray, W: FloatArray, stride: Pair, padding: Pair) -> tuple[Pair, Pair]:
    """The size of pictures in HWNC, and `windows_along` it for weights `(kh, kw, ...)`."""
    size, kernel = (x.shape[0], x.shape[1]), (W.shape[0], W.shape[1])
    return size, windows_along(size, kernel, stride, padding)


def padded(x: FloatArray, padding: Pair, value: float = 0) -> FloatArray:
    """Pictures in HWNC with a border of `value`; `x` itself where that is 0 wide."""
    (above, beside), (height, width, n, channels) = padding, x.shape
    if not above and not beside:
        return x
    out = np.full((height + 2 * above, width + 2 * beside, n, channels), value, x.dtype)
    out[above : above + height, beside : beside + width] = x
    return out


def unpadded(x: FloatArray, padding: Pair, size: Pair) -> FloatArray:
    """The adjoint of `padded`: the pictures of that size in padded ones, a view."""
    (above, beside), (height, width) = padding, size
    return x[above : above + height, beside : beside + width]


def windows(x: FloatArray, kernel: Pair, stride: Pair, counts: Pair) -> FloatArray:
    """Every window of pictures in HWNC, a view `(rows, columns, n, kh, kw, channels)`."""
    down, right, n, channel = x.strides
    shape = (*counts, x.shape[2], *kernel, x.shape[3])
    strides = (stride[0] * down, stride[1] * right, n, down, right, channel)
    return as_strided(x, shape, strides, writeable=False)


def taps(x: FloatArray, kernel: Pair, stride: Pair, counts: Pair) -> Iterator[FloatArray]:
    """For each pixel of the window, row by row, the view of it in all windows."""
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            rows = slice(i, i + stride[0] * (counts[0] - 1) + 1, stride[0])
            columns = slice(j, j + stride[1] * (counts[1] - 1) + 1, stride[1])
            yield x[rows, columns]
