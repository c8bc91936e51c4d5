"""Layers that change a shape and no number."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray, as_floats, title
from mytorch.layer import Layer


class Flatten(Layer, checked=True):
    """Every sample as one row: `(batch, channels, height, width)` to `(batch, c * h * w)`.

    The numbers of a row stand in the order of the axes, channel by channel, as in PyTorch. The
    gradient is the same numbers in the input's shape.
    """

    kept = ("shape",)

    shape: tuple[int, ...] | None = None
    """That of the last input; None before the first."""

    dtype_of_output: Any = None

    def check_input(self, x: npt.ArrayLike) -> FloatArray:
        """`x` as floats of at least two axes, the first of which is the batch."""
        array = as_floats(x, self)
        if array.ndim < 2 or len(array) == 0:
            raise ValueError(
                f"{title(self)}: expected input (batch, ...) of at least two axes and one sample, "
                f"got {array.shape}"
            )
        return array

    def forward(self, x: Any) -> FloatArray:
        """`(batch, ...)` to `(batch, n)`; ValueError for a single axis or an empty batch."""
        self.shape, self.dtype_of_output = x.shape, x.dtype
        return x.reshape(len(x), -1)

    def backward(self, grad: Any) -> FloatArray:
        """`grad` in the shape of the input."""
        return grad.reshape(self.shape)

    def expected_gradient(self) -> tuple[tuple[int, ...], np.dtype[Any]] | None:
        """`(batch, n)` of the last output, and its dtype."""
        if self.shape is None:
            return None
        return (self.shape[0], int(np.prod(self.shape[1:]))), self.dtype_of_output


__all__ = ["Flatten"]
