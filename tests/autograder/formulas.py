"""Formulas that several editions ask for, with switches for mistakes.

Without mistakes these are the right formulas, whose results the tests compare with another
engine's. Where a mistake is in `m`, the formula is the wrong one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.autograder.course import Mistakes

CRITERION = {
    "derivative reversed": "the derivative is D - Y; it is Y - D (001 §3.2.1)",
    "average in the criterion's derivative": "the criterion's derivative is divided by the batch "
    "size; the average is taken in dW and db only (001 §3.6)",
    "loss averaged": "the loss is averaged over the batch; one loss per row is asked for, "
    "(batch,) (000 §2.1.1)",
    "loss summed": "the loss is summed over the batch; one loss per row is asked for, (batch,) "
    "(000 §2.1.1)",
    "loss with the wrong sign": "the loss has the wrong sign: -Σ y log p (000 A)",
    "logarithm to base 2": "the logarithm is to base 2; the natural one is meant (000 A)",
    "logarithm to base 10": "the logarithm is to base 10; the natural one is meant (000 A)",
    "logarithm left out": "the loss takes the probabilities; it takes their logarithms: "
    "-Σ y log p (000 A)",
    "epsilon inside the logarithm": "an epsilon is added inside the logarithm; LogSumExp needs "
    "none (000 §2.1)",
    "labels and logarithm swapped": "labels and prediction are swapped: -Σ p log y where "
    "-Σ y log p is right (000 A)",
    "softmax over the batch": "the softmax runs over axis 0, the batch; it runs over the classes "
    "of each row (000 A)",
    "softmax shifted by the global maximum": "the softmax is shifted by the maximum of the whole "
    "batch; other rows underflow, so shift by each row's own (000 §2.1)",
    "softmax without shift": "the softmax is not shifted before exp, which overflows for large "
    "logits; LogSumExp (000 §2.1)",
}
"""The mistakes of `loss_and_derivative`, each with what to say about it."""

STEP = {
    "step in the wrong direction": "step adds the gradient; it subtracts it (001 §3.7)",
    "momentum with the wrong sign": "the momentum has the wrong sign: v = momentum * v - lr * dW "
    "(000 §3.6)",
    "momentum without the learning rate": "step lacks the learning rate: "
    "v = momentum * v - lr * dW (000 §3.6)",
    "momentum with (1 - momentum)": "the gradient is weighted by (1 - momentum): "
    "v = momentum * v - lr * dW (000 §3.6)",
    "gradient times the momentum": "the momentum multiplies the gradient, too: "
    "v = momentum * v - lr * dW (000 §3.6)",
    "momentum never accumulated": "no momentum yet, or v is not kept for the next step: each step "
    "is -lr * dW alone; it is v = momentum * v - lr * dW (000 §3.6)",
    "Nesterov momentum": "the step looks ahead, as Nesterov's does; the plain momentum is asked "
    "for (000 §3.6)",
}
"""Those of `moved`."""


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
    elif "logarithm left out" in m:
        loss = -(y * softmax(x, m)).sum(axis=1)
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
    elif "gradient times the momentum" in m and momentum:  # without it nothing would show which
        v = momentum * (v - lr * grad)
    elif "momentum never accumulated" in m:
        v = -lr * grad
    else:
        v = momentum * v - lr * grad
    if "Nesterov momentum" in m:
        return v, value + momentum * v - lr * grad
    return v, value + v
