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

In two directions, a tile of `m x m` outputs comes from a tile `D` of `(m + 2) x (m + 2)` inputs,
and each matrix acts on the columns and on the rows of a tile. The products of the `(m + 2)^2`
values are summed over the channels that come in, and so they are `(m + 2)^2` products of matrices,
one for each place `p` in a tile:

    Y = A M A.T,   M[p] = V[p] @ U[p],   V = B D B.T,   U = G W G.T

with `V (p, tiles, in)`, `U (p, in, out)`, `M (p, tiles, out)`: for `m = 2` 16 multiplications in
place of 36, for `m = 4` 36 in place of 144. Each step is linear in `X` and in `W`, so the gradients
run through the adjoints, from the last to the first:

    dM = A.T dY A,   dU[p] = V[p].T @ dM[p],   dW = G.T dU G
                     dV[p] = dM[p] @ U[p].T,   dD = B.T dV B

A bias is added to one place alone, `M[1, 1]`: that column of `A` has ones only, so every output of
the tile gets it, and its gradient is the sum of `dM[1, 1]`.

Tiles of outputs do not overlap, tiles of inputs do, by two, and the outer ones stick out into the
padding. So `B` of all tiles side by side is one matrix `E`, which acts on a picture's rows or
columns as they are, and whose adjoint adds up what overlaps: `V = E X E.T`, `dX = E.T dV E`.

Where pictures are `2 x 2` and the padding is 1, `d0` and `d3` are zeros, and three products do,
nine in two directions in place of 36. `B` then takes `(d1, d2)` alone:

    B = 0  1      G = 0 -1  1      A = 1  1  0
        1  1          0  1  0          0  1  1
        1  0          1 -1  0
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from mytorch.checks.arrays import FloatArray
from mytorch.numeric.blocks import blocks_of
from mytorch.numeric.products import product, wide_product
from mytorch.numeric.scratch import empty, scratch
from mytorch.numeric.sums import averaged
from mytorch.numeric.windows import Pair, windows_of
from mytorch.system.parallel import Piece, in_parallel, later

CHANNELS = 128
"""That come in, whose weights' gradients are computed together; they fit into the cache."""

PART = 1 << 17
"""Numbers of the pictures whose tiles are computed together, and fit into the cache."""

WEIGHTS = 1 << 15
"""Of each of nine places, that are transformed in a piece of the work."""

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


@lru_cache(maxsize=32)
def entering(kind: str, size: int, padding: int, tiles: int, dtype: np.dtype[Any]) -> FloatArray:
    """`E` for one direction, `(p, tiles, size)`: row `p` of `B` at the place of each tile."""
    table, m = np.array(B[kind], dtype), len(A[kind])
    side = table.shape[1]
    wide = np.zeros((len(table), tiles, max(tiles * m + side, padding + size)), dtype)
    for tile in range(tiles):
        wide[:, tile, tile * m : tile * m + side] = table
    return np.ascontiguousarray(wide[:, :, padding : padding + size])


@lru_cache(maxsize=8)
def matrices(kind: str, dtype: np.dtype[Any]) -> tuple[FloatArray, FloatArray]:
    """`A`, and `GG` for rows and columns at once, the Kronecker product of `G` with itself."""
    one = np.array(G[kind])
    return np.array(A[kind], dtype), np.kron(one, one).astype(dtype)


