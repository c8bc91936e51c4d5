"""Checkpoints of layers, criteria and optimizers of a user's own: settings that are arrays too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mytorch import Identity, Layer, Linear, Network, SoftmaxCrossEntropy, Tensor
from mytorch.checkpoint import archive
from mytorch.initializers import zeros_bias_init
from mytorch.mlp import MLP
from mytorch.nn import FromLayer, Sequential
from mytorch.nn.classic import from_mlp, to_mlp
from mytorch.optim import SGD, Optimizer
from mytorch.system.errors import DataError
from tests.support.layers import xavier

X = np.random.default_rng(0).normal(size=(6, 4))
Y = np.eye(3)[[0, 1, 2, 0, 1, 2]]


class Mask(Layer):
    def __init__(self, mask: Any) -> None:
        self.mask = np.array(mask, float)

    def forward(self, x: Any) -> Any:
        self.x = x
        return x * self.mask

    def backward(self, grad: Any) -> Any:
        return grad * self.mask


class Dropout(Layer):
    def __init__(self, p: float, seed: int = 0) -> None:
        self.p = p
        self.rng = np.random.default_rng(seed)

    def forward(self, x: Any) -> Any:
        self.keep = (self.rng.random(x.shape) >= self.p) / (1 - self.p)
        return x * self.keep

    def backward(self, grad: Any) -> Any:
        return grad * self.keep


class Slope(Layer):
    """A learned slope for negative inputs, with what the homework's MLP asks of an activation."""

    parameters = ("slope",)
    buffers = ("passes",)

    def __init__(self, slope: float = 0.25) -> None:
        self.slope = np.full((1, 3), slope)
        self.passes = np.zeros(1)

    def forward(self, x: Any) -> Any:
        self.x = x
        self.passes += 1
        return np.where(x > 0, x, self.slope * x)

    def backward(self, grad: Any) -> Any:
        self.dslope = (grad * np.minimum(self.x, 0)).sum(axis=0, keepdims=True)
        return grad * np.where(self.x > 0, 1, self.slope)

    def derivative(self) -> Any:
        return np.where(self.x > 0, 1, self.slope)


class Weighted(SoftmaxCrossEntropy):
    def __init__(self, weights: Any) -> None:
        super().__init__()
        self.weights = np.array(weights, float)

    def derivative(self) -> Any:
        return super().derivative() * self.weights


class Noisy(Optimizer):
    def __init__(self, seed: int) -> None:
        super().__init__(lr=0.1)
        self.rng = np.random.default_rng(seed)

    def update(self, W: Any, dW: Any) -> None:
        W -= self.lr * (dW + self.rng.normal(size=W.shape))


def linear(inputs: int, outputs: int) -> Linear:
    return Linear(inputs, outputs, xavier(inputs), zeros_bias_init)


def network(*layers: Any, criterion: Any = None, optimizer: Any = None) -> Network:
    return Network([linear(4, 3), *layers], criterion or SoftmaxCrossEntropy(),
                   optimizer or SGD(lr=0.1))  # fmt: skip


def train(net: Any, rows: int = 6) -> Any:
    for _ in range(3):
        net.forward(X[:rows])
        net.backward(Y[:rows])
        net.step()
    return net


def test_the_arrays_of_a_criterion_and_the_generator_of_an_optimizer_are_kept(
    tmp_path: Path,
) -> None:
    net = train(network(criterion=Weighted([1, 2, 3]), optimizer=Noisy(1)))
    back = network(criterion=Weighted([1, 1, 1]), optimizer=Noisy(2))
    net.save(tmp_path / "it")
    back.load(tmp_path / "it")
    for each in (net, back):
        train(each)
    np.testing.assert_array_equal(back.layers[0].W, net.layers[0].W)


def test_layers_that_ran_in_another_network_have_the_same_settings(tmp_path: Path) -> None:
    """What passes leave in them is not taken for a setting, which would fit one batch alone."""
    first = train(network(Mask([1, 2, 3])))
    second = Network(first.layers, SoftmaxCrossEntropy(), SGD(lr=0.1))
    second.save(tmp_path / "it")
    train(second, 2).load(tmp_path / "it")
    fresh = network(Mask([0, 0, 0]))
    fresh.load(tmp_path / "it")
    np.testing.assert_array_equal(fresh.forward(X), second.forward(X))


def test_a_layer_that_came_later_is_saved_too(tmp_path: Path) -> None:
    net = train(network(Identity()))
    net.layers[1] = Mask([1, 2, 3])
    net.layers.append(Mask([3, 2, 1]))
    train(net).save(tmp_path / "it")
    back = network(Mask([0, 0, 0]), Mask([0, 0, 0]))
    back.load(tmp_path / "it")
    np.testing.assert_array_equal(back.forward(X), net.forward(X))


def test_a_file_without_an_array_that_is_needed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "it"
    network(Mask([1, 2, 3])).save(path)
    arrays, facts = archive.load_checkpoint(path, "a network")
    del arrays["constant.1.mask"]
    archive.save_checkpoint(path, "a network", arrays, facts)
    back = network(Mask([0, 0, 0]))
    with pytest.raises(DataError, match=r"constant\.1\.mask is missing"):
        back.load(path)
    assert not back.layers[1].mask.any()


