"""A convolution as one product of matrices: every window becomes a row ("im2col")."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mytorch.checks.arrays import FloatArray
from mytorch.numeric.windows import Pair, padded, taps, unpadded, windows, windows_of


class Im2col:
    """The three linear maps of one call: `pad`, `gather`, and the product with the weights.

        Y = G @ M,   G = gather(pad(X))

    with `G (batch * rows * columns, kh * kw * in)`, whose rows are the windows, and the weights as
    a matrix `M (kh * kw * in, out)`. The gradients run through the adjoints, from the last to the
    first: `dM = G.T @ dY` and `dX = unpad(scatter(dY @ M.T))`, where `scatter` adds every number to
    the pixel that `gather` took it from.
    """

    def __init__(self, stride: Pair, padding: Pair) -> None:
        self.stride, self.padding = stride, padding

    def forward(self, x: FloatArray, W: FloatArray) -> FloatArray:
        """`(batch, height, width, in)` to `(batch, rows, columns, out)`; `W (kh, kw, in, out)`."""
        self.size, self.counts = windows_of(x, W, self.stride, self.padding)
        self.kernel: Pair = (W.shape[0], W.shape[1])
        self.M = W.reshape(-1, W.shape[3])
        pixels = padded(x, self.padding)
        self.padded_shape = pixels.shape
        self.G = windows(pixels, self.kernel, self.stride, self.counts).reshape(-1, len(self.M))
        return (self.G @ self.M).reshape(len(x), *self.counts, -1)

    def backward(self, dY: FloatArray, dW: FloatArray, share: float) -> Callable[[], FloatArray]:
        """Fills `dW (kh, kw, in, out)` with the sum over the batch times `share`.

        What it returns gives `dX (batch, height, width, in)`.
        """
        rows, dM = dY.reshape(-1, dY.shape[3]), dW.reshape(self.M.shape)
        np.matmul(self.G.T, rows, out=dM)
        dM *= share

        def input_gradient() -> FloatArray:
            dG = (rows @ self.M.T).reshape(*dY.shape[:3], -1, self.padded_shape[3])
            pixels = np.zeros(self.padded_shape, dY.dtype)
            for k, tap in enumerate(taps(pixels, self.kernel, self.stride, self.counts)):
                tap += dG[:, :, :, k]
            return unpadded(pixels, self.padding, self.size)

        return input_gradient
