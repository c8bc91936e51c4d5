"""Both faces of the library, asked for the same results by the same names as the oracle's."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch import BatchNorm, Sigmoid, Softmax, SoftmaxCrossEntropy, Tanh
from mytorch.autograd_engine import backward
from mytorch.nn import BatchNorm1d
from mytorch.nn import functional as F
from mytorch.tensor import Tensor

Array = npt.NDArray[Any]
Results = dict[str, Array]


class Classic:
    """The layer objects."""

    elementwise_names = ("sigmoid", "tanh")

    def elementwise(self, name: str, x: Array, grad: Array) -> Results:
        layer = {"sigmoid": Sigmoid, "tanh": Tanh}[name]()
        return {"value": layer(x), f"{name} slope": layer.backward(grad)}

    def rows(self, x: Array, grad: Array, classes: Array) -> Results:
        softmax, criterion = Softmax(), SoftmaxCrossEntropy()
        p = softmax(x)
        labels = np.eye(x.shape[1], dtype=x.dtype)
        logs = [-criterion(x, np.tile(row, (len(x), 1))) for row in labels]
        return {
            "softmax": p,
            "softmax gradient": softmax.backward(grad),
            "log-softmax": np.stack(logs, axis=1),
            "cross-entropy": criterion(x, labels[classes]),
            "cross-entropy gradient": criterion.derivative(),
        }

    def batch_norm(self, x: Array, gamma: Array, beta: Array, grad: Array, eps: float) -> Results:
        layer = BatchNorm(x.shape[1], eps=eps, dtype=x.dtype)
        layer.gamma, layer.beta = gamma, beta
        out, dx = layer(x), layer.backward(grad)
        assert np.isfinite(layer(x, eval=True)).all() or np.abs(x).max() > 1e30
        for name in ("mean", "var", "running_mean", "running_var"):
            assert np.isfinite(getattr(layer, name)).all(), name
        return {
            "batch norm": out,
            "batch norm gradient": dx,
            "batch norm dgamma": layer.dgamma[0],
            "batch norm dbeta": layer.dbeta[0],
        }

    def evaluation(
        self, x: Array, gamma: Array, beta: Array, mean: Array, var: Array, eps: float
    ) -> Results:
        layer = BatchNorm(x.shape[1], eps=eps, dtype=x.dtype)
        layer.gamma, layer.beta, layer.running_mean, layer.running_var = gamma, beta, mean, var
        return {"batch norm in evaluation": layer(x, eval=True)}


class Autograd:
    """The operations on tensors."""

    elementwise_names = ("exp", "log", "sigmoid", "tanh")

    def elementwise(self, name: str, x: Array, grad: Array) -> Results:
        function = {"exp": Tensor.exp, "log": Tensor.log, "sigmoid": F.sigmoid, "tanh": F.tanh}
        label = f"{name} slope" if name in ("sigmoid", "tanh") else name
        value, slope = _with_gradient(function[name], x, grad)
        return {"value": value, label: slope}

    def rows(self, x: Array, grad: Array, classes: Array) -> Results:
        p, dp = _with_gradient(F.softmax, x, grad)
        logs, dlogs = _with_gradient(F.log_softmax, x, grad)
        losses, gradients = [], []
        for row, c in zip(x, classes, strict=True):  # one by one: the loss of a batch is the mean
            t = Tensor(row[None], requires_grad=True)
            loss = F.cross_entropy(t, c[None])
            loss.backward()
            losses.append(loss.data)
            gradient: Any = t.grad
            gradients.append(gradient.data[0])
        return {
            "softmax": p,
            "softmax gradient": dp,
            "log-softmax": logs,
            "log-softmax gradient": dlogs,
            "cross-entropy": np.array(losses),
            "cross-entropy gradient": np.array(gradients),
        }

    def batch_norm(self, x: Array, gamma: Array, beta: Array, grad: Array, eps: float) -> Results:
        layer = BatchNorm1d(x.shape[1], eps=eps, dtype=x.dtype)
        layer.gamma.data, layer.beta.data = gamma, beta
        out, dx = _with_gradient(layer, x, grad)
        for statistic in (layer.running_mean, layer.running_var):
            assert np.isfinite(statistic.data).all()
        return {
            "batch norm": out,
            "batch norm gradient": dx,
            "batch norm dgamma": layer.gamma.grad.data,
            "batch norm dbeta": layer.beta.grad.data,
        }

    def evaluation(
        self, x: Array, gamma: Array, beta: Array, mean: Array, var: Array, eps: float
    ) -> Results:
        layer = BatchNorm1d(x.shape[1], eps=eps, dtype=x.dtype)
        layer.eval()
        layer.gamma.data, layer.beta.data = gamma, beta
        layer.running_mean.data, layer.running_var.data = mean, var
        return {"batch norm in evaluation": layer(Tensor(x)).data}


def _with_gradient(function: Any, x: Array, grad: Array) -> tuple[Array, Array]:
    """`function(x)`, and the gradient for `x` from `grad` for the output."""
    t = Tensor(x, requires_grad=True)
    out = function(t)
    backward(out.grad_fn, Tensor(grad))
    gradient: Any = t.grad
    return out.data, gradient.data


FACES: dict[str, Any] = {"classic": Classic(), "autograd": Autograd()}
