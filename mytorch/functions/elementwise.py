"""Operations on two tensors, each with its gradients next to it.

The elementary ones of one tensor are in `unary`, those of shapes and axes in `axes`. Those that are
layers in the classic face call the classic layer, in `layers`. Every gradient is for an upstream
gradient `g = dL/d output` of the output's shape, and nothing is averaged.

Elementary operations compute as NumPy does: `log(0)` is -inf, `1 / 0` and `exp(1000)` are inf, and
so are their gradients where the derivative is, or NaN where a factor 0 meets it, as that of
`sqrt((t * t).sum())` at 0. NumPy warns of each unless `np.errstate` says otherwise. Layers and
losses do neither for finite input, whatever its size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.autograd_engine import ContextManager, Function, Tensor
from mytorch.checks.shapes import check_broadcast

Array = npt.NDArray[Any]


def unbroadcast(grad: Array, shape: tuple[int, ...]) -> Array:
    """Sums `grad` over the axes along which an input of `shape` was repeated (002 §2.1).

    An input number that broadcasting used several times gets the sum of their gradients.
    """
    if getattr(grad, "shape", None) == shape:
        return grad
    check_broadcast(grad, shape)
    grad = grad.sum(axis=tuple(range(grad.ndim - len(shape))))
    repeated = tuple([i for i, (n, m) in enumerate(zip(grad.shape, shape, strict=True)) if n != m])
    return grad.sum(axis=repeated, keepdims=True) if repeated else grad


def _pair(function: Callable[..., Any], name: str, a: Tensor, b: Tensor) -> Tensor:
    """`function(a, b)`, or an error that names the shapes or the types that do not fit."""
    try:
        a.grad_fn, b.grad_fn  # noqa: B018 - an array has data, too, but of another kind
        x, y = a.data, b.data
        if x.dtype is not y.dtype:  # before 2.0, NumPy looks at the numbers, too
            dtype = np.promote_types(x.dtype, y.dtype)
            x, y = x.astype(dtype, copy=False), y.astype(dtype, copy=False)
        return a.wrap(function(x, y))
    except AttributeError:
        found = f"{type(a).__name__} and {type(b).__name__}"
        raise TypeError(f"{name}: expected two tensors, got {found}") from None
    except ValueError:
        what = "cannot be multiplied" if name == "MatMul" else "do not broadcast"
        raise ValueError(f"{name}: shapes {a.shape} and {b.shape} {what}") from None
    except TypeError as error:  # e.g. booleans, which NumPy does not subtract
        raise TypeError(f"{name}: {error}") from None


class Add(Function):
    """`a + b`."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor, b: Tensor) -> Tensor:
        """`a + b`, broadcast."""
        out = _pair(np.add, "Add", a, b)
        ctx.shapes = a.data.shape, b.data.shape
        return out

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """`da = g`, `db = g`."""
        g, (a, b) = grad_output.data, ctx.shapes
        da = grad_output.wrap(unbroadcast(g, a)) if ctx.needs(0) else None
        db = grad_output.wrap(unbroadcast(g, b)) if ctx.needs(1) else None
        return da, db


class Sub(Function):
    """`a - b`."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor, b: Tensor) -> Tensor:
        """`a - b`, broadcast."""
        out = _pair(np.subtract, "Sub", a, b)
        ctx.shapes = a.data.shape, b.data.shape
        return out

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """`da = g`, `db = -g`."""
        g, (a, b) = grad_output.data, ctx.shapes
        da = grad_output.wrap(unbroadcast(g, a)) if ctx.needs(0) else None
        db = grad_output.wrap(unbroadcast(-g, b)) if ctx.needs(1) else None
        return da, db


class Mul(Function):
    """`a * b`."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor, b: Tensor) -> Tensor:
        """`a * b`, broadcast."""
        out = _pair(np.multiply, "Mul", a, b)
        ctx.save_for_backward(a, b)
        return out

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """`da = g b`, `db = g a`."""
        g, (a, b) = grad_output.data, ctx.saved_tensors
        da = grad_output.wrap(unbroadcast(g * b.data, a.shape)) if ctx.needs(0) else None
        db = grad_output.wrap(unbroadcast(g * a.data, b.shape)) if ctx.needs(1) else None
        return da, db


