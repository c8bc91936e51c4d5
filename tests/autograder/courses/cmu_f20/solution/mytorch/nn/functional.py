"""Operations on tensors, each with its gradient (002 §1.1).

`backward` gets the gradient for the output and returns one for each input of `forward`: a tensor
of the input's shape, or None for what is no tensor. Add further operations as you need them.
"""

import numpy as np

from mytorch import tensor
from mytorch.autograd_engine import Function


def result(data, *inputs):
    """The output of an operation: it requires a gradient if one of its inputs does."""
    needed = any(one.requires_grad for one in inputs)
    return tensor.Tensor(data, requires_grad=needed, is_leaf=not needed)


def gradient(data, shape):
    """A gradient for an input of `shape`, as a tensor."""
    return tensor.Tensor(data if data.shape == shape else unbroadcast(data, shape))


def unbroadcast(grad, shape):
    """The array `grad`, summed over the axes along which an input of `shape` was repeated.

    Broadcasting adds axes in front, and repeats axes of length 1 (002 §2.1): sum over the first
    ones, and over the others with `keepdims=True`.
    """
    grad = grad.sum(axis=tuple(range(grad.ndim - len(shape))))
    repeated = tuple(i for i, n in enumerate(shape) if n == 1 and grad.shape[i] != 1)
    return grad.sum(axis=repeated, keepdims=True)


class Add(Function):
    """`a + b`. This one is given, as an example."""

    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return result(a.data + b.data, a, b)

    @staticmethod
    def backward(ctx, grad_output):
        a, b = ctx.saved_tensors
        g = grad_output.data
        return gradient(g, a.shape), gradient(g, b.shape)


class Sub(Function):
    """The difference of two tensors."""

    @staticmethod
    def forward(ctx, a, b):
        """`a - b`, broadcast (002 §1.1.1).

        As `Add.forward` does it.
        """
        ctx.save_for_backward(a, b)
        return result(a.data - b.data, a, b)

    @staticmethod
    def backward(ctx, grad_output):
        """The gradients for `a` and `b` (002 §1.1.1).

        g and -g, where g is the gradient for the output.
        """
        a, b = ctx.saved_tensors
        g = grad_output.data
        return gradient(g, a.shape), gradient(-g, b.shape)


class Mul(Function):
    """The product of two tensors, entry by entry."""

    @staticmethod
    def forward(ctx, a, b):
        """`a * b`, broadcast (002 §1.1.2).

        As `Add.forward` does it.
        """
        ctx.save_for_backward(a, b)
        return result(a.data * b.data, a, b)

    @staticmethod
    def backward(ctx, grad_output):
        """The gradients for `a` and `b` (002 §1.1.2).

        g b and g a, where g is the gradient for the output.
        """
        a, b = ctx.saved_tensors
        g = grad_output.data
        return gradient(g * b.data, a.shape), gradient(g * a.data, b.shape)


class Div(Function):
    """The quotient of two tensors, entry by entry."""

    @staticmethod
    def forward(ctx, a, b):
        """`a / b`, broadcast (002 §1.1.3).

        As `Add.forward` does it.
        """
        ctx.save_for_backward(a, b)
        return result(a.data / b.data, a, b)

    @staticmethod
    def backward(ctx, grad_output):
        """The gradients for `a` and `b` (002 §1.1.3).

        g / b and -g a / b^2, where g is the gradient for the output.
        """
        a, b = ctx.saved_tensors
        g = grad_output.data
        return gradient(g / b.data, a.shape), gradient(-g * a.data / b.data**2, b.shape)


class MatMul(Function):
    """The product of two matrices."""

    @staticmethod
    def forward(ctx, a, b):
        """`a @ b` of matrices `(n, k)` and `(k, m)` (002 §2.1)."""
        ctx.save_for_backward(a, b)
        return result(a.data @ b.data, a, b)

    @staticmethod
    def backward(ctx, grad_output):
        """The gradients for `a` and `b` (002 §2.1).

        g b^T and a^T g, where g is the gradient for the output.
        """
        a, b = ctx.saved_tensors
        g = grad_output.data
        return gradient(g @ b.data.T, a.shape), gradient(a.data.T @ g, b.shape)


class ReLU(Function):
    """The rectified linear unit."""

    @staticmethod
    def forward(ctx, a):
        """The rectified `a`, of its shape (002 §2.2).

        max(a, 0)
        """
        ctx.save_for_backward(a)
        return result(np.maximum(a.data, 0.0), a)

    @staticmethod
    def backward(ctx, grad_output):
        """The gradient for `a` (002 §2.2).

        g where a > 0, else 0, also at a = 0.
        """
        (a,) = ctx.saved_tensors
        return gradient(grad_output.data * (a.data > 0), a.shape)


class Transpose(Function):
    """A matrix with rows and columns exchanged. The operations from here on are given."""

    @staticmethod
    def forward(ctx, a):
        return result(a.data.T, a)

    @staticmethod
    def backward(ctx, grad_output):
        return tensor.Tensor(grad_output.data.T)


class Reshape(Function):
    """The same numbers in another shape."""

    @staticmethod
    def forward(ctx, a, shape):
        ctx.shape = a.shape
        return result(a.data.reshape(shape), a)

    @staticmethod
    def backward(ctx, grad_output):
        return tensor.Tensor(grad_output.data.reshape(ctx.shape)), None


class Log(Function):
    """The natural logarithm."""

    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(a)
        return result(np.log(a.data), a)

    @staticmethod
    def backward(ctx, grad_output):
        (a,) = ctx.saved_tensors
        return tensor.Tensor(grad_output.data / a.data)


class Exp(Function):
    """The exponential function."""

    @staticmethod
    def forward(ctx, a):
        ctx.out = np.exp(a.data)
        return result(ctx.out, a)

    @staticmethod
    def backward(ctx, grad_output):
        return tensor.Tensor(grad_output.data * ctx.out)


class Pow(Function):
    """A power with a number as exponent."""

    @staticmethod
    def forward(ctx, a, exponent):
        ctx.save_for_backward(a)
        ctx.exponent = exponent
        return result(a.data**exponent, a)

    @staticmethod
    def backward(ctx, grad_output):
        (a,) = ctx.saved_tensors
        slope = ctx.exponent * a.data ** (ctx.exponent - 1)
        return tensor.Tensor(grad_output.data * slope), None


class Sum(Function):
    """The sum over an axis, or over all."""

    @staticmethod
    def forward(ctx, a, axis, keepdims):
        ctx.shape, ctx.axis, ctx.keepdims = a.shape, axis, keepdims
        return result(a.data.sum(axis=axis, keepdims=keepdims), a)

    @staticmethod
    def backward(ctx, grad_output):
        g = grad_output.data
        if ctx.axis is not None and not ctx.keepdims:
            g = np.expand_dims(g, ctx.axis)
        return tensor.Tensor(np.broadcast_to(g, ctx.shape).copy()), None, None
