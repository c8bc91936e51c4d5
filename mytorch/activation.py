"""Activations: functions applied to the output of a linear layer.

`forward(z)` keeps its output `Y = f(z)` in `state`; the derivative is computed from `state` alone
(000 §3.3, 001 §2.1.2), so a backward pass never evaluates the function a second time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray, as_floats, forgot_forward, title
from mytorch.checks.settings import check_real
from mytorch.numeric.sums import row_sums


class Activation:
    """What all activations have in common; on its own it computes nothing.

    Attributes
    ----------
    state : the output of the last `forward`, same shape as its input; None before the first.

    The dtype is that of the input: float32 stays float32, everything else becomes float64.
    """

    def __init__(self) -> None:
        self.state: FloatArray | None = None

    def __call__(self, x: npt.ArrayLike) -> FloatArray:
        """`forward(x)`."""
        return self.forward(x)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def forward(self, x: npt.ArrayLike) -> FloatArray:
        """`f(x)`, same shape as `x`, kept in `state`. Raises TypeError for anything not real."""
        raise NotImplementedError(f"{type(self).__name__} has no forward yet")

    def derivative(self, grad: npt.ArrayLike | None = None) -> Any:
        """`f'(z)` of the last input, same shape; with `grad`, the product `grad * f'(z)`.

        `grad` (same shape) is the gradient of the loss for the output; the product is the
        gradient for the input (001 §3.3). Raises RuntimeError before the first `forward`,
        ValueError where `grad` has another shape than the output.
        """
        raise NotImplementedError(f"{type(self).__name__} has no derivative yet")

    def backward(self, grad: npt.ArrayLike) -> FloatArray:
        """The gradient for the input, from the gradient for the output: `grad * f'(z)`."""
        if grad is None:
            raise TypeError(f"{self!r}: expected an array as gradient, got None; see derivative()")
        return self.derivative(grad)

    def _output(self) -> FloatArray:
        if self.state is None:
            raise forgot_forward(self)
        return self.state

    def _gradient(self, grad: npt.ArrayLike) -> FloatArray:
        """`grad` as floats of the output's dtype and shape."""
        state = self._output()
        gradient = as_floats(grad, self, "gradient")
        if gradient.shape != state.shape:
            raise ValueError(
                f"{self!r}: expected a gradient of the output's shape {state.shape}, "
                f"got {gradient.shape}"
            )
        return gradient if gradient.dtype is state.dtype else gradient.astype(state.dtype)

    def _chain(self, grad: npt.ArrayLike | None, slope: FloatArray) -> FloatArray:
        """The chain rule for a function of single numbers: `grad * slope` (001 §3.3).

        `slope` must be the caller's own array: the product is written into it.
        """
        if grad is not None:
            slope *= self._gradient(grad)
        return slope


class Identity(Activation):
    """`f(z) = z`: the layer stays linear."""

    def forward(self, x: npt.ArrayLike) -> FloatArray:
        """`z` itself."""
        self.state = as_floats(x, self)
        return self.state

    def derivative(self, grad: npt.ArrayLike | None = None) -> float | FloatArray:
        """The float 1.0; with `grad`, `grad` itself."""
        return 1.0 if grad is None else self._gradient(grad)


class Sigmoid(Activation):
    """`S(z) = 1 / (1 + exp(-z))` (001 §2.1.2)."""

    def forward(self, x: npt.ArrayLike) -> FloatArray:
        """`1 / (1 + exp(-z))`; no warning and no NaN however large `z` is."""
        z = as_floats(x, self)
        out = np.negative(z, out=np.empty_like(z))
        with np.errstate(over="ignore"):  # exp(-z) = inf gives S(z) = 0, which is right
            np.exp(out, out=out)
        out += 1
        self.state = np.reciprocal(out, out=out)
        return self.state

    def derivative(self, grad: npt.ArrayLike | None = None) -> FloatArray:
        """`S'(z) = S(z) (1 - S(z))`."""
        state = self._output()
        return self._chain(grad, state * (1 - state))


class Tanh(Activation):
    """`tanh(z) = (exp(z) - exp(-z)) / (exp(z) + exp(-z))` (001 §2.1.2)."""

    def forward(self, x: npt.ArrayLike) -> FloatArray:
        """`tanh(z)`."""
        self.state = np.asarray(np.tanh(as_floats(x, self)))
        return self.state

    def derivative(self, grad: npt.ArrayLike | None = None) -> FloatArray:
        """`tanh'(z) = 1 - tanh(z)^2`."""
        return self._chain(grad, 1 - np.square(self._output()))


