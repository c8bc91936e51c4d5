"""Activations and a criterion that the grader hands to a submission's MLP.

The MLP is graded with these, so that a mistake in an activation costs points where activations
are asked for, and only there.
"""

from __future__ import annotations

from typing import Any

import numpy as np


class GivenActivation:
    """Keeps its output in `state`, as the homework's template has it."""

    def __init__(self) -> None:
        self.state: Any = None

    def __call__(self, x: Any) -> Any:
        return self.forward(x)

    def forward(self, x: Any) -> Any:
        raise NotImplementedError

    def slope(self) -> Any:
        raise NotImplementedError

    def derivative(self, grad: Any = None) -> Any:
        return self.slope() if grad is None else grad * self.slope()

    def backward(self, grad: Any) -> Any:
        return grad * self.slope()


class Identity(GivenActivation):
    def forward(self, x: Any) -> Any:
        self.state = x
        return x

    def slope(self) -> Any:
        return 1.0


class Sigmoid(GivenActivation):
    def forward(self, x: Any) -> Any:
        self.state = 1 / (1 + np.exp(-x))
        return self.state

    def slope(self) -> Any:
        return self.state * (1 - self.state)


class Tanh(GivenActivation):
    def forward(self, x: Any) -> Any:
        self.state = np.tanh(x)
        return self.state

    def slope(self) -> Any:
        return 1 - self.state**2


class ReLU(GivenActivation):
    def forward(self, x: Any) -> Any:
        self.state = np.maximum(x, 0.0)
        return self.state

    def slope(self) -> Any:
        return (self.state > 0) * 1.0


class SoftmaxCrossEntropy:
    """The criterion of 000 §2.1."""

    takes_probabilities = False

    def __init__(self) -> None:
        self.logits: Any = None
        self.labels: Any = None
        self.sm: Any = None
        self.loss: Any = None

    def __call__(self, x: Any, y: Any) -> Any:
        return self.forward(x, y)

    def forward(self, x: Any, y: Any) -> Any:
        shifted = x - x.max(axis=1, keepdims=True)
        log_sum = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.logits, self.labels, self.sm = x, y, np.exp(shifted - log_sum)
        self.loss = -(y * (shifted - log_sum)).sum(axis=1)
        return self.loss

    def derivative(self) -> Any:
        return self.sm - self.labels


CLASSES = {kind.__name__: kind for kind in (Identity, Sigmoid, Tanh, ReLU, SoftmaxCrossEntropy)}