class Div(Function):
    """`a / b`."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor, b: Tensor) -> Tensor:
        """`a / b`, broadcast."""
        out = _pair(np.divide, "Div", a, b)
        ctx.save_for_backward(a, b)
        return out

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """`da = g / b`, `db = -g a / b^2`."""
        g, (a, b) = grad_output.data, (t.data for t in ctx.saved_tensors)
        da = grad_output.wrap(unbroadcast(g / b, a.shape)) if ctx.needs(0) else None
        db = grad_output.wrap(unbroadcast(-g * (a / b / b), b.shape)) if ctx.needs(1) else None
        return da, db


class Pow(Function):
    """`a ** b`."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor, b: Tensor) -> Tensor:
        """`a ** b`, broadcast; NaN where a negative number meets a fraction."""
        out = _pair(_power, "Pow", a, b)
        ctx.save_for_backward(a, b, out.twin(out.data))
        return out

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """`da = g b a^(b - 1)`, `db = g a^b log(a)`; both are 0 where their factor b or a is."""
        g, (a, b, out) = grad_output.data, (t.data for t in ctx.saved_tensors)
        da = db = None
        if ctx.needs(0):
            less = b.astype(np.result_type(b.dtype, np.int8))  # of booleans nothing is subtracted
            one = less.dtype.type(1)
            slope = np.power(a, np.where(b == 0, one, less - one))
            da = grad_output.wrap(unbroadcast(g * b * slope, a.shape))
        if ctx.needs(1):
            with np.errstate(invalid="ignore"):  # NaN for a negative a, which is right
                log = np.log(np.where(a == 0, a.dtype.type(1), a))
            db = grad_output.wrap(unbroadcast(g * out * log, b.shape))
        return da, db


def _power(a: Array, b: Array) -> Array:
    """`a ** b`, in floats where integers have a negative exponent."""
    if b.dtype.kind in "iu" and (b < 0).any():
        b = b.astype(float)
    return np.power(a, b)


class MatMul(Function):
    """The matrix product, of matrices, vectors or stacks of matrices as `np.matmul` has it."""

    fresh_gradients = True

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor, b: Tensor) -> Tensor:
        """`a @ b`."""
        out = _pair(np.matmul, "MatMul", a, b)
        ctx.save_for_backward(a, b)
        return out

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """`da = g @ b^T`, `db = a^T @ g`."""
        g, (a, b) = grad_output.data, ctx.saved_tensors
        da = grad_output.wrap(_left_gradient(g, a.data, b.data)) if ctx.needs(0) else None
        db = grad_output.wrap(_right_gradient(g, a.data, b.data)) if ctx.needs(1) else None
        return da, db


def _left_gradient(g: Array, a: Array, b: Array) -> Array:
    """`g @ b^T` in the shape of `a`; a vector is a row on the left and a column on the right."""
    if a.ndim == b.ndim == 2:
        return g @ b.T
    if b.ndim == 1:
        b, g = b[:, None], g[..., None]
    if a.ndim == 1:
        g = g[..., None, :]
    return unbroadcast(g @ b.swapaxes(-1, -2), a.shape)


def _right_gradient(g: Array, a: Array, b: Array) -> Array:
    """`a^T @ g` in the shape of `b`; vectors as above."""
    if a.ndim == b.ndim == 2:
        # laid out in memory as b is: for a transposed b, what comes out is transposed back
        return a.T @ g if b.flags.c_contiguous else (g.T @ a).T
    if b.ndim == 1:
        g = g[..., None]
    if a.ndim == 1:
        a, g = a[None, :], g[..., None, :]
    columns = b.shape if b.ndim > 1 else (*b.shape, 1)
    return unbroadcast(a.swapaxes(-1, -2) @ g, columns).reshape(b.shape)
