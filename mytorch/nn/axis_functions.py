"""Operations on tensors along axes: sums, means, maxima, shapes, indexing and joining."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch._context import ContextManager, Tensor
from mytorch.autograd_engine import Function

Array = npt.NDArray[Any]


class Sum(Function):
    """The sum over axes."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
        """`sum_i a_i` over one axis, several, or all."""
        ctx.shape, ctx.axis, ctx.keepdims = a.data.shape, axis, keepdims
        return a.wrap(a.data.sum(axis=axis, keepdims=keepdims))

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor, None, None]:
        """`da_i = g`: every number that was summed gets the sum's gradient."""
        return grad_output.wrap(np.array(_spread(ctx, grad_output.data))), None, None


class Mean(Function):
    """The mean over axes."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
        """`sum_i a_i / n` over one axis, several, or all."""
        ctx.shape, ctx.axis, ctx.keepdims = a.data.shape, axis, keepdims
        return a.wrap(a.data.mean(axis=axis, keepdims=keepdims))

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor, None, None]:
        """`da_i = g / n`."""
        g = grad_output.data
        n = math.prod(ctx.shape) / max(g.size, 1)
        return grad_output.wrap(_spread(ctx, g) / g.dtype.type(n)), None, None


class Max(Function):
    """The largest number along one axis, or of all."""

    @staticmethod
    def forward(
        ctx: ContextManager, a: Tensor, axis: int | None = None, keepdims: bool = False
    ) -> Tensor:
        """`max_i a_i`; TypeError for several axes, of which there is no first."""
        if isinstance(axis, tuple):
            raise TypeError(f"Max: expected one axis or None, got {axis}")
        ctx.shape, ctx.axis, ctx.keepdims = a.data.shape, axis, keepdims
        ctx.save_for_backward(a)
        return a.wrap(a.data.max(axis=axis, keepdims=keepdims))

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
        return grad_output.wrap(_spread(ctx, grad_output.data) * chosen), None, None


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
            return a.view(a.data.reshape(shape))
        except ValueError:
            raise ValueError(
                f"Reshape: a tensor {a.shape} of {a.data.size} numbers does not fit into {shape}"
            ) from None

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor, None]:
        """`g` in the shape of `a`."""
        return grad_output.wrap(grad_output.data.reshape(ctx.shape)), None


class Transpose(Function):
    """All axes in reverse order."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor) -> Tensor:
        """`a^T`."""
        return a.view(a.data.T)

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> Tensor:
        """`g^T`."""
        return grad_output.wrap(grad_output.data.T)


class Index(Function):
    """Some of the numbers: `a[key]` with whatever NumPy takes for a key."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor, key: Any) -> Tensor:
        """`a[key]`; tensors in the key stand for their data."""
        parts = key if isinstance(key, tuple) else (key,)
        ctx.key = tuple([_fixed(part) for part in parts])
        ctx.shape, ctx.dtype = a.data.shape, a.data.dtype
        try:
            return a.wrap(np.array(a.data[ctx.key]))
        except IndexError as error:
            raise IndexError(f"Index: a tensor {a.shape}: {error}") from None

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor, None]:
        """`g` at the places of the key, added up where it names one several times; 0 elsewhere."""
        grad = np.zeros(ctx.shape, ctx.dtype)
        np.add.at(grad, ctx.key, grad_output.data)
        return grad_output.wrap(grad), None


def _fixed(part: Any) -> Any:
    """A part of a key that nobody changes any more: a copy of numbers, tensors for their data."""
    if hasattr(part, "grad_fn"):
        part = part.data
    return np.array(part) if isinstance(part, (list, np.ndarray)) else part


class Concatenate(Function):
    """Tensors joined along an axis."""

    @staticmethod
    def forward(ctx: ContextManager, axis: int, *tensors: Tensor) -> Tensor:
        """All tensors one after the other."""
        if not tensors or any(t.data.ndim == 0 for t in tensors):
            raise ValueError("Concatenate: expected at least one tensor, none of them a scalar")
        ctx.axis = axis
        ctx.ends = np.cumsum([t.data.shape[axis] for t in tensors])[:-1]
        try:
            return tensors[0].wrap(np.concatenate([t.data for t in tensors], axis))
        except ValueError:
            shapes = ", ".join(str(t.shape) for t in tensors)
            raise ValueError(
                f"Concatenate: shapes {shapes} differ in more than axis {axis}"
            ) from None

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """The part of `g` that each tensor became."""
        return None, *map(grad_output.wrap, np.split(grad_output.data, ctx.ends, ctx.axis))


def concatenate(tensors: list[Tensor] | tuple[Tensor, ...], axis: int = 0) -> Tensor:
    """Tensors joined along an axis; their other sizes must agree."""
    return Concatenate.apply(axis, *tensors)


__all__ = ["Concatenate", "Index", "Max", "Mean", "Reshape", "Sum", "Transpose", "concatenate"]
