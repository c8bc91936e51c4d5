"""Layers of a user's own, as they are written in practice: they work, or a message says why not."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

from mytorch import Identity, Layer, Linear, Network, SoftmaxCrossEntropy
from mytorch.activation import Activation
from mytorch.gradcheck import gradcheck
from mytorch.initializers import zeros_bias_init
from mytorch.mlp import MLP
from tests.support.layers import xavier
from tests.support.own_layers import PReLU, X, Y, linear, network, train


class Decayed(Linear):
    """A linear layer whose own backward adds to a gradient."""

    def backward(self, delta: Any) -> Any:
        dx = super().backward(delta)
        self.dW += 100
        return dx


def test_the_backward_of_a_subclass_runs_in_the_first_layer_too() -> None:
    net = Network([Decayed(4, 3, xavier(0), zeros_bias_init)], SoftmaxCrossEntropy())
    net.forward(X)
    net.backward(Y)
    assert net.layers[0].dW.min() > 90


def test_a_backward_that_is_assigned_to_a_layer_runs() -> None:
    net = Network([linear(4, 3)], SoftmaxCrossEntropy())
    calls: list[Any] = []
    net.layers[0].backward = calls.append
    net.forward(X)
    net.backward(Y)
    assert len(calls) == 1


def test_a_function_around_a_method_runs_in_every_pass() -> None:
    """`functools.wraps` copies attributes, so the wrapper looks like the method itself."""
    calls: list[Any] = []

    def counted(method: Any) -> Any:
        @functools.wraps(method)
        def run(*values: Any) -> Any:
            calls.append(method.__name__)
            return method(*values)

        return run

    class Counted(Linear):
        forward = counted(Linear.forward)

    net = Network([Counted(4, 3, xavier(0), zeros_bias_init)], SoftmaxCrossEntropy())
    net.layers[0].backward = counted(net.layers[0].backward)
    for _ in range(3):
        net.forward(X)
        net.backward(Y)
    assert calls == ["forward", "backward"] * 3


def test_a_layer_may_hand_on_to_another_ones_methods() -> None:
    class Delegate:
        def __init__(self, inner: Any) -> None:
            self.forward, self.backward = inner.forward, inner.backward

    inner = linear(4, 3)
    net = Network([Delegate(inner), Identity()], SoftmaxCrossEntropy())
    for _ in range(3):
        out = net.forward(X)
        dx = net.backward(Y, input_grad=True)
    np.testing.assert_array_equal(out, X @ inner.W + inner.b)
    assert dx is not None
    assert np.abs(inner.dW).sum() > 0


class Widening(Layer):
    """In a float32 network it makes float64, in training only, and in backward."""

    def forward(self, x: Any) -> Any:
        self.factor = np.where(x > 0, 1, 0.5)
        return x * self.factor

    def infer(self, x: Any) -> Any:
        return x

    def backward(self, grad: Any) -> Any:
        return grad * self.factor


@pytest.mark.parametrize("passes_in_evaluation", [0, 2])
def test_float32_networks_stay_so_around_layers_that_make_float64(
    passes_in_evaluation: int,
) -> None:
    net = network(Widening(), dtype="float32")
    net.eval()
    for _ in range(passes_in_evaluation):
        net.forward(X)
    net.train()
    outputs = []
    for _ in range(3):
        outputs.append(net.forward(X))
        net.backward(Y)
        assert net.layers[2].x.dtype == np.float32
    net.step()
    assert {out.dtype for out in outputs} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(outputs[0], outputs[2])


def test_an_activation_that_makes_float64_stands_in_a_float32_mlp() -> None:
    class Leaky(Activation):
        def forward(self, x: Any) -> Any:
            self.state = np.maximum(x, 0.5 * x)
            return self.state

        def derivative(self, grad: Any = None) -> Any:
            slope = np.where(self.state > 0, 1, 0.5)
            return slope if grad is None else grad * slope

    mlp = MLP(4, 3, [5], [Leaky(), Identity()], xavier(0), zeros_bias_init,
              SoftmaxCrossEntropy(), 0.1, dtype="float32")  # fmt: skip
    train(mlp)
    assert mlp.dW[0].dtype == np.float32


def test_a_size_may_be_called_as_in_linear() -> None:
    layer = PReLU(np.full((1, 4), 0.25))
    layer.in_feature = 4  # type: ignore[attr-defined]
    assert gradcheck(Network([layer, linear(4, 3)], SoftmaxCrossEntropy()), X, Y)


class NoReturn(PReLU):
    def __init__(self, method: str) -> None:
        super().__init__(np.full((1, 5), 0.25))
        self.method = method

    def forward(self, x: Any) -> Any:
        out = super().forward(x)
        return None if self.method == "forward" else out

    def backward(self, grad: Any) -> Any:
        dx = super().backward(grad)
        return None if self.method == "backward" else dx


def test_a_missing_return_is_said() -> None:
    for method in ("forward", "backward"):
        said = rf"from {method} of NoReturn.* got NoneType; perhaps its return is missing"
        with pytest.raises(TypeError, match=said):
            train(network(NoReturn(method)))
    last = Network([linear(4, 5), NoReturn("forward")], SoftmaxCrossEntropy())
    with pytest.raises(TypeError, match=r"from forward of NoReturn.*perhaps its return is missing"):
        last.forward(X)
    first = Network([NoReturn("backward"), linear(5, 3)], SoftmaxCrossEntropy())
    first.forward(np.ones((2, 5)))
    assert first.backward(np.eye(3)[:2]) is None  # nobody asks for that gradient
    with pytest.raises(TypeError, match="from backward of NoReturn"):
        first.backward(np.eye(3)[:2], input_grad=True)
