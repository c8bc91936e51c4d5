"""Layers of a user's own, as they are written in practice: they work, or a message says why not."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mytorch import Identity, Layer, Linear, Network, SoftmaxCrossEntropy, Tensor
from mytorch.activation import Activation
from mytorch.gradcheck import gradcheck
from mytorch.initializers import zeros_bias_init
from mytorch.mlp import MLP
from mytorch.optim import SGD, Adam, clip_grad_norm
from tests.support.layers import xavier

X = np.random.default_rng(0).normal(size=(6, 4))
Y = np.eye(3)[[0, 1, 2, 0, 1, 2]]


class PReLU(Layer):
    parameters: Any = ("slope",)

    def __init__(self, slope: Any) -> None:
        self.slope = slope

    def forward(self, x: Any) -> Any:
        self.x = x
        return np.where(x > 0, x, self.slope * x)

    def backward(self, grad: Any) -> Any:
        self.dslope = (grad * np.minimum(self.x, 0)).sum(axis=0, keepdims=True)
        return grad * np.where(self.x > 0, 1, self.slope)


def linear(inputs: int, outputs: int, dtype: Any = None) -> Linear:
    return Linear(inputs, outputs, xavier(inputs), zeros_bias_init, dtype)


def network(*layers: Any, dtype: Any = None, optimizer: Any = None) -> Network:
    every = [linear(4, 5, dtype), *layers, linear(5, 3, dtype)]
    return Network(every, SoftmaxCrossEntropy(), optimizer or SGD(lr=0.1, momentum=0.9))


def train(net: Network, steps: int = 3) -> Network:
    for _ in range(steps):
        net.forward(X)
        net.backward(Y)
        net.step()
    return net


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
    with pytest.raises(TypeError, match=r"Linear\(5, 3\): expected .* as input, got NoneType"):
        train(network(NoReturn("forward")))
    with pytest.raises(TypeError, match=r"Linear\(4, 5\): expected an array as gradient, got None"):
        train(network(NoReturn("backward")))
    last = Network([linear(4, 5), NoReturn("forward")], SoftmaxCrossEntropy())
    with pytest.raises(TypeError, match=r"from forward of NoReturn.*perhaps its return is missing"):
        last.forward(X)


class OneSlope(PReLU):
    """A single learned number; NumPy's sum makes a number of its gradient, and no array."""

    def backward(self, grad: Any) -> Any:
        self.dslope = (grad * np.minimum(self.x, 0)).sum()
        return grad * np.where(self.x > 0, 1, self.slope)


ROW = [[0.25, 0.5, 0.75, 1.0, 1.25]]


@pytest.mark.parametrize(
    "slope", [0.25, np.float64(0.25), np.array(0.25), ROW, np.ones((1, 5), int)]
)
def test_numbers_of_any_kind_are_learned(slope: Any, tmp_path: Path) -> None:
    kind = PReLU if np.ndim(slope) else OneSlope
    assert gradcheck(kind(slope), np.ones((3, 5)) - 2 * np.eye(3, 5))
    own = kind(slope)
    net = network(own)
    assert f" {np.size(slope)} parameters" in repr(net)
    net.forward(X)
    net.backward(Y)
    expected = np.array(slope, float) - 0.1 * own.dslope
    net.step()
    np.testing.assert_allclose(own.slope, expected, rtol=1e-12)
    assert np.shape(own.slope) == np.shape(slope)
    train(net)
    net.zero_grads()
    assert not np.any(own.dslope)
    net.save(tmp_path / "it")
    other = network(kind(slope))
    other.load(tmp_path / "it")
    np.testing.assert_array_equal(other.forward(X), net.forward(X))


def test_what_is_no_parameter_is_said() -> None:
    class Text(PReLU):
        parameters = "slope"

    class Property(PReLU):
        parameters = ("weight",)

        @property
        def weight(self) -> Any:
            return self.slope

    class Slots:
        __slots__ = ()

        def forward(self, x: Any) -> Any:
            return x

        backward = forward

    for layer, name in (Text(0.5), "s"), (Property(0.5), "weight"):
        with pytest.raises(TypeError, match=f"expected an array as its attribute '{name}'"):
            network(layer)
    with pytest.raises(TypeError, match="expected an array of real numbers as parameter slope"):
        network(PReLU("0.5"))
    with pytest.raises(TypeError, match="layers that take new attributes"):
        network(Slots())
    first = PReLU(np.full((1, 5), 0.25))
    with pytest.raises(ValueError, match=r"slope of PReLU\(\) and slope of PReLU\(\) are the same"):
        network(first, PReLU(first.slope[:]))


