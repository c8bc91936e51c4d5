"""Maxima of windows in one direction, and where they stood."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray
from mytorch.numeric.scratch import scratch

Places = tuple[slice, ...]


def maximum_along(
    axis: int, x: FloatArray, kernel: int, stride: int, padding: int
) -> tuple[FloatArray, npt.NDArray[Any]]:
    """The maximum of each window along an axis, and its number in the window: the first one's."""
    size = x.shape[axis]
    count = (size + 2 * padding - kernel) // stride + 1
    shape = (*x.shape[:axis], count, *x.shape[axis + 1 :])
    y = np.empty(shape, x.dtype)
    first = np.zeros(shape, np.int8 if kernel < 128 else np.int32)
    for k, (windows, pixels) in enumerate(_along(axis, size, count, kernel, stride, padding)):
        if k == 0:
            inner, before = windows[-1], windows[:-1]
            for beyond in slice(None, inner.start), slice(inner.stop, None):
                y[(*before, beyond)] = -np.inf
            y[windows] = x[pixels]
            continue
        best, other = y[windows], x[pixels]
        larger = scratch("larger", best.shape, first.dtype)
        np.multiply(np.greater(other, best), first.dtype.type(k), out=larger)
        np.maximum(first[windows], larger, out=first[windows])
        np.maximum(best, other, out=best)
    return y, first


def maximum_gradient(
    axis: int, dy: FloatArray, first: npt.NDArray[Any], size: int, stride: int, padding: int
) -> FloatArray:
    """The gradient for `x` of `maximum_along`: each number of `dy` goes where the maximum stood."""
    dx = np.zeros((*dy.shape[:axis], size, *dy.shape[axis + 1 :]), dy.dtype)
    kernel = int(first.max()) + 1
    for k, (windows, pixels) in enumerate(
        _along(axis, size, dy.shape[axis], kernel, stride, padding)
    ):
        part = scratch("part", dy[windows].shape, dy.dtype)
        dx[pixels] += np.multiply(dy[windows], first[windows] == k, out=part)
    return dx


def _along(
    axis: int, size: int, count: int, kernel: int, stride: int, padding: int
) -> Iterator[tuple[Places, Places]]:
    """For each pixel of a window: the windows where it is no padding, and the pixel in these."""
    before = (slice(None),) * axis
    for k in range(kernel):
        low = max(0, -(-(padding - k) // stride))
        high = min(count, (size - 1 + padding - k) // stride + 1)
        start = low * stride + k - padding
        windows = slice(low, max(low, high))
        pixels = slice(start, start + max(0, high - low - 1) * stride + (high > low), stride)
        yield (*before, windows), (*before, pixels)