class ReLU(Activation):
    """`R(z) = max(z, 0)` (001 §2.1.2)."""

    def forward(self, x: npt.ArrayLike) -> FloatArray:
        """`max(z, 0)`."""
        self.state = np.asarray(np.maximum(as_floats(x, self), 0))
        return self.state

    def derivative(self, grad: npt.ArrayLike | None = None) -> FloatArray:
        """`R'(z) = 1` where `z > 0`, else 0, also at `z = 0` (001 §2.1.2)."""
        state = self._output()
        return self._chain(grad, np.greater(state, 0).astype(state.dtype))


class LeakyReLU(Activation):
    """`L(z) = z` where `z > 0`, else `negative_slope * z` (003 question 1.1).

    `negative_slope` lies from 0 to 1; any other value raises ValueError.
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = check_real(negative_slope, "LeakyReLU", "negative_slope", 0, 1)

    def __repr__(self) -> str:
        return f"LeakyReLU({self.negative_slope})"

    def forward(self, x: npt.ArrayLike) -> FloatArray:
        """`max(z, negative_slope * z)`, which is `L(z)` for a slope from 0 to 1."""
        z = as_floats(x, self)
        self.state = np.asarray(np.maximum(z, self.negative_slope * z))
        return self.state

    def derivative(self, grad: npt.ArrayLike | None = None) -> FloatArray:
        """`L'(z) = 1` where `z > 0`, else `negative_slope`.

        At 0 that is the left one of the two slopes, so that a slope of 0 gives ReLU;
        003 takes the right one there.
        """
        state = self._output()
        slope = np.full_like(state, self.negative_slope)
        slope[state > 0] = 1
        return self._chain(grad, slope)


class Softmax(Activation):
    """`softmax(z)_j = exp(z_j) / sum_k exp(z_k)`, row by row (000 app. A).

    Input and output are `(batch, n)`; every row of the output sums to 1.
    """

    def forward(self, x: npt.ArrayLike) -> FloatArray:
        """The softmax of each row; no warning and no NaN for any finite `x`.

        Raises ValueError for anything but a matrix with at least one column.
        """
        _, exponentials, others = shifted_exponentials(as_floats(x, self), self)
        self.state = np.divide(exponentials, 1 + others, out=exponentials)
        return self.state

    def derivative(self, grad: npt.ArrayLike | None = None) -> FloatArray:
        """The Jacobian `(batch, n, n)` of each row; with `grad (batch, n)`, its product with it.

        `d Y_i / d z_j = Y_i (1{i = j} - Y_j)` (003 question 1.1). The matrix is symmetric, so the
        gradient for the input is `J @ grad = Y * (grad - sum_k grad_k Y_k)`, which needs no matrix.
        """
        state = self._output()
        if grad is None:
            jacobian = -state[:, :, None] * state[:, None, :]
            diagonal = np.arange(state.shape[1])
            jacobian[:, diagonal, diagonal] += state
            return jacobian
        gradient = self._gradient(grad)
        return state * (gradient - (gradient * state).sum(axis=1, keepdims=True))


def shifted_exponentials(
    logits: FloatArray, owner: object
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """`(shifted, exponentials, others)` of each row: the LogSumExp trick (000 §2.1, 002 app. B.1).

    `shifted = logits - max_k logits_k (batch, n)`, `exponentials = exp(shifted) (batch, n)`, and
    `others (batch, 1)` is the sum of the exponentials but for the largest, which is exp(0) = 1. So
    nothing overflows; softmax is `exponentials / (1 + others)`, and its logarithm
    `shifted - log1p(others)`: in `1 + others` a confident row's small sum would be lost, and its
    loss with it. All three are new arrays.
    """
    if logits.ndim != 2 or logits.shape[1] == 0:
        raise ValueError(
            f"{title(owner)}: expected rows of logits (batch, n) with n >= 1, got {logits.shape}"
        )
    largest = logits.argmax(axis=1) + np.arange(0, logits.size, logits.shape[1])  # in flat order
    with np.errstate(over="ignore", invalid="ignore"):
        shifted = logits - logits.take(largest)[:, None]
        # A difference beyond the dtype's range would be -inf, and -inf times a label of 0 a NaN.
        np.maximum(shifted, np.finfo(shifted.dtype).min, out=shifted)
    exponentials = np.exp(shifted)
    ones = exponentials.take(largest)  # or NaN, where the logits are not finite
    exponentials.put(largest, 0)
    others = row_sums(exponentials)
    exponentials.put(largest, ones)
    return shifted, exponentials, others
