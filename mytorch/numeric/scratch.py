"""Memory for large arrays.

A processor reads 64 bytes at a time, a cache line, and NumPy's operations compute with so many at
once. An array that begins in the middle of a line, as most of NumPy's do, needs two lines for each:
in the cache, operations then take twice the time. So arrays of many numbers are `empty` ones, which
begin where a line does.

A fresh array of megabytes costs a page fault for every 4 kB, often more than the arithmetic in it.
So each thread keeps a few blocks of memory for what is computed on the way and needed by nobody
after the call, its `scratch`, and a function that takes one gives nothing of it away: what a call
returns, and what a layer keeps for its backward pass, are arrays of their own.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray

LINE = 64
"""Bytes in a cache line."""

_blocks = threading.local()


def empty(shape: Sequence[int], dtype: npt.DTypeLike) -> FloatArray:
    """An array of any numbers, which begins where a cache line does."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    block = np.empty(size + LINE, np.uint8)
    start = -block.__array_interface__["data"][0] % LINE
    return block[start : start + size].view(dtype).reshape(shape)


def empty_like(x: FloatArray) -> FloatArray:
    """As `empty`, for an array without gaps: of its shape, dtype and order of memory."""
    axes = np.argsort([-stride for stride in x.strides], kind="stable")
    return empty([x.shape[axis] for axis in axes], x.dtype).transpose(np.argsort(axes))


def scratch(place: str, shape: tuple[int, ...], dtype: npt.DTypeLike) -> FloatArray:
    """An array of any numbers, in the thread's memory called `place`; valid until its next use."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    block = vars(_blocks).get(place)
    if block is None or block.size < size:
        block = vars(_blocks)[place] = empty((size,), np.uint8)
    return block[:size].view(dtype).reshape(shape)
