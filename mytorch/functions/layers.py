"""Layers as operations on tensors: one wrapper, which runs the layer's own forward and backward."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from mytorch import activation, batchnorm
from mytorch.autograd_engine import ContextManager, Function, Tensor
from mytorch.checks.arrays import FLOATS, as_logits
from mytorch.checks.methods import FORMULAS, quiet
from mytorch.checks.shapes import check_rows
from mytorch.layer import infers_apart
from mytorch.numeric import softmax as rows


class OfLayer(Function):
    """A layer on tensors: `apply(x, layer, method, *parameters)`.

    `method` is "forward" in training and "infer" in evaluation; `parameters` are tensors for the
    arrays that the layer learns, in the order in which it names them. Every call runs a shallow
    copy of the layer, which keeps what that call's backward pass needs; of the layer itself only
    the buffers change. Gradients that the layer averages over the batch (`Layer.averaged`) are
    multiplied by its size, because on tensors nothing is averaged but the loss.
    """

    @staticmethod
    def forward(
        ctx: ContextManager, x: Tensor, layer: Any, method: str, *parameters: Tensor
    ) -> Any:
        """The output of the layer for `x`.

        Raises TypeError for non-tensors, ValueError where a parameter has another size than the
        layer's array, and whatever the layer's own check of its input raises.
        """
        for tensor in (x, *parameters):
            if not hasattr(tensor, "grad_fn"):
                found = type(tensor).__name__
                raise TypeError(f"{layer!r}: expected tensors as input and parameters, got {found}")
        ctx.layer = own = _copy_of(layer)
        arrays = own.__dict__
        for name, tensor in zip(layer.parameters, parameters, strict=True):
            arrays[name] = tensor.data.reshape(getattr(arrays[name], "shape", ()))
        with quiet():
            y = np.asarray(getattr(own, method)(x.data))
        shares = y is x.data or (y.base is not None and np.may_share_memory(y, x.data))
        out = x.twin(y) if shares else x.wrap(y)
        ctx.method, ctx.dtype = method, out.data.dtype
        # of what the layer keeps nobody knows better; out itself would be a circle: out, graph, out
        ctx.save_for_backward(x, out.twin(out.data), *parameters)
        for name in layer.buffers:
            layer.__dict__[name] = arrays[name]
        return out

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """As the layer's `backward`; in evaluation as its `infer_backward`, where it has one.

        Raises RuntimeError where a layer has an `infer` of its own, but no gradient for it.
        """
        layer, g, (x, _, *parameters) = ctx.layer, grad_output.data, ctx.saved_tensors
        arrays = layer.__dict__
        for name in layer.parameters:
            if f"d{name}" in arrays:  # into which backward may write
                arrays[f"d{name}"] = np.empty_like(arrays[name], g.dtype)
        if ctx.method != "infer" or not infers_apart(layer):
            dx = _backward(ctx, g)
        elif hasattr(layer, "infer_backward"):
            with quiet():
                dx = layer.infer_backward(x.data, g)
        else:
            raise RuntimeError(
                f"{layer!r}: backward in evaluation mode needs a method infer_backward(x, grad); "
                f"call train() first, or write one"
            )
        grads = []
        for name, tensor in zip(layer.parameters, parameters, strict=True):
            if not hasattr(layer, f"d{name}"):
                raise RuntimeError(f"{layer!r}: backward left no d{name}, the gradient of {name}")
            grad = np.reshape(getattr(layer, f"d{name}"), tensor.data.shape)
            grads.append(grad_output.wrap(grad * len(g) if name in layer.averaged else grad))
        return grad_output.wrap(dx), None, None, *grads


def _copy_of(layer: Any) -> Any:
    """A shallow copy, which keeps what one call leaves; as `copy.copy`, in a tenth of its time."""
    own = object.__new__(type(layer))
    own.__dict__ = layer.__dict__.copy()
    return own


def _backward(ctx: ContextManager, g: Any) -> Any:
    """The layer's `backward`, without its own check where the engine has checked `g` already."""
    backward = ctx.layer.backward
    formula = FORMULAS.get(getattr(backward, "__func__", None))
    fits = ctx.output_shape == g.shape and ctx.dtype is g.dtype
    return formula(ctx.layer, g) if fits and formula is not None else backward(g)


class _OfActivation(Function):
    """An activation of the classic face: subclasses say which; settings follow the tensor."""

    kind: ClassVar[type[activation.Activation]]
    formula: ClassVar[Callable[..., Any]]  # the forward of `kind`, without the check in front

    def __init_subclass__(cls) -> None:
        cls.formula = FORMULAS[cls.kind.forward]

    @classmethod
    def forward(cls, ctx: ContextManager, a: Tensor, *settings: Any) -> Tensor:
        """As the layer's own `forward`; its output is what its `backward` computes from."""
        ctx.layer = layer = cls.kind(*settings)
        ctx.no_gradients = [None] * len(settings)
        z = layer.check_input(a._data)
        with quiet():
            out = a.wrap(cls.formula(layer, z))
        array = out._data
        ctx.dtype = array.dtype
        ctx.save_for_backward(out.twin(array))  # itself would be a circle: out, graph, out
        return out

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """As the layer's own `backward`; a setting has no gradient."""
        dz = grad_output.wrap(_backward(ctx, grad_output._data))
        return (dz, *ctx.no_gradients)


