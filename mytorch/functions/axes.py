"""Operations on tensors along axes: sums, means, maxima, shapes, indexing and joining."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from mytorch.autograd_engine import ContextManager, Function, Tensor
from mytorch.checks.arrays import is_masked
from mytorch.checks.settings import check_bool, check_int, shown
from mytorch.numeric.partial import Partial

Array = npt.NDArray[Any]


class Sum(Function):
    """The sum over axes."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
        """`sum_i a_i` over one axis, several, or all."""
        ctx.shape, ctx.axis, ctx.keepdims = a.data.shape, axis, keepdims
        return a.wrap(_reduced("Sum", a.data, axis, keepdims))

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
        return a.wrap(_reduced("Mean", a.data, axis, keepdims))

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor, None, None]:
        """`da_i = g / n`."""
        g = grad_output.data
        n = math.prod(ctx.shape) / max(g.size, 1)
        return grad_output.wrap(_spread(ctx, g) / g.dtype.type(n)), None, None


class _Extreme(Function):
    """The largest or the smallest number along one axis, or of all; subclasses say which."""

    name: ClassVar[str]

    @classmethod
    def forward(
        cls, ctx: ContextManager, a: Tensor, axis: int | None = None, keepdims: bool = False
    ) -> Tensor:
        """`max_i a_i` or `min_i a_i`; TypeError for several axes, of which there is no first."""
        if isinstance(axis, tuple):
            raise TypeError(f"{cls.__name__}: expected one axis or None, got {axis}")
        ctx.shape, ctx.axis, ctx.keepdims, ctx.arg = a.data.shape, axis, keepdims, f"arg{cls.name}"
        ctx.save_for_backward(a)
        return a.wrap(_reduced(cls.__name__, a.data, axis, keepdims))

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor, None, None]:
        """`da_i = g` for the first of the numbers that were found, 0 for all others."""
        (a,) = ctx.saved_tensors
        first = getattr(a.data, ctx.arg)(ctx.axis)
        first = np.expand_dims(first, () if ctx.axis is None else ctx.axis)
        if ctx.axis is None:
            chosen = (np.arange(a.data.size) == first).reshape(ctx.shape)
        else:
            chosen = np.zeros(ctx.shape, bool)
            np.put_along_axis(chosen, first, True, ctx.axis)
        return grad_output.wrap(_spread(ctx, grad_output.data) * chosen), None, None


class Max(_Extreme):
    """The largest number along one axis, or of all."""

    name = "max"


class Min(_Extreme):
    """The smallest number along one axis, or of all."""

    name = "min"


def arg_reduced(name: str, data: Array, axis: Any, keepdims: bool) -> Any:
    """`data.argmax(axis, keepdims)` or `argmin`; TypeError for several axes."""
    if isinstance(axis, tuple):
        raise TypeError(f"{name}: expected one axis or None, got {axis}")
    return _reduced(name, data, axis, keepdims)


def _reduced(name: str, data: Array, axis: Any, keepdims: bool) -> Any:
    """`data.sum(axis, keepdims)` and its like, or an error that names the axes."""
    if keepdims is not False:
        keepdims = check_bool(keepdims, name, "keepdims")
    if not data.size and name != "Sum":
        raise ValueError(f"{name}: expected at least one number, got a tensor {data.shape}")
    try:
        return getattr(data, name.lower())(axis=axis, keepdims=keepdims)
    except (TypeError, ValueError, OverflowError) as error:
        kind = TypeError if isinstance(error, TypeError) else ValueError
        raise kind(
            f"{name}: expected axis to be None or axes of a tensor {data.shape}, got {shown(axis)}"
        ) from None


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
            if shape is None:  # which NumPy takes for the shape that it has
                raise TypeError
            if min(shape, default=0) < -1 if isinstance(shape, list | tuple) else shape < -1:
                raise ValueError  # NumPy takes any negative number for -1
            return a.twin(a.data.reshape(shape))
        except TypeError:
            raise TypeError(
                f"Reshape: expected whole numbers as shape, got {shown(shape)}"
            ) from None
        except (ValueError, OverflowError):
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
        return a.twin(a.data.T)

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> Tensor:
        """`g^T`."""
        return grad_output.wrap(grad_output.data.T)


class Index(Function):
    """Some of the numbers: `a[key]` with whatever NumPy takes for a key."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor, key: Any) -> Tensor:
        """`a[key]`; tensors in the key stand for their data."""
        keys = key if isinstance(key, tuple) else (key,)
        ctx.key = tuple([_fixed(one) for one in keys])
        ctx.shape, ctx.dtype = a.data.shape, a.data.dtype
        try:
            return a.wrap(np.array(a.data[ctx.key]))
        except (IndexError, TypeError, ValueError, OverflowError) as error:
            raise IndexError(f"Index: a tensor {a.shape}: {error}") from None

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Any, None]:
        """`g` at the places of the key, added up where it names one several times; 0 elsewhere."""
        grad = Partial(ctx.shape, ctx.dtype, ctx.key, grad_output)
        return grad if ctx.next_functions else grad.tensor(), None


def _fixed(key: Any) -> Any:
    """A key that nobody changes any more: a copy of numbers, tensors for their data."""
    if hasattr(key, "grad_fn"):
        key = key.data
    if is_masked(key):
        raise TypeError("Index: expected ordinary arrays as key, got a masked one; fill it first")
    if isinstance(key, list) and not key:  # no numbers, which NumPy would take for floats
        return np.empty(0, int)
    try:
        return np.array(key) if isinstance(key, (list, np.ndarray)) else key
    except ValueError:
        raise IndexError("Index: expected rows of equal length as key") from None


class Concatenate(Function):
    """Tensors joined along an axis."""

    @staticmethod
    def forward(ctx: ContextManager, axis: int, *tensors: Tensor) -> Tensor:
        """All tensors one after the other."""
        if not all(hasattr(t, "grad_fn") for t in tensors):
            found = ", ".join(type(t).__name__ for t in tensors)
            raise TypeError(f"Concatenate: expected tensors, got {found}")
        if not tensors or any(t.data.ndim == 0 for t in tensors):
            raise ValueError("Concatenate: expected at least one tensor, none of them a scalar")
        axis = ctx.axis = check_int(axis, "Concatenate", "axis", -tensors[0].data.ndim)
        try:
            out = tensors[0].wrap(np.concatenate([t.data for t in tensors], axis))
            ctx.ends = np.cumsum([t.data.shape[axis] for t in tensors])[:-1]
            return out
        except ValueError:
            shapes = ", ".join(str(t.shape) for t in tensors)
            raise ValueError(
                f"Concatenate: shapes {shapes} differ in more than axis {shown(axis)}, or have none"
            ) from None

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """The piece of `g` that each tensor became."""
        return None, *map(grad_output.wrap, np.split(grad_output.data, ctx.ends, ctx.axis))


def concatenate(tensors: list[Tensor] | tuple[Tensor, ...], axis: int = 0) -> Tensor:
    """Tensors joined along an axis; their other sizes must agree."""
    if not isinstance(tensors, list | tuple):
        raise TypeError(f"concatenate: expected a list of tensors, got {type(tensors).__name__}")
    if not tensors:
        raise ValueError("concatenate: expected at least one tensor, got none")
    return Concatenate.apply(axis, *tensors)


__all__ = [
    "Concatenate", "Index", "Max", "Mean", "Min", "Reshape", "Sum", "Transpose", "concatenate",
]  # fmt: skip
