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
        3 to 64        32 x 32        5.3      19.4       9.7
        64 to 128      16 x 16       17.2      15.7      10.1
        128 to 256      8 x 8        13.9      12.6       8.0
        256 to 256      8 x 8        27.0      18.8      12.0
        256 to 512      4 x 4        12.6       9.6       9.8
        512 to 512      4 x 4        25.1      19.6      23.2
        512 to 512      2 x 2         7.5       8.1      23.3       5.3
        64 to 64       32 x 32       32.6      20.0      12.0             (batch 16)
        32 to 32       64 x 64       28.7      22.8      12.8             (batch 8)
        32 to 32     128 x 128       29.0      32.4      19.8             (batch 2)

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
