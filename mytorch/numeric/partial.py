"""Gradients that are zero but at some places, added up without an array for each."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.graph import not_a_gradient

Array = npt.NDArray[Any]


class Partial:
    """The gradient of `a[key]` for `a`, and of other pieces of the same `a`, not yet added up.

    200 rows of a large array, each picked by an operation of its own, would otherwise be 200 arrays
    of its size. `tensor()` makes the sum.
    """

    def __init__(self, shape: tuple[int, ...], dtype: Any, key: Any, grad: Any) -> None:
        self.shape = shape
        self.dtype = dtype
        self.wrap = grad.wrap
        self.pieces = [(key, grad.data)]
        self.whole: list[Array] = []

    def add(self, grad: Any) -> None:
        """Takes in another gradient for the same array: more pieces, or a tensor."""
        if isinstance(grad, Partial):
            self.pieces += grad.pieces
            self.whole += grad.whole
        else:
            self.whole.append(grad.data)

    @property
    def data(self) -> Array:
        """The sum as an array."""
        array: Array = self.tensor().data
        return array

    def tensor(self) -> Any:
        """The sum as a tensor with an array of its own."""
        if self.whole:
            total = sum(self.whole[1:], start=np.array(self.whole[0]))
        else:
            total = np.zeros(self.shape, self.dtype)
        for key, grad in self.pieces:
            if any(isinstance(k, np.ndarray) and k.dtype.kind != "b" for k in key):
                np.add.at(total, key, grad)  # indices, which may name a place several times
            else:
                total[key] += grad
        return self.wrap(total)


def add_up(old: Any, new: Any) -> Any:
    """The sum of two gradients for one array, each a tensor or pieces; the first may be None."""
    if old is None:
        return new
    if type(new) is Partial or type(old) is Partial:
        total, other = (old, new) if type(old) is Partial else (new, old)
        total.add(other)
        return total
    return new.wrap(old.data + new.data)


def as_tensor(owner: str, grad: Any) -> Any:
    """Pieces of a gradient, added up; TypeError for anything else."""
    if type(grad) is Partial:
        return grad.tensor()
    raise not_a_gradient(owner, grad)
