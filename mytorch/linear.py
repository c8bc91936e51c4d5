"""The linear layer: `Z = X @ W + b`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import (
    FloatArray,
    Parameter,
    as_batch,
    as_floats,
    float_dtype,
    forgot_forward,
)
from mytorch.checks.settings import check_int
from mytorch.numeric.sums import column_sums

WeightInit = Callable[[int, int], npt.ArrayLike]
BiasInit = Callable[[int], npt.ArrayLike]


class Linear:
    """An affine function of every row: `Z = X @ W + b` (001 §2.1.1).

    Parameters
    ----------
    in_feature, out_feature : the number of columns that come in and go out.
    weight_init_fn, bias_init_fn : `weight_init_fn(in_feature, out_feature)` gives `W`, then
        `bias_init_fn(out_feature)` gives `b`; each is called once, in this order.
    dtype : float32 or float64. Without it, the dtype of the weights: float32 weights make a
        float32 layer, all others a float64 one, and assigning `W` later can change it.

    Attributes
    ----------
    W, dW, momentum_W : weights, their gradient and their momentum, `(in_feature, out_feature)`.
    b, db, momentum_b : the same for the bias, `(1, out_feature)`.
    x : the input of the last `forward`; None before the first.

    Assigning to one of them copies the values into a new array; `b` may also be `(out_feature,)`.
    A step and a backward pass write into the arrays that are there: copy what you want to keep.
    Raises ValueError or TypeError where an initializer returns another shape or no real numbers.
    """

    W = Parameter("in_feature", "out_feature", leads=True)
    b = Parameter(1, "out_feature")
    dW = Parameter("in_feature", "out_feature")
    db = Parameter(1, "out_feature")
    momentum_W = Parameter("in_feature", "out_feature")
    momentum_b = Parameter(1, "out_feature")

    def __init__(
        self,
        in_feature: int,
        out_feature: int,
        weight_init_fn: WeightInit,
        bias_init_fn: BiasInit,
        dtype: npt.DTypeLike | None = None,
    ) -> None:
        self.in_feature = check_int(in_feature, "Linear", "in_feature")
        self.out_feature = check_int(out_feature, "Linear", "out_feature")
        if not (callable(weight_init_fn) and callable(bias_init_fn)):
            raise TypeError(
                f"{self!r}: expected functions as weight_init_fn and bias_init_fn, "
                f"got {weight_init_fn!r} and {bias_init_fn!r}"
            )
        weights = as_floats(weight_init_fn(in_feature, out_feature), self, "W")
        self.dtype_fixed = dtype is not None
        self.dtype: np.dtype[Any] = weights.dtype if dtype is None else float_dtype(dtype)
        self.W = weights
        self.b = bias_init_fn(out_feature)
        self.dW = self.momentum_W = np.zeros_like(self.W)
        self.db = self.momentum_b = np.zeros_like(self.b)
        self.x: FloatArray | None = None

    def __call__(self, x: npt.ArrayLike) -> FloatArray:
        """`forward(x)`."""
        return self.forward(x)

    def __repr__(self) -> str:
        return f"Linear({self.in_feature}, {self.out_feature})"

    def forward(self, x: npt.ArrayLike) -> FloatArray:
        """`X @ W + b`: `(batch, in_feature)` to `(batch, out_feature)` (001 §2.1.1).

        Raises ValueError for another shape or an empty batch, TypeError for anything not real.
        """
        self.x = as_batch(x, self.in_feature, self.dtype, self)
        out: FloatArray = self.x @ self.W
        out += self.b
        return out

    def backward(self, delta: npt.ArrayLike) -> FloatArray:
        """Sets `dW` and `db` and returns the gradient for the input, `delta @ W.T` (001 §3.4).

        `delta (batch, out_feature)` is the gradient for the output; the result is
        `(batch, in_feature)` and not averaged, unlike `dW` and `db` (001 §3.6).
        Raises RuntimeError before the first `forward`, ValueError for another shape.
        """
        delta = self._gradient(delta)
        self.parameter_gradients(delta)
        return delta @ self.W.T

    def parameter_gradients(self, delta: npt.ArrayLike) -> None:
        """Sets `dW = X.T @ delta / batch` and `db = 1 @ delta / batch` (001 §3.6).

        This is `backward` without the gradient for the input, which the first layer of a network
        does not need and which is its largest product.
        """
        delta = self._gradient(delta)
        average = delta / len(delta)  # dividing the smaller factor saves dividing dW
        np.matmul(self._input().T, average, out=self.dW)
        self.db[...] = column_sums(average)

    def _input(self) -> FloatArray:
        if self.x is None:
            raise forgot_forward(self)
        return self.x

    def _gradient(self, delta: npt.ArrayLike) -> FloatArray:
        """`delta` as floats, one row for each row of the input."""
        rows = len(self._input())
        return as_batch(delta, self.out_feature, self.dtype, self, "gradient", rows)
