"""Memory for what is computed on the way and needed by nobody after the call.

A fresh array of megabytes costs a page fault for every 4 kB, often more than the arithmetic in it.
So each thread keeps a few blocks of memory, and a function that takes one gives nothing of it away:
what a call returns, and what a layer keeps for its backward pass, are arrays of their own.
"""

from __future__ import annotations

import math
import threading

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray

_blocks = threading.local()


def scratch(place: str, shape: tuple[int, ...], dtype: npt.DTypeLike) -> FloatArray:
    """An array of any numbers, in the thread's memory called `place`; valid until its next use."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    block = vars(_blocks).get(place)
    if block is None or block.size < size:
        block = vars(_blocks)[place] = np.empty(size, np.uint8)
    return block[:size].view(dtype).reshape(shape)
