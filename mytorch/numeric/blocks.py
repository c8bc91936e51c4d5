"""Formulas on large arrays, a block at a time.

A large array does not fit into a processor's cache: each operation of a formula then reads and
writes it in main memory anew. So a formula runs on blocks that fit, on several threads where these
have nothing else to do. It does not know of that: it takes some rows and fills some.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from mytorch.checks.arrays import FloatArray
from mytorch.numeric.scratch import empty_like, scratch
from mytorch.numeric.sums import column_sums
from mytorch.system.parallel import idle_threads

NUMBERS = 1 << 18
"""In a block: a few arrays of so many stay in the cache of a core. Shorter operations would let two
threads wait for each other, as Python runs one of them at a time between two operations."""

WIDE = 1 << 13
"""Numbers in a row, where rows lie side by side: NumPy reads short rows three times slower."""


SOME = 256
"""Rows, at most, whose mean is like that of all."""


def blocks_of(count: int, size: int, numbers: int = NUMBERS) -> list[slice]:
    """`count` things of `size` numbers each, cut into blocks of about so many numbers."""
    step = max(1, numbers // max(size, 1))
    return [slice(i, min(i + step, count)) for i in range(0, count, step)]


def is_large(x: FloatArray) -> bool:
    """Whether `x` is cut into blocks at all."""
    return x.size > NUMBERS


def in_blocks(
    formula: Callable[..., object], *arrays: FloatArray, columns: Sequence[FloatArray] = ()
) -> None:
    """`formula(*arrays, *columns)`, which fills rows of some arrays from the same rows of others.

    All arrays are `(rows, n)`; `columns` are `(1, n)`.
    """
    if not is_large(arrays[0]):
        formula(*arrays, *columns)
        return
    side, wide = side_by_side(*arrays)
    repeated = [np.tile(one, side) for one in columns]
    idle_threads(
        partial(formula, *(array[rows] for array in wide), *repeated)
        for rows in blocks_of(*wide[0].shape)
    )


def sums_of_rows(
    formula: Callable[..., Sequence[FloatArray]],
    *arrays: FloatArray,
    columns: Sequence[FloatArray] = (),
) -> Sequence[FloatArray]:
    """The sum `(1, n)` of the rows of each array that `formula(*arrays, *columns)` gives.

    All arrays are `(rows, n)`, and a row follows from the same rows of `arrays`; `columns` are
    `(1, n)`.
    """
    n = arrays[0].shape[1]
    side, wide = side_by_side(*arrays)
    repeated = [np.tile(one, side) for one in columns]
    parts = blocks_of(*wide[0].shape)
    sums: list[list[FloatArray]] = [[] for _ in parts]

    def piece(i: int) -> None:
        results = formula(*(array[parts[i]] for array in wide), *repeated)
        sums[i] = [column_sums(one.reshape(-1, n)) for one in results]

    idle_threads(partial(piece, i) for i in range(len(parts)))
    return [column_sums(np.concatenate(of_one)) for of_one in zip(*sums, strict=True)]


def moments(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean, what rounding took from it, and biased variance of the columns of `x (rows, n)`.

    With `d = x - shift`, `mean = shift + mean(d)` and `var = mean(d^2) - mean(d)^2`, for any shift.
    The difference has its digits where the shift is not far from the mean, beside the deviation: it
    is the mean of some rows; where these are unlike the others, the mean found with it comes next.
    """
    count, n = x.shape
    side, (wide,) = side_by_side(x)
    blocks = blocks_of(*wide.shape)
    sums = np.empty((len(blocks), 2, n), x.dtype)

    def piece(i: int, rows: slice, shift: FloatArray) -> None:
        d = scratch("d", wide[rows].shape, x.dtype)
        np.subtract(wide[rows], shift, out=d)
        column_sums(d.reshape(-1, n), out=sums[i, :1])
        np.square(d, out=d)
        column_sums(d.reshape(-1, n), out=sums[i, 1:])

    some = x[:: -(-count // SOME)]
    shift = column_sums(some) / x.dtype.type(len(some))
    for _ in range(3):
        repeated = np.tile(shift, side)
        idle_threads(partial(piece, i, rows, repeated) for i, rows in enumerate(blocks))
        d, squares = sums.astype(np.longdouble).sum(axis=0)[:, None] / count
        exact, var = shift + d, squares - d * d
        mean = exact.astype(x.dtype)
        if (d * d <= var).all():
            break
        shift = mean
    return mean, (exact - mean).astype(x.dtype), var.astype(x.dtype)


def each_number(formula: Callable[..., object], *arrays: FloatArray) -> FloatArray:
    """What `formula(out, *arrays)` fills, each number from those at the same place.

    The arrays have one shape; the result lies in memory as the first one does.
    """
    out = empty_like(arrays[0])
    if not is_large(out) or any(array.strides != out.strides for array in arrays):
        formula(out, *arrays)
        return out
    flat = [array.ravel(order="K") for array in (out, *arrays)]  # views, for there are no gaps
    idle_threads(
        partial(formula, *(array[part] for array in flat)) for part in blocks_of(out.size, 1)
    )
    return out


def times_slope(layer: Any, grad: FloatArray) -> FloatArray:
    """`grad * f'(z)` of an activation, for a large `grad`, in blocks of what it keeps."""
    kept = [getattr(layer, name) for name in layer.kept]
    if all(np.shape(one) == grad.shape for one in kept):
        return each_number(partial(_times_slope, layer), grad, *kept)
    product: FloatArray = layer.local_gradient() * grad  # a subclass may keep other things
    return product


def _times_slope(layer: Any, dz: FloatArray, grad: FloatArray, *kept: FloatArray) -> None:
    """Fills `dz` with `grad * f'(z)` of some numbers, from what `layer` keeps of them."""
    part = copy.copy(layer)
    vars(part).update(zip(layer.kept, kept, strict=True))
    np.multiply(part.local_gradient(), grad, out=dz)


def side_by_side(*arrays: FloatArray) -> tuple[int, list[FloatArray]]:
    """As many rows side by side as make one wide row and divide all of them evenly; views."""
    count, n = arrays[0].shape
    side = math.gcd(count, max(1, WIDE // n))
    return side, [array.reshape(-1, side * n) for array in arrays]
