"""The convolutional layer."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import ArrayAttribute, DType, FloatArray, float_dtype
from mytorch.checks.images import as_images, check_pair, check_window
from mytorch.checks.settings import check_bool, check_int, check_rng
from mytorch.layer import Layer
from mytorch.numeric.correlation import Way, way_for
from mytorch.numeric.windows import to_hwnc, to_nchw
from mytorch.system.summary import windows

WEIGHTS = ("out_channels", "in_channels", "kh", "kw")
"""The shape of the weights."""

MEMORY = (2, 3, 1, 0)
"""The order of the weights' axes in memory, by which they are `(kh, kw, in, out)`."""


class Conv2d(Layer, checked=True):
    """Every output pixel is the same affine function of the window around it (003 §4).

        Y[n, o, r, s] = b[o] + sum over c, i, j of W[o, c, i, j] P[n, c, r stride + i, s stride + j]

    with the padded pictures `P`; the window is not flipped. For all windows at once these are three
    linear maps: `pad` the pictures, `gather` the windows as rows, multiply by the weights,

        X  ->  P = pad(X)  ->  G = gather(P)  ->  Y = G @ M + b

    with `G (rows * columns * batch, kh * kw * in)` and the weights as a matrix `M (kh * kw * in,
    out)`. The gradient for the input runs through the adjoints of these maps, last to first:

        dX = unpad(scatter(dY @ M.T)),    dM = G.T @ dY / batch,    db = 1 @ dY / batch

    `scatter` adds every number to the pixel that `gather` took it from. Windows of 3x3 on many
    channels are computed with fewer multiplications, see `numeric/winograd.py`: other linear maps,
    the same sums. `numeric/correlation.py` chooses.

    Parameters
    ----------
    in_channels, out_channels : the channels that come in and go out.
    kernel_size, stride, padding : one whole number, or two: vertical, horizontal.
    bias : whether there is a `b`.
    rng : a seed or a generator, by default NumPy's global one, for the weights and `b`, which are
        uniform from `±1 / sqrt(in * kh * kw)` (PyTorch's).
    dtype : float32 or float64, by default float64.

    Attributes
    ----------
    W, dW : `(out_channels, in_channels, kh, kw)`, in memory in the order `kh, kw, in, out`.
    b, db : `(1, out_channels)`.
    way : what computed the last `forward`, with what `backward` needs; None before the first.

    `dW` and `db` are averaged over the pictures of the batch, as in `Linear`, and summed over the
    pixels of a picture; the gradient for the input is not averaged.
    """

    parameters: tuple[str, ...] = ("W", "b")
    averaged = ("W", "b")
    works_later = True
    kept = ("way", "output_shape")
    torch_names: ClassVar = {"W": "weight", "b": "bias"}

    W, dW = ArrayAttribute.several(2, *WEIGHTS, memory=MEMORY)
    b, db = ArrayAttribute.several(2, 1, "out_channels")
    way: Any

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        bias: bool = True,
        rng: int | np.random.Generator | None = None,
        dtype: DType = None,
    ) -> None:
        self.in_channels = check_int(in_channels, "Conv2d", "in_channels")
        self.out_channels = check_int(out_channels, "Conv2d", "out_channels")
        self.kernel_size = self.kh, self.kw = check_pair(kernel_size, "Conv2d", "kernel_size", 1)
        self.stride = check_pair(stride, "Conv2d", "stride", 1)
        self.padding = check_pair(padding, "Conv2d", "padding", 0)
        self.dtype: np.dtype[Any] = float_dtype(np.float64 if dtype is None else dtype)
        bound = 1 / math.sqrt(self.in_channels * self.kh * self.kw)
        draw = check_rng(rng, "Conv2d").uniform
        self.W = draw(-bound, bound, (self.out_channels, self.in_channels, self.kh, self.kw))
        self.dW = np.zeros_like(self.W)
        self.bias = check_bool(bias, "Conv2d", "bias")
        if self.bias:
            self.b = draw(-bound, bound, self.out_channels)
            self.db = np.zeros_like(self.b)
        else:
            self.parameters = ("W",)

    def __repr__(self) -> str:
        channels = f"{self.in_channels}, {self.out_channels}"
        without = "" if self.bias else ", bias=False"
        return f"Conv2d({channels}, {windows(self, (1, 1))}{without})"

    def check_input(self, x: npt.ArrayLike) -> FloatArray:
        """`x` as pictures `(batch, in_channels, height, width)` in the layer's dtype."""
        return check_window(as_images(x, self, self.in_channels, self.dtype), self)

    def forward(self, x: Any) -> FloatArray:
        """`(batch, in_channels, height, width)` to `(batch, out_channels, rows, columns)`.

        Raises ValueError for another shape, an empty batch or pictures smaller than the window,
        TypeError for anything not real.
        """
        self.way = None
        self.way = way_for(
            self.in_channels, x.shape[2:], self.kernel_size, self.stride, self.padding
        )
        W = np.ascontiguousarray(self.W.transpose(MEMORY))  # pickle does not keep this order
        b = self.b if self.bias else None
        out = to_nchw(self.way.forward(to_hwnc(x), W, b))
        self.output_shape = out.shape
        return out

    def backward(self, delta: Any) -> FloatArray:
        """Sets `dW` and `db` and returns the gradient for the input, of its shape.

        Raises RuntimeError before the first `forward`, ValueError for another shape.
        """
        input_gradient = self._backward(delta)
        return to_nchw(input_gradient())

    def _backward(self, delta: Any) -> Callable[[], FloatArray]:
        """Sets `dW` and `db`, `later`; the result gives the gradient for the input, in HWNC."""
        if not self.dW.transpose(MEMORY).flags.c_contiguous:  # one that was put in its place
            self.dW = np.zeros_like(self.W)
        way: Way = self.way
        db = self.db if self.bias else None
        return way.backward(to_hwnc(delta), self.dW.transpose(MEMORY), db, 1 / len(delta))

    def parameter_gradients(self, delta: Any) -> None:
        """`backward` without the gradient for the input."""
        self._backward(delta)

    def expected_gradient(self) -> tuple[tuple[int, ...], np.dtype[Any]] | None:
        """`(batch, out_channels, rows, columns)` of the last `forward`, in the layer's dtype."""
        return None if self.way is None else (self.output_shape, self.dtype)


__all__ = ["Conv2d"]
