"""The functions in 60-digit arithmetic, written from their definitions.

Each gives its results by name, as pairs of the exact value and the size that its error is
measured by; `bounds.py` says why it is that size.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tests.numerics.bounds import Exact, ctx, exact

Array = npt.NDArray[Any]
Results = dict[str, tuple[Exact, Exact]]

exp = np.vectorize(ctx.exp, otypes=[object])
log = np.vectorize(ctx.log, otypes=[object])
log1p = np.vectorize(ctx.log1p, otypes=[object])
tanh = np.vectorize(ctx.tanh, otypes=[object])
sqrt = np.vectorize(ctx.sqrt, otypes=[object])


def total(terms: Exact, axis: int) -> Exact:
    """The sum over an axis, which stays; exact however the terms cancel."""
    return np.expand_dims(np.apply_along_axis(ctx.fsum, axis, terms), axis)


def elementwise(name: str, x: Array, grad: Array) -> Results:
    """`exp`, `log`, `sigmoid` or `tanh`, and the gradient for the input."""
    z, g = exact(x), exact(grad)
    if name == "exp":
        value = slope = size = exp(z)
    elif name == "log":
        value, slope = log(z), 1 / z
        size = slope
    elif name == "sigmoid":
        value = size = 1 / (1 + exp(-z))
        slope = value * (1 - value)
    else:
        value, size = tanh(z), exact(np.ones_like(x))
        slope = 1 - value**2
    label = f"{name} slope" if name in ("sigmoid", "tanh") else name
    return {"value": (value, abs(value)), label: (g * slope, abs(g) * size)}


def rows(x: Array, grad: Array, classes: Array) -> Results:
    """Softmax, its logarithm and cross-entropy of the rows `x (batch, n)`, with gradients."""
    z, g = exact(x), exact(grad)
    largest = np.arange(x.shape[1]) == x.argmax(axis=1)[:, None]
    d = z - total(np.where(largest, z, 0), 1)
    e = exp(d)
    others = total(np.where(largest, 0, e), 1)
    p, far = e / (1 + others), 1 + abs(d)
    spread = total(p * abs(d), 1)
    logs = d - log1p(others)
    size = abs(logs) + spread
    labels = exact(np.eye(x.shape[1])[classes])
    picked = np.arange(len(x)), classes
    shared = total(p * abs(g), 1)
    return {
        "softmax": (p, p * far),
        "softmax gradient": (
            p * (g - total(p * g, 1)),
            p * (far * (abs(g) + shared) + total(p * abs(g * d), 1)),
        ),
        "log-softmax": (logs, size),
        "log-softmax gradient": (
            g - p * total(g, 1),
            abs(g) + p * (1 + size) * total(abs(g), 1),
        ),
        "cross-entropy": (-logs[picked], size[picked]),
        "cross-entropy gradient": (p - labels, np.maximum(p * far, labels)),
    }


def batch_norm(x: Array, gamma: Array, beta: Array, grad: Array, eps: float) -> Results:
    """Batch norm of `x (batch, n)` in training and its gradients; `gamma` and `beta (n,)`."""
    limits, m = np.finfo(x.dtype), len(x)
    z, g, scale, shift = exact(x), exact(grad), exact(gamma)[None], exact(beta)[None]
    mean = total(z, 0) / m
    centred = z - mean
    std = sqrt(total(centred**2, 0) / m + exact(x.dtype.type(eps)))
    norm = centred / std
    tiny, last = ctx.mpf(float(limits.tiny)), ctx.mpf(float(limits.eps))
    s = abs(norm) + total(abs(norm), 0) / m + (last * abs(mean) + tiny) / std
    both = total(g * norm, 0) / m
    return {
        "batch norm": (scale * norm + shift, abs(scale) * s + abs(shift)),
        "batch norm dgamma": (m * both[0], total(abs(g) * s, 0)[0]),
        "batch norm dbeta": (total(g, 0)[0], total(abs(g), 0)[0]),
        "batch norm gradient": (
            scale / std * (g - total(g, 0) / m - norm * both),
            abs(scale) / std
            * (
                abs(g)
                + (total(abs(g), 0) + s * total(abs(g * norm), 0)) / m
                + abs(norm) * total(abs(g) * s, 0) / m
            ),
        ),
    }  # fmt: skip


def evaluation(x: Array, gamma: Array, beta: Array, mean: Array, var: Array, eps: float) -> Results:
    """Batch norm with given statistics; all but `x (batch, n)` are `(n,)`."""
    root = sqrt(exact(var) + exact(x.dtype.type(eps)))
    scaled = exact(gamma) * (exact(x) - exact(mean)) / root
    return {
        "batch norm in evaluation": (
            scaled + exact(beta),
            abs(scaled) + abs(exact(beta)),
        )
    }


def half_square(x: Array, y: Array) -> Results:
    """Half the squared distance of each row, and its gradient."""
    difference = exact(x) - exact(y)
    loss = total(difference**2, 1)[:, 0] / 2
    return {"L2": (loss, loss), "L2 gradient": (difference, abs(difference))}


def cross_entropy_of_probabilities(p: Array, y: Array) -> Results:
    """`-sum_i y_i log p_i` of each row, where `0 log 0 = 0`."""
    known = np.where((p == 0) & (y == 0), 1, p)
    loss = -total(exact(y) * log(exact(known)), 1)[:, 0]
    return {"cross-entropy of probabilities": (loss, loss)}