class Winograd:
    """One call of a convolution with windows of 3x3 and a stride of 1.

    `kind` is "F(2,3)", "F(4,3)", or "2x2" for pictures of that size with a padding of 1.
    """

    def __init__(self, kind: str, padding: Pair) -> None:
        self.kind, self.padding = kind, padding

    def forward(self, x: FloatArray, W: FloatArray, b: FloatArray | None) -> FloatArray:
        """`(height, width, batch, in)` to `(rows, columns, batch, out)`.

        `W (3, 3, in, out)`, `b (1, out)`.
        """
        self.size, self.counts = windows_of(x, W, (1, 1), self.padding)
        self.A, self.GG = matrices(self.kind, x.dtype)
        m, p = self.A.shape
        self.grid = down, right = -(-self.counts[0] // m), -(-self.counts[1] // m)
        padding = (0, 0) if self.kind == "2x2" else self.padding  # its B has left them out
        self.E = [
            entering(self.kind, *of_one, x.dtype)
            for of_one in zip(self.size, padding, self.grid, strict=True)
        ]
        batch, (channels, out) = x.shape[2], W.shape[2:]
        self.parts = blocks_of(batch, self.size[0] * self.size[1] * max(channels, out), PART)
        self.U = empty((p * p, channels, out), x.dtype)
        self.V = empty((p * p, down * right * batch, channels), x.dtype)
        M = scratch("M", (*self.V.shape[:2], out), x.dtype)
        Y = empty((down * m, right * m, batch, out), x.dtype)
        in_parallel([*self._weights(W), *self._pictures(self._enter, x, self.V)])
        in_parallel(_products(self.V, self.U, M))
        if b is not None:
            M[p + 1] += b
        in_parallel(self._pictures(self._leave, M, Y))
        return np.ascontiguousarray(Y[: self.counts[0], : self.counts[1]])

    def backward(
        self, dY: FloatArray, dW: FloatArray, db: FloatArray | None, share: float
    ) -> Callable[[], FloatArray]:
        """Fills `dW (3, 3, in, out)` and `db (1, out)`, `later`: the sum over all times `share`.

        What it returns gives `dX (height, width, batch, in)`.
        """
        (m, p), (down, right), (batch, out) = self.A.shape, self.grid, dY.shape[2:]
        V, U, whole = self.V, self.U, dY
        if (down * m, right * m) != self.counts:  # the last tiles go beyond the pictures
            whole = np.zeros((down * m, right * m, batch, out), dY.dtype)
            whole[: self.counts[0], : self.counts[1]] = dY
        dM = empty((p * p, V.shape[1], out), dY.dtype)
        in_parallel(self._pictures(self._enter_back, whole, dM))
        some_channels = blocks_of(V.shape[2], 1, CHANNELS)
        later(partial(self._weights_back, dM, dW, share, some) for some in some_channels)
        if db is not None:
            later([partial(averaged, dM[p + 1], share, db)])

        def input_gradient() -> FloatArray:
            dV = scratch("V", V.shape, dY.dtype)
            dX = empty((*self.size, batch, V.shape[2]), dY.dtype)
            in_parallel(_products(dM, U.transpose(0, 2, 1), dV))
            in_parallel(self._pictures(self._leave_back, dV, dX))
            return dX

        return input_gradient

    def _weights(self, W: FloatArray) -> Iterator[Piece]:
        """`U = G W G.T`, for some columns of a table `(9, in * out)` at a time."""
        table, result = W.reshape(9, -1), self.U.reshape(len(self.U), -1)
        for some in blocks_of(table.shape[1], 1, WEIGHTS):
            yield partial(wide_product, self.GG, table[:, some], out=result[:, some])

    def _weights_back(self, dM: FloatArray, dW: FloatArray, share: float, some: slice) -> None:
        """`dU[p] = V[p].T @ dM[p]` and `dW = G.T dU G`, for some channels that come in."""
        V = self.V[:, :, some].transpose(0, 2, 1)
        dU = scratch("U", (*V.shape[:2], dM.shape[2]), dM.dtype)
        product(V, dM, out=dU)
        result = dW.reshape(9, *dW.shape[2:])[:, some].reshape(9, -1)
        wide_product(self.GG.T * share, dU.reshape(len(dU), -1), out=result)

    def _pictures(
        self, step: Callable[..., None], source: FloatArray, target: FloatArray
    ) -> Iterator[Piece]:
        """`step(source, target)` for some pictures at a time, as `_some` cuts them out."""
        for part in self.parts:
            yield partial(step, self._some(source, part), self._some(target, part))

    def _some(self, array: FloatArray, part: slice) -> FloatArray:
        """Of some pictures the pixels `(height, width, n)` or the tiles `(p, p, down, right * n)`.

        `n` counts the channels of all of them. The tiles of each part lie side by side.
        """
        if array.ndim == 4:
            n = array.shape[3]
            return array.reshape(*array.shape[:2], -1)[:, :, part.start * n : part.stop * n]
        p, (down, right) = len(self.E[0]), self.grid
        n = down * right * array.shape[2]
        tiles = array.reshape(p, p, -1)[:, :, part.start * n : part.stop * n]
        return tiles.reshape(p, p, down, -1)

    def _enter(self, X: FloatArray, V: FloatArray) -> None:
        """`V = E X E.T`."""
        (p, down, height), (_, right, width) = self.E[0].shape, self.E[1].shape
        Z = scratch("Z", (height, p, right * X.shape[2]), X.dtype)
        np.matmul(self.E[1].reshape(-1, width), X, out=Z.reshape(height, p * right, -1))
        np.matmul(self.E[0].reshape(p, 1, down, height), Z.transpose(1, 0, 2), out=V)

    def _leave_back(self, dV: FloatArray, dX: FloatArray) -> None:
        """`dX = E.T dV E`, the adjoint of `_enter`."""
        (p, down, height), (_, right, width) = self.E[0].shape, self.E[1].shape
        dZ = scratch("Z", (height, p, dV.shape[3]), dV.dtype)
        tiles = scratch("tiles", (p, p, down, dV.shape[3]), dV.dtype)
        tiles[...] = dV.transpose(1, 0, 2, 3)
        columns = self.E[0].reshape(-1, height).T
        np.matmul(columns, tiles.reshape(p, p * down, -1), out=dZ.transpose(1, 0, 2))
        np.matmul(self.E[1].reshape(-1, width).T, dZ.reshape(height, p * right, -1), out=dX)

    def _leave(self, M: FloatArray, Y: FloatArray) -> None:
        """`Y = A M A.T` in every tile."""
        (m, p), (down, right) = self.A.shape, self.grid
        Z = scratch("Z", (p, down, m, M.shape[3]), M.dtype)
        np.matmul(self.A, M.transpose(1, 2, 0, 3), out=Z)
        rows = Z.reshape(p, down * m, right, -1).transpose(1, 2, 0, 3)
        np.matmul(self.A, rows, out=self._tiled(Y))

    def _enter_back(self, dY: FloatArray, dM: FloatArray) -> None:
        """`dM = A.T dY A`, the adjoint of `_leave`."""
        (m, p), (down, right) = self.A.shape, self.grid
        dZ = scratch("Z", (p, down * m, right, dY.shape[2]), dY.dtype)
        np.matmul(self.A.T, self._tiled(dY), out=dZ.transpose(1, 2, 0, 3))
        np.matmul(self.A.T, dZ.reshape(p, down, m, -1), out=dM.transpose(1, 2, 0, 3))

    def _tiled(self, pixels: FloatArray) -> FloatArray:
        """`(height, width, n)` as `(height, right, m, n)`, a view."""
        (height, _, n), (below, beside, one) = pixels.shape, pixels.strides
        m = len(self.A)
        return as_strided(pixels, (height, self.grid[1], m, n), (below, m * beside, beside, one))


def _products(left: FloatArray, right: FloatArray, out: FloatArray) -> Iterator[Piece]:
    """`out[p] = left[p] @ right[p]`."""
    for i in range(len(out)):
        yield partial(product, left[i], right[i], out=out[i])
