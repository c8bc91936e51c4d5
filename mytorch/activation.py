"""Activations: functions applied to the output of a linear layer.

The output `Y = f(z)` of `forward(z)` is kept in `state`; the derivative is computed from `state`
alone (000 §3.3, 001 §2.1.2), so a backward pass never evaluates the function a second time. Each
class but `Identity` has the formulas of `f(z)` and of the local gradient `f'(z)`; `derivative` and
`backward`, which they have in common, are in `layer.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mytorch.checks.arrays import FloatArray
from mytorch.checks.settings import Setting
from mytorch.layer import Activation
from mytorch.numeric.blocks import is_large
from mytorch.numeric.normal import normal_density, normal_distribution
from mytorch.numeric.positive import positive_part
from mytorch.numeric.softmax import softmax


class Identity(Activation, checked=True):
    """`f(z) = z`: the layer stays linear."""

    def forward(self, x: Any) -> FloatArray:
        """`z` itself."""
        return x

    def derivative(self, grad: Any = None) -> float | FloatArray:
        """The float 1.0; with `grad`, `grad` itself."""
        return 1.0 if grad is None else self.check_gradient(grad)

    def backward(self, grad: Any) -> FloatArray:
        """`grad` itself."""
        return grad


class Sigmoid(Activation, checked=True):
    """`S(z) = 1 / (1 + exp(-z))` (001 §2.1.2)."""

    def forward(self, x: Any) -> FloatArray:
        """`1 / (1 + exp(-z))`; no warning and no NaN however large `z` is."""
        out = np.negative(x, out=np.empty_like(x))
        np.exp(out, out=out)  # inf gives S(z) = 0, which is right
        out += 1
        return np.reciprocal(out, out=out)

    def local_gradient(self) -> Any:
        """`S'(z) = S(z) (1 - S(z))`."""
        slope = 1 - self.state
        slope *= self.state
        return slope


class Tanh(Activation, checked=True):
    """`tanh(z) = (exp(z) - exp(-z)) / (exp(z) + exp(-z))` (001 §2.1.2)."""

    def forward(self, x: Any) -> FloatArray:
        """`tanh(z)`."""
        return np.tanh(x)

    def local_gradient(self) -> Any:
        """`tanh'(z) = 1 - tanh(z)^2`."""
        return 1 - np.square(self.state)


class ReLU(Activation, checked=True):
    """`R(z) = max(z, 0)` (001 §2.1.2)."""

    def forward(self, x: Any) -> FloatArray:
        """`max(z, 0)`."""
        return positive_part(x) if is_large(x) else np.maximum(x, 0)

    def local_gradient(self) -> Any:
        """`R'(z) = 1` where `z > 0`, else 0, also at `z = 0` (001 §2.1.2)."""
        return np.greater(self.state, 0).astype(self.state.dtype)


class LeakyReLU(Activation, checked=True):
    """`L(z) = z` where `z > 0`, else `negative_slope * z` (003 question 1.1).

    `negative_slope` is at least 0; any other value raises ValueError.
    """

    negative_slope = Setting(0)

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def forward(self, x: Any) -> FloatArray:
        """`max(z, negative_slope * z)`, for a slope above 1 the minimum of the two."""
        extreme = np.maximum if self.negative_slope <= 1 else np.minimum
        return extreme(x, self.negative_slope * x)

    def local_gradient(self) -> Any:
        """`L'(z) = 1` where `z > 0`, else `negative_slope`.

        At 0 that is the left one of the two slopes, so that a slope of 0 gives ReLU;
        003 takes the right one there.
        """
        slopes = np.array([self.negative_slope, 1], self.state.dtype)
        return slopes.take(self.state > 0)  # a quarter of the time of np.where


class ELU(Activation, checked=True):
    """`E(z) = z` where `z > 0`, else `alpha (exp(z) - 1)` (Clevert et al. 2016).

    `alpha` is at least 0; any other value raises ValueError.
    """

    alpha = Setting(0)

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def forward(self, x: Any) -> FloatArray:
        """`max(z, 0) + alpha (exp(min(z, 0)) - 1)`, which is `E(z)` without an overflow."""
        return np.maximum(x, 0) + self.alpha * np.expm1(np.minimum(x, 0))

    def local_gradient(self) -> Any:
        """`E'(z) = 1` where `z > 0`, else `alpha exp(z)`, which is `E(z) + alpha`."""
        return np.where(self.state > 0, 1, self.state + self.alpha)


class GELU(Activation, checked=True):
    """`G(z) = z Phi(z)`, with the standard normal distribution's `Phi(z) = (1 + erf(z/√2)) / 2`.

    Hendrycks and Gimpel 2016, in the exact form, which is PyTorch's default. `G` falls before it
    rises, so its derivative does not follow from `state` alone: `z` is kept, too.
    """

    kept = ("state", "z", "Phi")

    def forward(self, x: Any) -> FloatArray:
        """`z Phi(z)`."""
        self.z, self.Phi = x, normal_distribution(x)
        return x * self.Phi

    def local_gradient(self) -> Any:
        """`G'(z) = Phi(z) + z phi(z)`, with the density `phi(z) = exp(-z^2 / 2) / sqrt(2 pi)`."""
        return self.Phi + self.z * normal_density(self.z)


class Softmax(Activation, checked=True):
    """`softmax(z)_j = exp(z_j) / sum_k exp(z_k)`, row by row (000 app. A).

    Input and output are `(batch, n)`; every row of the output sums to 1.
    """

    gives_probabilities = True

    def forward(self, x: Any) -> FloatArray:
        """The softmax of each row; no warning and no NaN for any finite `x`."""
        return softmax(x)

    def local_gradient(self) -> Any:
        """The Jacobians `(batch, n, n)`: `d Y_i / d z_j = Y_i (1{i = j} - Y_j)` (003 q. 1.1)."""
        Y = self.state
        return Y[:, :, None] * (np.eye(Y.shape[1], dtype=Y.dtype) - Y[:, None, :])

    def derivative(self, grad: Any = None) -> Any:
        """The Jacobian `(batch, n, n)` of each row; with `grad (batch, n)`, its product with it."""
        return super().derivative() if grad is None else self.backward(grad)

    def backward(self, grad: Any) -> FloatArray:
        """The product of the Jacobian with `grad (batch, n)`: `Y * (grad - sum_k grad_k Y_k)`.

        The Jacobian is symmetric, so this is the gradient for the input, and needs no matrix.
        """
        Y: Any = self.state
        return Y * (grad - (grad * Y).sum(axis=1, keepdims=True))


__all__ = [
    "ELU", "GELU", "Activation", "Identity", "LeakyReLU", "ReLU", "Sigmoid", "Softmax", "Tanh",
]  # fmt: skip
