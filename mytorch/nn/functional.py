"""Operations on tensors, each with its gradient next to it.

The elementary ones have their formulas here. Those that are layers in the classic face call the
classic layer, in `layer_functions`. Every gradient is for an upstream gradient `g = dL/d output`
of the output's shape, and nothing is averaged.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.autograd_engine import ContextManager, Function
from mytorch.nn.layer_functions import (
    BatchNorm,
    CrossEntropy,
    LeakyReLU,
    LogSoftmax,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    batch_norm,
    cross_entropy,
    leaky_relu,
    log_softmax,
    relu,
    sigmoid,
    softmax,
    tanh,
)
from mytorch.tensor import Tensor, wrap

Array = npt.NDArray[Any]


def unbroadcast(grad: Array, shape: tuple[int, ...]) -> Array:
    """Sums `grad` over the axes along which an input of `shape` was repeated (002 §2.1).

    An input number that broadcasting used several times gets the sum of their gradients.
    """
    if grad.shape == shape:
        return grad
    grad = grad.sum(axis=tuple(range(grad.ndim - len(shape))))
    repeated = tuple([i for i, (n, m) in enumerate(zip(grad.shape, shape, strict=True)) if n != m])
    return grad.sum(axis=repeated, keepdims=True) if repeated else grad


def _pair(function: Callable[..., Any], name: str, a: Tensor, b: Tensor) -> Tensor:
    """`function(a, b)` with a sentence where the shapes or the types do not fit."""
    try:
        return wrap(function(a.data, b.data))
    except AttributeError:
        found = f"{type(a).__name__} and {type(b).__name__}"
        raise TypeError(f"{name}: expected two tensors, got {found}") from None
    except ValueError:
        what = "cannot be multiplied" if name == "MatMul" else "do not broadcast"
        raise ValueError(f"{name}: shapes {a.shape} and {b.shape} {what}") from None


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
        da = wrap(unbroadcast(g, a)) if ctx.needs(0) else None
        db = wrap(unbroadcast(g, b)) if ctx.needs(1) else None
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
        da = wrap(unbroadcast(g, a)) if ctx.needs(0) else None
        db = wrap(unbroadcast(-g, b)) if ctx.needs(1) else None
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
        da = wrap(unbroadcast(g * b.data, a.shape)) if ctx.needs(0) else None
        db = wrap(unbroadcast(g * a.data, b.shape)) if ctx.needs(1) else None
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
        da = wrap(unbroadcast(g / b, a.shape)) if ctx.needs(0) else None
        db = wrap(unbroadcast(-g * (a / b / b), b.shape)) if ctx.needs(1) else None
        return da, db


class Neg(Function):
    """`-a`."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor) -> Tensor:
        """`-a`."""
        return wrap(-a.data)

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> Tensor:
        """`da = -g`."""
        return wrap(-grad_output.data)


class Pow(Function):
    """`a ** b`."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor, b: Tensor) -> Tensor:
        """`a ** b`, broadcast; NaN where a negative number meets a fraction."""
        out = _pair(np.power, "Pow", a, b)
        ctx.save_for_backward(a, b, out)
        return out

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """`da = g b a^(b - 1)`, `db = g a^b log(a)`; both are 0 where their factor b or a is."""
        g, (a, b, out) = grad_output.data, (t.data for t in ctx.saved_tensors)
        da = db = None
        if ctx.needs(0):
            slope = np.power(a, np.where(b == 0, 1, b - 1))
            da = wrap(unbroadcast(g * b * slope, a.shape))
        if ctx.needs(1):
            positive = np.where(a == 0, 1, a)
            db = wrap(unbroadcast(g * out * np.log(positive), b.shape))
        return da, db


class Exp(Function):
    """`e ** a`."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor) -> Tensor:
        """`e ** a`."""
        out = wrap(np.exp(a.data))
        ctx.save_for_backward(out)
        return out

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> Tensor:
        """`da = g e^a`."""
        (out,) = ctx.saved_tensors
        return wrap(grad_output.data * out.data)


class Log(Function):
    """The natural logarithm."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor) -> Tensor:
        """`log a`."""
        ctx.save_for_backward(a)
        return wrap(np.log(a.data))

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> Tensor:
        """`da = g / a`."""
        (a,) = ctx.saved_tensors
        return wrap(grad_output.data / a.data)


class MatMul(Function):
    """The matrix product, of matrices, vectors or stacks of matrices as `np.matmul` has it."""

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
        da = wrap(_left_gradient(g, a.data, b.data)) if ctx.needs(0) else None
        db = wrap(_right_gradient(g, a.data, b.data)) if ctx.needs(1) else None
        return da, db


def _left_gradient(g: Array, a: Array, b: Array) -> Array:
    """`g @ b^T` in the shape of `a`; a vector is a row on the left and a column on the right."""
    if a.ndim == b.ndim == 2:
        return g @ b.T
    if b.ndim == 1:
        b, g = b[:, None], g[..., None]
    if a.ndim == 1:
        g = g[..., None, :]
    rows = a.shape if a.ndim > 1 else (1, *a.shape)
    return unbroadcast(g @ b.swapaxes(-1, -2), rows).reshape(a.shape)


def _right_gradient(g: Array, a: Array, b: Array) -> Array:
    """`a^T @ g` in the shape of `b`; vectors as above."""
    if a.ndim == b.ndim == 2:
        return a.T @ g
    if b.ndim == 1:
        g = g[..., None]
    if a.ndim == 1:
        a, g = a[None, :], g[..., None, :]
    columns = b.shape if b.ndim > 1 else (*b.shape, 1)
    return unbroadcast(a.swapaxes(-1, -2) @ g, columns).reshape(b.shape)


class Sum(Function):
    """The sum over axes."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
        """`sum_i a_i` over one axis, several, or all."""
        ctx.shape, ctx.axis, ctx.keepdims = a.data.shape, axis, keepdims
        return wrap(a.data.sum(axis=axis, keepdims=keepdims))

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor, None, None]:
        """`da_i = g`: every number that was summed gets the sum's gradient."""
        return wrap(np.array(_spread(ctx, grad_output.data))), None, None


