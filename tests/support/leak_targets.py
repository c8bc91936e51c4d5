"""What a handout must not compute, by plain NumPy, and the inputs that it is computed for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

rng = np.random.default_rng(5)
Z, DELTA = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
Y = np.eye(3)[[0, 2, 1, 1]]
X, W, B = rng.normal(size=(4, 5)), rng.normal(size=(5, 3)), rng.normal(size=(1, 3))
P = rng.dirichlet([2.0, 2.0, 2.0], size=4)
LR, MOMENTUM, SLOPE = 0.125, 0.75, 0.3


def _targets() -> dict[str, Any]:
    """What is blanked, by plain NumPy, for the inputs above."""
    sigmoid, tanh = 1 / (1 + np.exp(-Z)), np.tanh(Z)
    softmax = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    loss = -(Y * np.log(softmax)).sum(axis=1)
    mean, var = Z.mean(axis=0), Z.var(axis=0)
    g = DELTA - DELTA.mean(axis=0)
    norms = {eps: (Z - mean) / np.sqrt(var + eps) for eps in (1e-8, 1e-5)}
    found = {
        "the sigmoid": sigmoid,
        "its derivative": sigmoid * (1 - sigmoid),
        "the derivative of tanh": 1 - tanh**2,
        "tanh": tanh,
        "ReLU": np.maximum(Z, 0),
        "its derivative, as floats": (Z > 0) * 1.0,
        "softmax": softmax,
        "log-softmax": np.log(softmax),
        "cross-entropy": loss,
        "mean cross-entropy": loss.mean(),
        "summed cross-entropy": loss.sum(),
        "its derivative for the logits": softmax - Y,
        "its mean's derivative": (softmax - Y) / 4,
        "an affine function": X @ W + B,
        "the gradient for its input, and of a matrix product": DELTA @ W.T,
        "the averaged gradient of its weights": X.T @ DELTA / 4,
        "the gradient of its weights": X.T @ DELTA,
        "the averaged gradient of its bias": DELTA.mean(axis=0),
        "the gradient of its bias": DELTA.sum(axis=0),
        "a step": Z - LR * DELTA,
        "a step with momentum": Z + MOMENTUM * B - LR * DELTA,
        "the gradient of a quotient": -DELTA * Z / Y.clip(0.5) ** 2,
    }
    found |= _of_other_courses()
    for eps, norm in norms.items():
        found[f"batch norm, eps {eps:g}"] = norm
        found[f"the gradient for its input, eps {eps:g}"] = (
            g - norm * (DELTA * norm).mean(axis=0)
        ) / np.sqrt(var + eps)
        found[f"the gradient of gamma, eps {eps:g}"] = (DELTA * norm).sum(axis=0)
    return found


def _of_other_courses() -> dict[str, Any]:
    """The same with other shapes and averages, and what is asked elsewhere only."""
    s, t = 1 / (1 + np.exp(-Z)), np.tanh(Z)
    share = (1 + np.vectorize(math.erf)(Z / np.sqrt(2))) / 2
    gelu_slope = share + Z * np.exp(-Z * Z / 2) / np.sqrt(2 * np.pi)
    softmax = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)
    squares = ((Z - Y) ** 2).sum()
    leaky = np.where(Z > 0, 1, SLOPE)
    return {
        "the gradient of its weights (out, in)": DELTA.T @ X,
        "the averaged gradient of its weights (out, in)": DELTA.T @ X / 4,
        "the gradient of its bias (out, 1)": DELTA.sum(axis=0)[:, None],
        "the averaged gradient of its bias (out, 1)": DELTA.mean(axis=0)[:, None],
        "the gradient before a sigmoid": DELTA * s * (1 - s),
        "the gradient before tanh": DELTA * (1 - t * t),
        "the gradient before ReLU": DELTA * (Z > 0),
        "GELU": Z * share,
        "the derivative of GELU": gelu_slope,
        "the gradient before GELU": DELTA * gelu_slope,
        "leaky ReLU": Z * leaky,
        "the gradient before leaky ReLU": DELTA * leaky,
        "the gradient before softmax": softmax
        * (DELTA - (DELTA * softmax).sum(axis=1, keepdims=True)),
        "squared error over 2 N C": squares / 24,
        "squared error over N C": squares / 12,
        "its gradient over N C": (Z - Y) / 12,
        "twice its gradient over N C": (Z - Y) / 6,
        "cross-entropy of probabilities": -(Y * np.log(P)).sum() / 4,
        "its gradient for probabilities": -Y / P / 4,
        "a velocity": MOMENTUM * Z + DELTA,
        "a step of Adam": Z - LR * DELTA / np.sqrt(DELTA**2 + 1e-8),
    }


TARGETS = _targets()
