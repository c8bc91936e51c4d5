"""Operations on one tensor, element by element, each with its gradient next to it."""

from __future__ import annotations

from typing import Any

import numpy as np

from mytorch.autograd_engine import ContextManager, Function, Tensor
from mytorch.checks.arrays import float_dtype
from mytorch.checks.shapes import floats


class Neg(Function):
    """`-a`."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor) -> Tensor:
        """`-a`; TypeError for booleans."""
        if a.data.dtype.kind == "b":
            raise TypeError("Neg: expected numbers, got a tensor of booleans")
        return a.wrap(-a.data)

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> Tensor:
        """`da = -g`."""
        return grad_output.wrap(-grad_output.data)


class Exp(Function):
    """`e ** a`."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor) -> Tensor:
        """`e ** a`."""
        out = a.wrap(np.exp(floats(a.data)))
        ctx.save_for_backward(out.twin(out.data))  # itself would be a circle: out, graph, out
        return out

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> Tensor:
        """`da = g e^a`."""
        (out,) = ctx.saved_tensors
        return grad_output.wrap(grad_output.data * out.data)


class Log(Function):
    """The natural logarithm."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor) -> Tensor:
        """`log a`."""
        ctx.save_for_backward(a)
        return a.wrap(np.log(floats(a.data)))

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> Tensor:
        """`da = g / a`."""
        (a,) = ctx.saved_tensors
        return grad_output.wrap(grad_output.data / a.data)


class Sqrt(Function):
    """The square root."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor) -> Tensor:
        """`sqrt a`."""
        out = a.wrap(np.sqrt(floats(a.data)))
        ctx.save_for_backward(out.twin(out.data))
        return out

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> Tensor:
        """`da = g / (2 sqrt a)`."""
        (out,) = ctx.saved_tensors
        return grad_output.wrap(grad_output.data / (out.data + out.data))


class Abs(Function):
    """The numbers without their signs."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor) -> Tensor:
        """`|a|`."""
        ctx.save_for_backward(a)
        return a.wrap(np.abs(a.data))

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> Tensor:
        """`da = g sign(a)`, which is 0 at 0."""
        (a,) = ctx.saved_tensors
        return grad_output.wrap(grad_output.data * np.sign(a.data))


class Cast(Function):
    """The same numbers in another dtype."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor, dtype: Any) -> Tensor:
        """`a` in `dtype`; TypeError for a dtype that is not of floats."""
        dtype = float_dtype(dtype)
        ctx.dtype = a.data.dtype
        return a.wrap(a.data.astype(dtype))

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor, None]:
        """`g` in the dtype of `a`."""
        return grad_output.wrap(grad_output.data.astype(ctx.dtype)), None
