"""Maxima of windows in one direction, and their gradients."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from mytorch.checks.arrays import FloatArray
from mytorch.numeric.blocks import blocks_of
from mytorch.numeric.scratch import empty, empty_like, scratch
from mytorch.system.parallel import idle_threads


def maximum_along(axis: int, x: FloatArray, kernel: int, stride: int, padding: int) -> FloatArray:
    """The maximum of each window along an axis of `x`; padding is none."""
    count = (x.shape[axis] + 2 * padding - kernel) // stride + 1
    y = empty((*x.shape[:axis], count, *x.shape[axis + 1 :]), x.dtype)
    places = list(_along(x.shape[axis], count, kernel, stride, padding))

    def piece(x: FloatArray, y: FloatArray) -> None:
        (inner, pixels), *others = places
        for beyond in slice(None, inner.start), slice(inner.stop, None):
            y[:, beyond] = -np.inf
        y[:, inner] = x[:, pixels]
        for windows, pixels in others:
            np.maximum(y[:, windows], x[:, pixels], out=y[:, windows])

    _in_pieces(piece, axis, x, y)
    return y


def maximum_gradient(
    axis: int, x: FloatArray, y: FloatArray, dy: FloatArray, kernel: int, stride: int, padding: int
) -> FloatArray:
    """The gradient for `x` of `y = maximum_along(axis, x, ...)`.

    Each number of `dy` goes to the first one in its window that is the maximum.
    """
    dx = empty_like(x)
    places = list(_along(x.shape[axis], y.shape[axis], kernel, stride, padding))
    # number `k + stride` of a window is number `k` of the next one: the first `stride` meet all
    outside = np.ones(x.shape[axis], np.bool_)
    for _, pixels in places[:stride]:
        outside[pixels] = False

    def piece(x: FloatArray, y: FloatArray, dy: FloatArray, dx: FloatArray) -> None:
        if outside.any():
            dx[:, outside] = 0
        rest = scratch("rest", dy.shape, dy.dtype)  # of windows whose maximum was not met yet
        rest[...] = dy
        for k, (windows, pixels) in enumerate(places):
            own = rest[:, windows]
            if k < kernel - 1:
                there = scratch("there", own.shape, np.bool_)
                np.equal(x[:, pixels], y[:, windows], out=there)
                share = scratch("share", own.shape, dy.dtype)
                np.copyto(share, there)
                share *= own
                own -= share
            else:
                share = own
            if k < stride:
                dx[:, pixels] = share
            else:
                dx[:, pixels] += share

    _in_pieces(piece, axis, x, y, dy, dx)
    return dx


def _in_pieces(piece: Callable[..., None], axis: int, *arrays: FloatArray) -> None:
    """`piece(*arrays)` as `(before, n, after)`, with what lies before or after cut in pieces."""
    before = math.prod(arrays[0].shape[:axis])
    flat = [array.reshape(before, array.shape[axis], -1) for array in arrays]
    _, n, after = flat[0].shape
    if before > 1:
        cuts: list[tuple[slice, ...]] = [(part,) for part in blocks_of(before, n * after)]
    else:
        cuts = [(slice(None), slice(None), part) for part in blocks_of(after, n)]
    idle_threads(partial(piece, *(array[cut] for array in flat)) for cut in cuts)


def _along(
    size: int, count: int, kernel: int, stride: int, padding: int
) -> Iterator[tuple[slice, slice]]:
    """For each number of a window: the windows where it is no padding, and the number in these."""
    for k in range(kernel):
        low = max(0, -(-(padding - k) // stride))
        high = max(low, min(count, (size - 1 + padding - k) // stride + 1))
        start = low * stride + k - padding
        stop = start + (high - low - 1) * stride + 1 if high > low else start
        yield slice(low, high), slice(start, stop, stride)
