"""Convolutions with windows of 3x3 in fewer multiplications: Winograd's minimal filtering.

The `m` outputs `y` of a window of three numbers `w`, moved over `m + 2` numbers `d`, take `3 m`
multiplications. Winograd 1980 and Lavin and Gray 2016 do it with `m + 2`:

    y = A [(G w) * (B d)]                                            F(m, 3)

`F(2, 3)`, for `y = (d0 w0 + d1 w1 + d2 w2, d1 w0 + d2 w1 + d3 w2)`, has

    B = 1  0 -1  0      G = 1    0    0       A = 1  1  1  0
        0  1  1  0          1/2  1/2  1/2         0  1 -1 -1
        0 -1  1  0          1/2 -1/2  1/2
        0  1  0 -1          0    0    1

It is multiplication of polynomials by their values at 0, 1, -1 and infinity: `G` evaluates `w`
there, and the rows of `B` and `A` do what leads from products of values to the outputs. `F(4, 3)`
evaluates at 2 and -2, too.

In two directions, a tile of `m x m` outputs comes from `(m + 2) x (m + 2)` inputs, and each matrix
acts on rows and on columns: as one matrix on all numbers of a tile, the Kronecker product of the
matrix with itself, here `BB`, `GG` and `AA`. The products of the `(m + 2)^2` values are summed over
the channels that come in, and so they are `(m + 2)^2` products of matrices,

    Y = join(AA M),   M[p] = V[p] @ U[p],   V = BB tiles(X),   U = GG W

with `V (p, tiles, in)`, `U (p, in, out)`, `M (p, tiles, out)`: for `m = 2` 16 multiplications in
place of 36, for `m = 4` 36 in place of 144. Each step is linear in `X` and in `W`, so the gradients
run through the adjoints, from the last to the first:

    dM = AA.T split(dY),   dU[p] = V[p].T @ dM[p],   dW = GG.T dU
                           dV[p] = dM[p] @ U[p].T,   dX = add_tiles(BB.T dV)

Where pictures are `2 x 2` and the padding is 1, `d0` and `d3` are zeros, and three products do,
nine in two directions in place of 36. `B` then takes `(d1, d2)` alone:

    B = 0  1      G = 0 -1  1      A = 1  1  0
        1  1          0  1  0          0  1  1
        1  0          1 -1  0

`split` and `join` cut pictures into tiles of outputs, which do not overlap, and back; `tiles` cuts
tiles of inputs, which overlap by two, and `add_tiles` adds them up.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from mytorch.checks.arrays import FloatArray
from mytorch.numeric.scratch import scratch
from mytorch.numeric.windows import Pair, taps, unpadded, windows_of

Matrices = tuple[FloatArray, FloatArray, FloatArray]

B, G, A = {}, {}, {}
B["F(2,3)"] = [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]]
G["F(2,3)"] = [[1, 0, 0], [1 / 2, 1 / 2, 1 / 2], [1 / 2, -1 / 2, 1 / 2], [0, 0, 1]]
A["F(2,3)"] = [[1, 1, 1, 0], [0, 1, -1, -1]]

B["F(4,3)"] = [
    [4, 0, -5, 0, 1, 0],
    [0, -4, -4, 1, 1, 0],
    [0, 4, -4, -1, 1, 0],
    [0, -2, -1, 2, 1, 0],
    [0, 2, -1, -2, 1, 0],
    [0, 4, 0, -5, 0, 1],
]
G["F(4,3)"] = [
    [1 / 4, 0, 0],
    [-1 / 6, -1 / 6, -1 / 6],
    [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6],
    [1 / 24, -1 / 12, 1 / 6],
    [0, 0, 1],
]
A["F(4,3)"] = [
    [1, 1, 1, 1, 1, 0],
    [0, 1, -1, 2, -2, 0],
    [0, 1, 1, 4, 4, 0],
    [0, 1, -1, 8, -8, 1],
]

B["2x2"] = [[0, 1], [1, 1], [1, 0]]
G["2x2"] = [[0, -1, 1], [0, 1, 0], [1, -1, 0]]
A["2x2"] = [[1, 1, 0], [0, 1, 1]]


@lru_cache(maxsize=8)
def matrices(kind: str, dtype: np.dtype[Any]) -> Matrices:
    """`BB`, `GG` and `AA` of a kind of tiles."""
    one = [np.array(table[kind]) for table in (B, G, A)]
    BB, GG, AA = (np.kron(matrix, matrix).astype(dtype) for matrix in one)
    return BB, GG, AA


class Winograd:
    """One call of a convolution with windows of 3x3 and a stride of 1.

    `kind` is "F(2,3)", "F(4,3)", or "2x2" for pictures of that size with a padding of 1.
    """

    def __init__(self, kind: str, padding: Pair) -> None:
        self.kind, self.padding = kind, padding
        self.m, self.side = len(A[kind]), len(B[kind][0])  # numbers in a tile of outputs, of inputs

    def forward(self, x: FloatArray, W: FloatArray) -> FloatArray:
        """`(batch, height, width, in)` and `W (3, 3, in, out)` to `(batch, rows, columns, out)`."""
        self.size, self.counts = windows_of(x, W, (1, 1), self.padding)
        self.grid = -(-self.counts[0] // self.m), -(-self.counts[1] // self.m)
        if self.kind == "2x2":
            self.padding = (0, 0)  # which its matrices have left out
        self.matrices = BB, GG, AA = matrices(self.kind, x.dtype)
        p, n_tiles = len(BB), len(x) * self.grid[0] * self.grid[1]
        V = BB @ self._tiles(x).reshape(BB.shape[1], -1)
        U = GG @ W.reshape(9, -1)
        self.V, self.U = V.reshape(p, n_tiles, -1), U.reshape(p, *W.shape[2:])
        M = np.matmul(self.V, self.U, out=scratch("M", (p, n_tiles, W.shape[3]), x.dtype))
        cut = scratch("tiles", (len(AA), M[0].size), x.dtype)
        return self._join(np.matmul(AA, M.reshape(p, -1), out=cut), len(x))

    def backward(self, dY: FloatArray, dW: FloatArray, share: float) -> Callable[[], FloatArray]:
        """Fills `dW (3, 3, in, out)` with the sum over the batch times `share`.

        What it returns gives `dX (batch, height, width, in)`, if it is called before anything else
        is computed here.
        """
        BB, GG, AA = self.matrices
        p, n_tiles, _ = self.V.shape
        dM = scratch("M", (p, n_tiles, dY.shape[3]), dY.dtype)
        np.matmul(AA.T, self._split(dY).reshape(len(AA), -1), out=dM.reshape(p, -1))
        dU = scratch("U", self.U.shape, dY.dtype)
        np.matmul(self.V.transpose(0, 2, 1), dM, out=dU)
        np.matmul(GG.T * share, dU.reshape(p, -1), out=dW.reshape(9, -1))

        def input_gradient() -> FloatArray:
            dV = np.matmul(dM, self.U.transpose(0, 2, 1), out=scratch("V", self.V.shape, dY.dtype))
            cut = scratch("tiles", (BB.shape[1], dV[0].size), dY.dtype)
            return self._add_tiles(np.matmul(BB.T, dV.reshape(p, -1), out=cut), len(dY))

        return input_gradient

    def _canvas(self, n: int) -> tuple[int, int, int]:
        """Pictures that the tiles cover, with the padding and what the last tiles go beyond."""
        height, width = ((count - 1) * self.m + self.side for count in self.grid)
        return n, height, width

    def _tiles(self, x: FloatArray) -> FloatArray:
        """`(side, side, batch, rows, columns, in)`: each number of a tile, for all tiles."""
        side, (above, beside), (height, width) = self.side, self.padding, self.size
        canvas = scratch("canvas", (*self._canvas(len(x)), x.shape[3]), x.dtype)
        canvas.fill(0)
        canvas[:, above : above + height, beside : beside + width] = x
        cut = scratch("tiles", (side, side, len(x), *self.grid, x.shape[3]), x.dtype)
        for k, tap in enumerate(taps(canvas, (side, side), (self.m, self.m), self.grid)):
            cut[k // side, k % side] = tap
        return cut

    def _add_tiles(self, cut: FloatArray, n: int) -> FloatArray:
        """The adjoint of `_tiles`: where tiles overlap, their numbers are added."""
        side, channels = self.side, self.V.shape[2]
        canvas = scratch("canvas", (*self._canvas(n), channels), cut.dtype)
        canvas.fill(0)
        parts = cut.reshape(side * side, n, *self.grid, channels)
        for k, tap in enumerate(taps(canvas, (side, side), (self.m, self.m), self.grid)):
            tap += parts[k]
        return unpadded(canvas, self.padding, self.size).copy()

    def _join(self, cut: FloatArray, n: int) -> FloatArray:
        """Tiles of outputs `(m * m, batch * rows * columns * out)` side by side, as pictures."""
        m, (down, right), (rows, columns) = self.m, self.grid, self.counts
        out = np.empty((n, down * m, right * m, self.U.shape[2]), cut.dtype)
        tiled = out.reshape(n, down, m, right, m, -1).transpose(2, 4, 0, 1, 3, 5)
        tiled[...] = cut.reshape(m, m, n, down, right, -1)
        return np.ascontiguousarray(out[:, :rows, :columns])

    def _split(self, dY: FloatArray) -> FloatArray:
        """The adjoint of `_join`: pictures cut into tiles, with zeros in what goes beyond them."""
        m, (down, right), (rows, columns), n = self.m, self.grid, self.counts, len(dY)
        whole = dY
        if (down * m, right * m) != (rows, columns):
            whole = np.zeros((n, down * m, right * m, dY.shape[3]), dY.dtype)
            whole[:, :rows, :columns] = dY
        cut = scratch("tiles", (m, m, n, down, right, dY.shape[3]), dY.dtype)
        cut[...] = whole.reshape(n, down, m, right, m, -1).transpose(2, 4, 0, 1, 3, 5)
        return cut
