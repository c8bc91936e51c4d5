"""Which way of computing a convolution is the fastest for which shape: chosen here alone."""

from __future__ import annotations

from mytorch.numeric.im2col import Im2col
from mytorch.numeric.windows import Pair, windows_along
from mytorch.numeric.winograd import Winograd

Way = Im2col | Winograd

FEW = 16
"""Channels that come in, below which the filtering saves less than its transforms cost."""


def way_for(channels: int, size: Pair, kernel: Pair, stride: Pair, padding: Pair) -> Way:
    """The way for pictures of that size with so many channels.

    Milliseconds forward and backward, batch 32, float32, two cores of an Intel Xeon with AVX-512,
    each in the same run; windows of 3x3 with a padding of 1. 3 to 64 is without the gradient for
    the input, which a first layer does not need:

        channels      pictures     im2col    F(2,3)    F(4,3)      2x2
        3 to 64        32 x 32        2.8      11.0       7.2
        64 to 128      16 x 16       17.9      16.5      12.9
        128 to 256      8 x 8        13.8      11.9      11.1
        256 to 256      8 x 8        25.3      18.9      16.1
        256 to 512      4 x 4        11.9      13.1      14.7
        512 to 512      4 x 4        24.8      22.1      33.1
        512 to 512      2 x 2         7.6      12.1      32.0

    The error in float32, relative to the size of the result, is 3e-7 by im2col, 5e-7 by F(2,3) and
    4e-6 by F(4,3).
    """
    if kernel == (3, 3) and stride == (1, 1) and channels >= FEW:
        counts = windows_along(size, kernel, stride, padding)
        if size == (2, 2) and padding == (1, 1):
            return Winograd("2x2", padding)
        if min(counts) >= 8:
            return Winograd("F(4,3)", padding)
        if min(counts) >= 4:
            return Winograd("F(2,3)", padding)
    return Im2col(stride, padding)
