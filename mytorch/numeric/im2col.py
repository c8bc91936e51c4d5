"""A convolution as one product of matrices: every window becomes a row ("im2col")."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from mytorch.checks.arrays import FloatArray
from mytorch.numeric.blocks import blocks_of
from mytorch.numeric.products import MOST, long_product
from mytorch.numeric.scratch import empty
from mytorch.numeric.sums import averaged
from mytorch.numeric.windows import Pair, taps, unpadded, windows, windows_of
from mytorch.system.parallel import in_parallel, later

PARTS = 4
"""In which a product is cut whose sums run over all windows."""

LONG = 128
"""Windows, at least, in a block of such a product where it is narrow."""


class Im2col:
    """The three linear maps of one call: `pad`, `gather`, and the product with the weights.

        Y = G @ M,   G = gather(pad(X))

    with `G (rows * columns * batch, kh * kw * in)`, whose rows are the windows, and the weights as
    a matrix `M (kh * kw * in, out)`. The gradients run through the adjoints, from the last to the
    first: `dM = G.T @ dY` and `dX = unpad(scatter(dY @ M.T))`, where `scatter` adds every number to
    the pixel that `gather` took it from.
    """

    def __init__(self, stride: Pair, padding: Pair) -> None:
        self.stride, self.padding = stride, padding

    def forward(self, x: FloatArray, W: FloatArray, b: FloatArray | None) -> FloatArray:
        """`(height, width, batch, in)` to `(rows, columns, batch, out)`.

        `W (kh, kw, in, out)`, `b (1, out)`.
        """
        self.size, self.counts = windows_of(x, W, self.stride, self.padding)
        self.kernel: Pair = (W.shape[0], W.shape[1])
        self.M = W.reshape(-1, W.shape[3])
        pixels = self._padded(x)
        self.padded_shape = pixels.shape
        found = windows(pixels, self.kernel, self.stride, self.counts)
        self.G = empty((found.size // len(self.M), len(self.M)), x.dtype)
        Y = empty((len(self.G), W.shape[3]), x.dtype)
        in_row = len(self.G) // len(found)

        def piece(rows: slice) -> None:
            own = slice(rows.start * in_row, rows.stop * in_row)
            self.G[own].reshape(found[rows].shape)[...] = found[rows]
            np.matmul(self.G[own], self.M, out=Y[own])
            if b is not None:
                Y[own] += b

        in_parallel(partial(piece, rows) for rows in blocks_of(len(found), found[0].size))
        return Y.reshape(*self.counts, x.shape[2], -1)

    def _padded(self, x: FloatArray) -> FloatArray:
        """As `padded`; in memory the pixels of a row of one picture lie side by side.

        A row of a window is then one piece of memory, which pays where channels are few.
        """
        if self.padding == (0, 0):
            return x
        (above, beside), (height, width, n, channels) = self.padding, x.shape
        rows = np.zeros((height + 2 * above, n, width + 2 * beside, channels), x.dtype)
        rows[above : above + height, :, beside : beside + width] = x.transpose(0, 2, 1, 3)
        return rows.transpose(0, 2, 1, 3)

    def backward(
        self, dY: FloatArray, dW: FloatArray, db: FloatArray | None, share: float
    ) -> Callable[[], FloatArray]:
        """Fills `dW (kh, kw, in, out)` and `db (1, out)`, `later`: the sum over all times `share`.

        What it returns gives `dX (height, width, batch, in)`.
        """
        G, rows, dM = self.G.T, dY.reshape(-1, dY.shape[3]), dW.reshape(self.M.shape)

        def piece(some: slice) -> None:
            np.matmul(G[some], rows, out=dM[some])
            dM[some] *= share

        if dM.size * LONG < MOST:
            later([lambda: np.multiply(long_product(self.G, rows), share, out=dM)])
        else:
            later(partial(piece, some) for some in blocks_of(len(G), 1, -(-len(G) // PARTS)))
        if db is not None:
            later([partial(averaged, rows, share, db)])

        def input_gradient() -> FloatArray:
            dG = (rows @ self.M.T).reshape(*dY.shape[:3], -1, self.padded_shape[3])
            pixels = np.zeros(self.padded_shape, dY.dtype)
            for k, tap in enumerate(taps(pixels, self.kernel, self.stride, self.counts)):
                tap += dG[:, :, :, k]
            return unpadded(pixels, self.padding, self.size)

        return input_gradient
