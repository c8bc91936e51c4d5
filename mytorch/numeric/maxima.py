"""Maxima of windows in one direction, and their gradients."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mytorch.checks.arrays import FloatArray
from mytorch.numeric.scratch import scratch

Places = tuple[slice, ...]


def maximum_along(axis: int, x: FloatArray, kernel: int, stride: int, padding: int) -> FloatArray:
    """The maximum of each window along an axis of `x`; padding is none."""
    size = x.shape[axis]
    count = (size + 2 * padding - kernel) // stride + 1
    y = np.empty((*x.shape[:axis], count, *x.shape[axis + 1 :]), x.dtype)
    for k, (windows, pixels) in enumerate(_along(axis, size, count, kernel, stride, padding)):
        if k == 0:
            inner, before = windows[-1], windows[:-1]
            for beyond in slice(None, inner.start), slice(inner.stop, None):
                y[(*before, beyond)] = -np.inf
            y[windows] = x[pixels]
        else:
            np.maximum(y[windows], x[pixels], out=y[windows])
    return y


def maximum_gradient(
    axis: int, x: FloatArray, y: FloatArray, dy: FloatArray, kernel: int, stride: int, padding: int
) -> FloatArray:
    """The gradient for `x` of `y = maximum_along(axis, x, ...)`.

    Each number of `dy` goes to the first one in its window that is the maximum.
    """
    dx = np.zeros_like(x)
    waiting = scratch("waiting", y.shape, np.bool_)  # windows whose maximum was not met yet
    waiting.fill(True)
    for windows, pixels in _along(axis, x.shape[axis], y.shape[axis], kernel, stride, padding):
        open_, there = waiting[windows], scratch("there", y[windows].shape, np.bool_)
        np.equal(x[pixels], y[windows], out=there)
        there &= open_
        open_ ^= there
        part = scratch("part", there.shape, dy.dtype)
        dx[pixels] += np.multiply(dy[windows], there, out=part)
    return dx


def _along(
    axis: int, size: int, count: int, kernel: int, stride: int, padding: int
) -> Iterator[tuple[Places, Places]]:
    """For each number of a window: the windows where it is no padding, and the number in these."""
    before = (slice(None),) * axis
    for k in range(kernel):
        low = max(0, -(-(padding - k) // stride))
        high = max(low, min(count, (size - 1 + padding - k) // stride + 1))
        start = low * stride + k - padding
        stop = start + (high - low - 1) * stride + 1 if high > low else start
        yield (*before, slice(low, high)), (*before, slice(start, stop, stride))
