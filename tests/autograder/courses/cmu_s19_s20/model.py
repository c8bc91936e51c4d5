"""The classes of the homework as a submission with certain mistakes has them."""

from __future__ import annotations

from typing import Any

from tests.autograder.course import Classes, Mistakes
from tests.autograder.courses.cmu_s19_s20.formulas import (
    affine,
    input_gradient,
    parameter_gradients,
    slope,
    squashed,
)
from tests.autograder.courses.cmu_s19_s20.model_batchnorm import BatchNorm
from tests.autograder.courses.cmu_s19_s20.model_mlp import MLP
from tests.autograder.formulas import loss_and_derivative


class SoftmaxCrossEntropy:
    """The criterion."""

    m: Mistakes = frozenset()

    def forward(self, x: Any, y: Any) -> Any:
        loss, self.grad = loss_and_derivative(x, y, self.m)
        return loss

    def derivative(self) -> Any:
        return self.grad


class Activation:
    """An activation, which keeps its output in `state`."""

    m: Mistakes = frozenset()

    def forward(self, z: Any) -> Any:
        out = squashed(type(self).__name__, z, self.m)
        keeps_input = self.m & {"derivative of the input", "state keeps the input"}
        self.z, self.state = z, z if keeps_input else out
        return out

    def derivative(self) -> Any:
        name, state = type(self).__name__, self.state
        if "state keeps the input" in self.m:
            state = squashed(name, state, self.m)
        return slope(name, state, self.z, self.m)


class Identity(Activation):
    pass


class Sigmoid(Activation):
    pass


class Tanh(Activation):
    pass


class ReLU(Activation):
    pass


class Linear:
    """A linear layer."""

    m: Mistakes = frozenset()

    def __init__(self, inputs: int, outputs: int, weight_init_fn: Any, bias_init_fn: Any) -> None:
        self.W, self.b = weight_init_fn(inputs, outputs), bias_init_fn(outputs)
        self.dW, self.db = 0.0 * self.W, 0.0 * self.b
        self.momentum_W, self.momentum_b = 0.0 * self.W, 0.0 * self.b

    def forward(self, x: Any) -> Any:
        self.x = x
        return affine(x, self.W, self.b, self.m)

    def parameter_gradients(self, delta: Any) -> None:
        dW, db = parameter_gradients(self.x, delta, self.m)
        if "gradients accumulated" in self.m:
            dW, db = self.dW + dW, self.db + db
        self.dW, self.db = dW, db

    def backward(self, delta: Any) -> Any:
        dx = input_gradient(delta, self.W, self.m)
        self.parameter_gradients(delta)
        return dx


ALL = (SoftmaxCrossEntropy, Identity, Sigmoid, Tanh, ReLU, Linear, BatchNorm)


def classes(m: Mistakes, clean: frozenset[str] = frozenset()) -> Classes:
    """All classes with the mistakes `m`; those in `clean` have none, in an MLP neither."""
    made = {
        kind.__name__: type(kind.__name__, (kind,), {} if kind.__name__ in clean else {"m": m})
        for kind in ALL
    }
    parts: dict[str, Any] = {
        "m": m,
        "linear": made["Linear"],
        "batchnorm": made["BatchNorm"],
        "identity": Identity,
    }
    if "MLP" in clean:
        parts["m"] = frozenset()
    return {**made, "MLP": type("MLP", (MLP,), parts)}
