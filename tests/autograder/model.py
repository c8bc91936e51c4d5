"""The parts of the classic homework, with switches for mistakes.

Without mistakes these are the right formulas, whose results the tests compare with another
engine's. A mistake is a name of `catalogue.py`; where it is in `m`, the formula is the wrong one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

Mistakes = frozenset[str]
Outputs = Iterator[tuple[str, Any]]


class Crash(Exception):
    """A submission with this mistake raises an exception here."""


def softmax(x: Any, m: Mistakes) -> Any:
    if "softmax over the batch" in m:
        x = x - x.max(axis=0, keepdims=True)
        return np.exp(x) / np.exp(x).sum(axis=0, keepdims=True)
    if "softmax shifted by the global maximum" in m:
        x = x - x.max()
    elif "softmax without shift" not in m:
        x = x - x.max(axis=1, keepdims=True)
    return np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)


def log_softmax(x: Any, m: Mistakes) -> Any:
    if "epsilon inside the logarithm" in m:
        return np.log(softmax(x, m) + 1e-8)
    if m & {
        "softmax over the batch", "softmax shifted by the global maximum", "softmax without shift",
    }:  # fmt: skip
        return np.log(softmax(x, m))
    x = x - x.max(axis=1, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=1, keepdims=True))


def loss_and_derivative(x: Any, y: Any, m: Mistakes) -> tuple[Any, Any]:
    logs = log_softmax(x, m)
    if "logarithm to base 2" in m:
        logs = logs / np.log(2)
    if "logarithm to base 10" in m:
        logs = logs / np.log(10)
    if "labels and logarithm swapped" in m:
        loss = -(softmax(x, m) * np.log(y)).sum(axis=1)
    else:
        loss = -(y * logs).sum(axis=1)
    if "loss with the wrong sign" in m:
        loss = -loss
    if "loss averaged" in m:
        loss = loss.mean()
    if "loss summed" in m:
        loss = loss.sum()
    grad = softmax(x, m) - y
    if "derivative reversed" in m:
        grad = -grad
    if "average in the criterion's derivative" in m:
        grad = grad / len(x)
    return loss, grad


def parameter_gradients(x: Any, delta: Any, m: Mistakes) -> tuple[Any, Any]:
    """`dW` and `db` of one layer."""
    rows = len(x)
    dW = x.T @ delta
    db = delta.sum(axis=0, keepdims=True)
    if not m & {"average missing", "dW not averaged"}:
        dW = dW / rows
    if not m & {"average missing", "db summed"}:
        db = db / rows
    if "average applied twice" in m:
        dW, db = dW / rows, db / rows
    if "db not reduced" in m:
        db = delta / rows
    if "db is one number" in m:
        db = np.asarray(db.mean())
    if "db is (n,)" in m:
        db = db[0]
    if "sign of the gradients" in m:
        dW, db = -dW, -db
    if "dW transposed" in m:
        dW = dW.T
    return dW, db


def input_gradient(delta: Any, W: Any, m: Mistakes) -> Any:
    if "W not transposed in dx" in m:
        if W.shape[0] != W.shape[1]:
            raise Crash
        return delta @ W
    dx = delta @ W.T
    if "dx averaged" in m:
        dx = dx / len(delta)
    if "sign of dx" in m:
        dx = -dx
    return dx


def affine(x: Any, W: Any, b: Any, m: Mistakes) -> Any:
    if "W transposed in forward" in m:
        if W.shape[0] != W.shape[1]:
            raise Crash
        W = W.T
    out = x @ W
    return out if "bias forgotten" in m else out + b


def squashed(name: str, z: Any) -> Any:
    if name == "Sigmoid":
        return 1 / (1 + np.exp(-z))
    if name == "Tanh":
        return np.tanh(z)
    return np.maximum(z, 0.0) if name == "ReLU" else z


def slope(name: str, state: Any, z: Any, m: Mistakes) -> Any:
    """The derivative of an activation from its output `state`."""
    other = {"Sigmoid": "Tanh", "Tanh": "Sigmoid", "ReLU": "Sigmoid"}
    if "derivative of another activation" in m and name in other:
        name = other[name]
    if "derivative of the input" in m:
        state = z
    if "derivative is the output" in m:
        return state
    if "derivative left out" in m:
        return np.ones_like(z)
    if name == "Sigmoid":
        d = state * (1 - state)
    elif name == "Tanh":
        d = 1 - state if "tanh not squared" in m else 1 - state**2
    elif name == "ReLU":
        d = (state > 0) * 1.0
        if "ReLU'(0) = 1" in m:
            d = (z >= 0) * 1.0
        if "ReLU' as booleans" in m:
            return state > 0
        if "ReLU' as integers" in m:
            return (state > 0) * 1
    else:
        return np.ones_like(z)
    return d * d if "derivative applied twice" in m else d


def moved(
    v: Any, value: Any, grad: Any, lr: float, momentum: float, m: Mistakes
) -> tuple[Any, Any]:
    """The new momentum and the new value of a parameter."""
    if "step in the wrong direction" in m:
        v = momentum * v - lr * grad
        return v, value - v
    if "momentum with the wrong sign" in m:
        v = -momentum * v - lr * grad
    elif "momentum without the learning rate" in m:
        v = momentum * v - grad
    elif "momentum with (1 - momentum)" in m:
        v = momentum * v - (1 - momentum) * lr * grad
    elif "momentum never accumulated" in m:
        v = -lr * grad
    else:
        v = momentum * v - lr * grad
    if "Nesterov momentum" in m:
        return v, value + momentum * v - lr * grad
    return v, value + v