def test_a_read_only_setting_is_loaded(tmp_path: Path) -> None:
    net, back = (network(Mask(np.ones(3))) for _ in range(2))
    for each, value in ((net, 2.0), (back, 3.0)):
        each.layers[1].mask = np.broadcast_to(value, 3)
    net.save(tmp_path / "it")
    back.load(tmp_path / "it")
    np.testing.assert_array_equal(back.layers[1].mask, [2, 2, 2])


def test_a_layer_without_the_base_class_keeps_what_it_learned(tmp_path: Path) -> None:
    class Scale:
        parameters = ("factor",)

        def __init__(self) -> None:
            self.factor = np.ones((1, 3))

        def forward(self, x: Any) -> Any:
            self.x = x
            return x * self.factor

        def backward(self, grad: Any) -> Any:
            self.dfactor = (grad * self.x).sum(axis=0, keepdims=True)
            return grad * self.factor

    net, back = train(network(Scale())), network(Scale())
    net.save(tmp_path / "it")
    back.load(tmp_path / "it")
    np.testing.assert_array_equal(back.layers[1].factor, net.layers[1].factor)


def test_a_module_keeps_the_settings_of_the_layers_that_it_wraps(tmp_path: Path) -> None:
    model = Sequential(FromLayer(Dropout(0.5, 0)), FromLayer(Mask([1, 2, 3, 4])))
    back = Sequential(FromLayer(Dropout(0.1, 7)), FromLayer(Mask([0, 0, 0, 0])))
    model(Tensor(X))
    model.save(tmp_path / "it")
    back.load(tmp_path / "it")
    np.testing.assert_array_equal(back(Tensor(X)).data, model(Tensor(X)).data)
    other = Sequential(FromLayer(Mask([1, 1, 1, 1])), FromLayer(Mask([1, 1, 1, 1])))
    with pytest.raises(DataError, match=r"expected as module '0\.layer' Mask, got Dropout"):
        other.load(tmp_path / "it")


def test_the_two_faces_share_no_layer_of_ones_own() -> None:
    """Each goes on by itself, and a trained slope comes back."""
    mlp: Any = MLP(4, 3, [], [Slope()], xavier(0), zeros_bias_init, SoftmaxCrossEntropy(), 0.1)
    model: Any = from_mlp(mlp)
    for _ in range(5):
        model(Tensor(X))
    assert mlp.activations[0].passes[0] == 0
    model[1].slope.data = np.full((1, 3), 9.0)
    back: Any = to_mlp(model)
    np.testing.assert_array_equal(back.forward(X), model(Tensor(X)).data)
    assert mlp.activations[0].slope[0, 0] == 0.25
    assert back.activations[0].passes[0] == 6


def test_an_activation_learns_in_an_mlp_too(tmp_path: Path) -> None:
    """By the plain step, as batch norm's scale and shift."""

    def build() -> Any:
        return MLP(4, 3, [], [Slope()], xavier(0), zeros_bias_init, SoftmaxCrossEntropy(), 0.1, 0.9)

    mlp, back = build(), build()
    for _ in range(3):
        mlp.forward(X)
        mlp.backward(Y)
        expected = mlp.activations[0].slope - 0.1 * mlp.activations[0].dslope
        mlp.step()
        np.testing.assert_allclose(mlp.activations[0].slope, expected, rtol=1e-12)
    assert [p.name for p in mlp.parameters()] == ["W", "b", "slope"]
    mlp.save(tmp_path / "it")
    back.load(tmp_path / "it")
    for each in (mlp, back):
        train(each)
    np.testing.assert_array_equal(back.forward(X), mlp.forward(X))


def test_a_wrapped_layer_that_sets_no_gradient_says_so() -> None:
    class Forgets(Slope):
        def backward(self, grad: Any) -> Any:
            return grad

    out = FromLayer(Forgets())(Tensor(np.ones((2, 3)), requires_grad=True))
    with pytest.raises(RuntimeError, match="backward left no dslope, the gradient of slope"):
        out.sum().backward()


def test_one_learned_number_crosses_to_tensors() -> None:
    class One(Slope):
        def __init__(self) -> None:
            super().__init__()
            self.slope: Any = 0.25

        def backward(self, grad: Any) -> Any:
            self.dslope = (grad * np.minimum(self.x, 0)).sum()
            return grad * np.where(self.x > 0, 1, self.slope)

    model: Any = FromLayer(One())
    model(Tensor(X)).sum().backward()
    slope = model.slope
    np.testing.assert_allclose(slope.grad.data, np.minimum(X, 0).sum())


def test_a_checkpoint_of_the_first_version_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(archive, "VERSION", 1)
        network().save(tmp_path / "it")
    with pytest.raises(DataError, match=r"of mytorch 0\.1\.0.*save_weights there, load_weights"):
        network().load(tmp_path / "it")