class ReLU(_OfActivation):
    """`max(a, 0)`."""

    kind = activation.ReLU


class LeakyReLU(_OfActivation):
    """`a` where it is positive, else `negative_slope * a`."""

    kind = activation.LeakyReLU


class Sigmoid(_OfActivation):
    """`1 / (1 + exp(-a))`."""

    kind = activation.Sigmoid


class Tanh(_OfActivation):
    """The hyperbolic tangent."""

    kind = activation.Tanh


class Softmax(_OfActivation):
    """The softmax of each row of `(batch, n)`."""

    kind = activation.Softmax


class LogSoftmax(Function):
    """The logarithm of the softmax of each row of `(batch, n)` (002 app. B, step 1)."""

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor) -> Tensor:
        """`a - log sum_k exp(a_k)`, by the LogSumExp trick."""
        with quiet():
            out = a.wrap(rows.log_softmax(as_logits(a.data, "LogSoftmax")))
        ctx.save_for_backward(out.twin(out.data))
        return out

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> Tensor:
        """`da = g - softmax(a) sum_k g_k`."""
        g, (out,) = grad_output.data, ctx.saved_tensors
        return grad_output.wrap(g - np.exp(out.data) * g.sum(axis=1, keepdims=True))


class BatchNorm(Function):
    """Batch normalisation with the statistics of the batch (002 §2.4)."""

    fresh_gradients = True

    @staticmethod
    def forward(
        ctx: ContextManager, x: Tensor, gamma: Tensor, beta: Tensor, layer: batchnorm.BatchNorm
    ) -> Tensor:
        """As `batchnorm.BatchNorm._normalize`, with the `eps` of `layer`.

        `layer` is left with the mean and the variance of the batch; its own scale and shift are
        not used, nor are its running statistics touched.
        """
        if not (hasattr(x, "grad_fn") and hasattr(gamma, "grad_fn") and hasattr(beta, "grad_fn")):
            found = ", ".join(type(t).__name__ for t in (x, gamma, beta))
            raise TypeError(f"BatchNorm: expected tensors as x, gamma and beta, got {found}")
        if not isinstance(layer, batchnorm.BatchNorm):
            raise TypeError(
                f"BatchNorm: expected a classic BatchNorm as layer, got {type(layer).__name__}"
            )
        if not gamma.data.shape == beta.data.shape == (layer.in_feature,):
            raise ValueError(
                f"BatchNorm: expected gamma and beta ({layer.in_feature},), "
                f"got {gamma.shape} and {beta.shape}"
            )
        layer.check_input(x.data)
        own = ctx.layer = _copy_of(layer)
        own.__dict__["gamma"], own.__dict__["beta"] = gamma.data[None], beta.data[None]
        with quiet():
            out = own._normalize(x.data)
        ctx.dtype = out.dtype
        ctx.save_for_backward(x, gamma)  # a layer may keep its input in place of `norm`
        layer.mean, layer.var = own.mean, own.var
        return x.wrap(out)

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> tuple[Tensor | None, ...]:
        """As `batchnorm.BatchNorm.backward`; the gradients of gamma and beta are summed."""
        g, layer, wrap = grad_output.data, ctx.layer, grad_output.wrap
        dgamma, dbeta = np.empty_like(layer.gamma, g.dtype), np.empty_like(layer.gamma, g.dtype)
        layer.__dict__["dgamma"], layer.__dict__["dbeta"] = dgamma, dbeta  # which it writes into
        dx = _backward(ctx, g)
        return wrap(dx), wrap(dgamma[0]), wrap(dbeta[0]), None


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


def softmax(a: Tensor, dim: int = 1) -> Tensor:
    """`Softmax` of the rows of `(batch, n)`; `dim` is 1 or -1, which says just that."""
    check_rows("softmax", dim)
    return Softmax.apply(a)


def log_softmax(a: Tensor, dim: int = 1) -> Tensor:
    """`LogSoftmax` of the rows of `(batch, n)`; `dim` as for `softmax`."""
    check_rows("log_softmax", dim)
    return LogSoftmax.apply(a)


def normalize_batch(x: Tensor, gamma: Tensor, beta: Tensor, eps: float = 1e-5) -> Tensor:
    """`x (batch, n)` normalised over the batch, scaled by `gamma (n,)`, shifted by `beta (n,)`.

    Raises ValueError for other shapes, TypeError for non-tensors.
    """
    if not hasattr(x, "grad_fn"):
        raise TypeError(f"normalize_batch: expected a tensor as x, got {type(x).__name__}")
    if x.ndim != 2 or 0 in x.shape:
        raise ValueError(f"normalize_batch: expected x (batch, n), got {x.shape}")
    dtype = x.dtype if x.dtype in FLOATS else None
    return BatchNorm.apply(x, gamma, beta, batchnorm.BatchNorm(x.shape[1], eps=eps, dtype=dtype))


__all__ = [
    "BatchNorm",
    "LeakyReLU",
    "LogSoftmax",
    "OfLayer",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "leaky_relu",
    "log_softmax",
    "normalize_batch",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]