def test_gradcheck_names_a_gradient_that_backward_does_not_set() -> None:
    class Forgets(PReLU):
        def backward(self, grad: Any) -> Any:
            return grad * np.where(self.x > 0, 1, self.slope)

    report = gradcheck(Forgets(0.25), X)
    assert not report
    assert report.problems == ("backward left no dslope, the gradient of slope",)


def test_an_optimizer_may_be_replaced() -> None:
    """The reference takes the steps of Kingma and Ba by hand: at first about lr each."""
    net = train(network())
    before, old = net.layers[0].W.copy(), net.optimizer
    net.optimizer = Adam(lr=0.01)
    train(net, 1)
    np.testing.assert_allclose(np.abs(net.layers[0].W - before), 0.01, rtol=1e-4)
    momentum = old.momentums[0].copy()
    net.optimizer = old  # it goes on with its momentums
    net.forward(X)
    net.backward(Y)
    expected = net.layers[0].W + 0.9 * momentum - 0.1 * net.layers[0].dW
    net.step()
    np.testing.assert_allclose(net.layers[0].W, expected, rtol=1e-12)
    other = network()
    for taken in (net.optimizer, SGD([Tensor([1.0], requires_grad=True)])):
        with pytest.raises(ValueError, match="of another network; make one for each"):
            other.optimizer = taken
    later = Network([linear(4, 3)], SoftmaxCrossEntropy())
    later.optimizer = SGD(lr=0.1)
    before = later.layers[0].W.copy()
    assert np.any(before != train(later, 1).layers[0].W)


def test_an_mlp_takes_another_sgd_and_nothing_else() -> None:
    mlp = MLP(4, 3, [], [Identity()], xavier(0), zeros_bias_init, SoftmaxCrossEntropy(), 0.1, 0.9)
    mlp.optimizer = SGD(lr=0.0)
    before = mlp.W[0].copy()
    train(mlp)
    np.testing.assert_array_equal(mlp.W[0], before)
    with pytest.raises(TypeError, match="MLP: expected SGD as optimizer"):
        mlp.optimizer = Adam()
    assert mlp.lr == 0


@pytest.mark.parametrize("own", [0, 1])
def test_the_optimizer_may_be_called_as_on_tensors(own: int) -> None:
    """`zero_grad`, `clip_grad_norm` and `step` of the optimizer itself."""
    net, twin = (train(network(*[PReLU(np.full((1, 5), 0.25))] * own)) for _ in range(2))
    for _ in range(3):
        net.optimizer.zero_grad()
        assert not any(np.any(p.grad) for p in net.parameters())
        for each in (net, twin):
            each.forward(X)
            each.backward(Y)
        size = np.sqrt(sum(np.sum(np.square(p.grad)) for p in twin.parameters()))
        assert clip_grad_norm(net.parameters(), 1e9) == pytest.approx(size)
        net.optimizer.step()
        twin.step()
    for mine, its in zip(net.parameters(), twin.parameters(), strict=True):
        np.testing.assert_array_equal(mine.data, its.data)


def test_a_linear_layer_with_one_more_parameter_stands_in_an_mlp(tmp_path: Path) -> None:
    class Scaled(Linear):
        parameters = ("W", "b", "scale")

        def __init__(self, *settings: Any) -> None:
            super().__init__(*settings)
            self.scale = np.ones((1, self.out_feature))

        def forward(self, x: Any) -> Any:
            self.z = super().forward(x)
            return self.z * self.scale

        def backward(self, delta: Any) -> Any:
            self.dscale = (delta * self.z).sum(axis=0, keepdims=True)
            return super().backward(delta * self.scale)

    def build() -> MLP:
        mlp = MLP(4, 3, [], [Identity()], xavier(0), zeros_bias_init, SoftmaxCrossEntropy(), 0.1)
        mlp.linear_layers[0] = Scaled(4, 3, xavier(0), zeros_bias_init)
        return mlp

    mlp, back = train(build()), build()
    assert np.all(mlp.layers[0].scale != 1)
    mlp.save(tmp_path / "it")
    back.load(tmp_path / "it")
    np.testing.assert_array_equal(back.forward(X), mlp.forward(X))
    for each in mlp, back:
        train(each)
    np.testing.assert_array_equal(back.forward(X), mlp.forward(X))