class Mean(Function):
    """The mean over axes."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
        """`sum_i a_i / n` over one axis, several, or all."""
        ctx.shape, ctx.axis, ctx.keepdims = a.data.shape, axis, keepdims
        return wrap(a.data.mean(axis=axis, keepdims=keepdims))

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor, None, None]:
        """`da_i = g / n`."""
        g = grad_output.data
        n = np.prod(ctx.shape) / max(g.size, 1)
        return wrap(_spread(ctx, g) / g.dtype.type(n)), None, None


class Max(Function):
    """The largest number along one axis, or of all."""

    @staticmethod
    def forward(
        ctx: ContextManager, a: Tensor, axis: int | None = None, keepdims: bool = False
    ) -> Tensor:
        """`max_i a_i`."""
        ctx.shape, ctx.axis, ctx.keepdims = a.data.shape, axis, keepdims
        ctx.save_for_backward(a)
        return wrap(a.data.max(axis=axis, keepdims=keepdims))

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor, None, None]:
        """`da_i = g` for the first of the largest numbers, 0 for all others."""
        (a,) = ctx.saved_tensors
        first = np.expand_dims(a.data.argmax(ctx.axis), () if ctx.axis is None else ctx.axis)
        if ctx.axis is None:
            chosen = (np.arange(a.data.size) == first).reshape(ctx.shape)
        else:
            chosen = np.zeros(ctx.shape, bool)
            np.put_along_axis(chosen, first, True, ctx.axis)
        return wrap(_spread(ctx, grad_output.data) * chosen), None, None


def _spread(ctx: ContextManager, grad: Array) -> Array:
    """The gradient of a reduction, repeated to the shape before it; a view that is read only."""
    if ctx.axis is not None and not ctx.keepdims:
        grad = np.expand_dims(grad, ctx.axis)
    return np.broadcast_to(grad, ctx.shape)


class Reshape(Function):
    """The same numbers in another shape."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor, shape: Any) -> Tensor:
        """`a` in `shape`."""
        ctx.shape = a.data.shape
        try:
            return wrap(a.data.reshape(shape))
        except ValueError:
            raise ValueError(
                f"Reshape: a tensor {a.shape} of {a.data.size} numbers does not fit into {shape}"
            ) from None

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor, None]:
        """`g` in the shape of `a`."""
        return wrap(grad_output.data.reshape(ctx.shape)), None


class Transpose(Function):
    """All axes in reverse order."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor) -> Tensor:
        """`a^T`."""
        return wrap(a.data.T)

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> Tensor:
        """`g^T`."""
        return wrap(grad_output.data.T)


class Index(Function):
    """Some of the numbers: `a[key]` with whatever NumPy takes for a key."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor, key: Any) -> Tensor:
        """`a[key]`; tensors in the key stand for their data."""
        parts = key if isinstance(key, tuple) else (key,)
        ctx.key = tuple([part.data if isinstance(part, Tensor) else part for part in parts])
        ctx.shape, ctx.dtype = a.data.shape, a.data.dtype
        try:
            return wrap(np.array(a.data[ctx.key]))
        except IndexError as error:
            raise IndexError(f"Index: a tensor {a.shape}: {error}") from None

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor, None]:
        """`g` at the places of the key, added up where it names one several times; 0 elsewhere."""
        grad = np.zeros(ctx.shape, ctx.dtype)
        np.add.at(grad, ctx.key, grad_output.data)
        return wrap(grad), None


class Concatenate(Function):
    """Tensors joined along an axis."""

    @staticmethod
    def forward(ctx: ContextManager, axis: int, *tensors: Tensor) -> Tensor:
        """All tensors one after the other."""
        ctx.axis = axis
        ctx.ends = np.cumsum([t.data.shape[axis] for t in tensors])[:-1]
        try:
            return wrap(np.concatenate([t.data for t in tensors], axis))
        except ValueError:
            shapes = ", ".join(str(t.shape) for t in tensors)
            raise ValueError(
                f"Concatenate: shapes {shapes} differ in more than axis {axis}"
            ) from None

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """The part of `g` that each tensor became."""
        return None, *map(wrap, np.split(grad_output.data, ctx.ends, ctx.axis))


def concatenate(tensors: list[Tensor] | tuple[Tensor, ...], axis: int = 0) -> Tensor:
    """Tensors joined along an axis; their other sizes must agree."""
    return Concatenate.apply(axis, *tensors)


__all__ = [
    "Add", "BatchNorm", "Concatenate", "CrossEntropy", "Div", "Exp", "Index", "LeakyReLU", "Log",
    "LogSoftmax", "MatMul", "Max", "Mean", "Mul", "Neg", "Pow", "ReLU", "Reshape", "Sigmoid",
    "Softmax", "Sub", "Sum", "Tanh", "Transpose", "batch_norm", "concatenate", "cross_entropy",
    "leaky_relu", "log_softmax", "relu", "sigmoid", "softmax", "tanh", "unbroadcast",
]  # fmt: skip
