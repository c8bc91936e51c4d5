"""The linear layer: `Z = X @ W + b`."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from mytorch.checks.arrays import ArrayAttribute, DType, FloatArray, as_floats, float_dtype
from mytorch.checks.settings import BiasInit, WeightInit, check_functions, check_int
from mytorch.layer import Layer
from mytorch.numeric.products import MOST, matmul
from mytorch.numeric.sums import column_sums


class Linear(Layer, checked=True):
    """An affine function of every row: `Z = X @ W + b` (001 §2.1.1).

    Parameters
    ----------
    in_feature, out_feature : the number of columns that come in and go out.
    weight_init_fn, bias_init_fn : `weight_init_fn(in_feature, out_feature)` gives `W`, then
        `bias_init_fn(out_feature)` gives `b`; each is called once, in this order.
    dtype : float32 or float64; without it, float32 if the weights are, else float64.

    Attributes
    ----------
    W, dW, momentum_W : weights, their gradient and their momentum, `(in_feature, out_feature)`.
    b, db, momentum_b : the same for the bias, `(1, out_feature)`.
    x : the input of the last `forward`; None before the first.

    Assigning to one of them copies the values into a new array of the layer's dtype; `b` may also
    be `(out_feature,)`. A step and a backward pass write into the arrays that are there: copy what
    you want to keep.
    Raises ValueError or TypeError where an initializer returns another shape or no real numbers.
    """

    parameters = averaged = ("W", "b")
    kept, output_like = ("momentum_W", "momentum_b", "x"), "x"
    in_repr = ("in_feature", "out_feature")
    torch_names: ClassVar = {"W": "weight", "b": "bias"}

    W, dW, momentum_W = ArrayAttribute.several(3, "in_feature", "out_feature")
    b, db, momentum_b = ArrayAttribute.several(3, 1, "out_feature")

    def __init__(
        self, in_feature: int, out_feature: int, weight_init_fn: WeightInit, bias_init_fn: BiasInit,
        dtype: DType = None,
    ) -> None:  # fmt: skip
        self.in_feature = check_int(in_feature, "Linear", "in_feature")
        self.out_feature = check_int(out_feature, "Linear", "out_feature")
        check_functions(self, weight_init_fn=weight_init_fn, bias_init_fn=bias_init_fn)
        weights = as_floats(weight_init_fn(in_feature, out_feature), self, "W")
        self.dtype = weights.dtype if dtype is None else float_dtype(dtype)
        self.W, self.b = weights, bias_init_fn(out_feature)
        self.dW = self.momentum_W = np.zeros_like(self.W)
        self.db = self.momentum_b = np.zeros_like(self.b)

    def forward(self, x: Any) -> FloatArray:
        """`X @ W + b`: `(batch, in_feature)` to `(batch, out_feature)` (001 §2.1.1).

        Raises ValueError for another shape or an empty batch, TypeError for anything not real.
        """
        self.x = x
        large = len(x) * self.W.size > MOST  # `matmul` asks, too: a small product has no call more
        out: FloatArray = matmul(x, self.W) if large else x.dot(self.W)
        out += self.b
        return out

    def backward(self, delta: Any) -> FloatArray:
        """Sets `dW` and `db` and returns the gradient for the input, `delta @ W.T` (001 §3.4).

        `delta (batch, out_feature)` is the gradient for the output; the result is
        `(batch, in_feature)` and not averaged, unlike `dW` and `db` (001 §3.6).
        Raises RuntimeError before the first `forward`, ValueError for another shape.
        """
        self._average(delta)
        return delta @ self.W.T

    def _average(self, delta: Any) -> None:
        """`backward` without its largest product, the gradient for the input.

        `dW = X.T @ delta / batch` and `db = 1 @ delta / batch` (001 §3.6), in place.
        """
        mean = delta / float(len(delta))  # dividing the smaller factor saves dividing dW
        matmul(self.x.T, mean, out=self.dW)
        column_sums(mean, out=self.db)

    parameter_gradients = _average


__all__ = ["BiasInit", "Linear", "WeightInit"]
