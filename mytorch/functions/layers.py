"""Operations on tensors that are layers in the classic face.

Each calls `forward` and `backward` of the classic layer, which has the formula; a fresh layer
object for each call keeps the state of that call.
"""

from __future__ import annotations

import numpy as np

from mytorch import activation, batchnorm
from mytorch.activation import shifted_exponentials
from mytorch.autograd_engine import ContextManager, Function, Tensor
from mytorch.checks.arrays import FLOATS, as_floats


def _activate(ctx: ContextManager, layer: activation.Activation, a: Tensor) -> Tensor:
    """`layer.forward`; its output is what its `backward` computes from."""
    out = a.wrap(layer.forward(a.data))
    ctx.layer = layer
    ctx.save_for_backward(out.view(out.data))  # itself would be a circle: out, graph, out
    return out


class _Activation(Function):
    """An activation of the classic face; subclasses say which one."""

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor, None]:
        """As the classic activation's `backward`; a setting has no gradient."""
        return grad_output.wrap(ctx.layer.backward(grad_output.data)), None


class ReLU(_Activation):
    """`max(a, 0)`."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor) -> Tensor:
        """As `activation.ReLU.forward`."""
        return _activate(ctx, activation.ReLU(), a)


class LeakyReLU(_Activation):
    """`a` where it is positive, else `negative_slope * a`."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor, negative_slope: float = 0.01) -> Tensor:
        """As `activation.LeakyReLU.forward`."""
        return _activate(ctx, activation.LeakyReLU(negative_slope), a)


class Sigmoid(_Activation):
    """`1 / (1 + exp(-a))`."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor) -> Tensor:
        """As `activation.Sigmoid.forward`."""
        return _activate(ctx, activation.Sigmoid(), a)


class Tanh(_Activation):
    """The hyperbolic tangent."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor) -> Tensor:
        """As `activation.Tanh.forward`."""
        return _activate(ctx, activation.Tanh(), a)


class Softmax(_Activation):
    """The softmax of each row of `(batch, n)`."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor) -> Tensor:
        """As `activation.Softmax.forward`."""
        return _activate(ctx, activation.Softmax(), a)


class LogSoftmax(Function):
    """The logarithm of the softmax of each row of `(batch, n)` (002 app. B, step 1)."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor) -> Tensor:
        """`a - log sum_k exp(a_k)`, by the LogSumExp trick."""
        shifted, _, others = shifted_exponentials(as_floats(a.data, "LogSoftmax"), "LogSoftmax")
        out = a.wrap(np.subtract(shifted, np.log1p(others), out=shifted))
        ctx.save_for_backward(out.view(out.data))
        return out

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> Tensor:
        """`da = g - softmax(a) sum_k g_k`."""
        g, (out,) = grad_output.data, ctx.saved_tensors
        return grad_output.wrap(g - np.exp(out.data) * g.sum(axis=1, keepdims=True))


class BatchNorm(Function):
    """Batch normalisation with the statistics of the batch (002 §2.4)."""

    @staticmethod
    def forward(
        ctx: ContextManager,
        x: Tensor,
        gamma: Tensor,
        beta: Tensor,
        layer: batchnorm.BatchNorm,
    ) -> Tensor:
        """As `batchnorm.BatchNorm.forward` in training, with the `eps` of `layer`.

        `layer` is left with the mean and the variance of the batch; its own scale and shift are
        not used, nor are its running statistics touched.
        """
        if not all(hasattr(t, "grad_fn") for t in (x, gamma, beta)):
            found = ", ".join(type(t).__name__ for t in (x, gamma, beta))
            raise TypeError(f"BatchNorm: expected tensors as x, gamma and beta, got {found}")
        if not isinstance(layer, batchnorm.BatchNorm):
            raise TypeError(
                f"BatchNorm: expected a classic BatchNorm as layer, got {type(layer).__name__}"
            )
        if not gamma.shape == beta.shape == (layer.in_feature,):
            raise ValueError(
                f"BatchNorm: expected gamma and beta ({layer.in_feature},), "
                f"got {gamma.shape} and {beta.shape}"
            )
        ctx.layer = object.__new__(batchnorm.BatchNorm)  # as copy.copy, in a tenth of its time
        own = {"gamma": gamma.data[None], "beta": beta.data[None]}
        own["dgamma"], own["dbeta"] = (np.empty_like(array) for array in own.values())
        ctx.layer.__dict__.update(layer.__dict__, **own)
        ctx.save_for_backward(gamma)
        out = x.wrap(ctx.layer.normalize(x.data))
        layer.mean, layer.var = ctx.layer.mean, ctx.layer.var
        return out

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        """As `batchnorm.BatchNorm.backward`; the gradients of gamma and beta are summed."""
        layer = ctx.layer
        dx = layer.backward(grad_output.data)
        return (
            grad_output.wrap(dx),
            grad_output.wrap(layer.dgamma[0]),
            grad_output.wrap(layer.dbeta[0]),
            None,
        )


def relu(a: Tensor) -> Tensor:
    """`ReLU` of a tensor of any shape."""
    return ReLU.apply(a)


def leaky_relu(a: Tensor, negative_slope: float = 0.01) -> Tensor:
    """`LeakyReLU` of a tensor of any shape."""
    return LeakyReLU.apply(a, negative_slope)


def sigmoid(a: Tensor) -> Tensor:
    """`Sigmoid` of a tensor of any shape."""
    return Sigmoid.apply(a)


def tanh(a: Tensor) -> Tensor:
    """`Tanh` of a tensor of any shape."""
    return Tanh.apply(a)


def softmax(a: Tensor) -> Tensor:
    """`Softmax` of the rows of `(batch, n)`."""
    return Softmax.apply(a)


def log_softmax(a: Tensor) -> Tensor:
    """`LogSoftmax` of the rows of `(batch, n)`."""
    return LogSoftmax.apply(a)


def batch_norm(x: Tensor, gamma: Tensor, beta: Tensor, eps: float = 1e-5) -> Tensor:
    """`x (batch, n)` normalised over the batch, scaled by `gamma (n,)`, shifted by `beta (n,)`.

    Raises ValueError for other shapes, TypeError for non-tensors.
    """
    if not hasattr(x, "grad_fn"):
        raise TypeError(f"batch_norm: expected a tensor as x, got {type(x).__name__}")
    if x.ndim != 2 or 0 in x.shape:
        raise ValueError(f"batch_norm: expected x (batch, n), got {x.shape}")
    dtype = x.dtype if x.dtype in FLOATS else None
    return BatchNorm.apply(x, gamma, beta, batchnorm.BatchNorm(x.shape[1], eps=eps, dtype=dtype))


__all__ = [
    "BatchNorm",
    "LeakyReLU",
    "LogSoftmax",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "batch_norm",
    "leaky_relu",
    "log_softmax",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]
