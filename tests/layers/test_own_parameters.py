"""Parameters of a user's own layers: numbers and arrays of any kind, and what is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mytorch import Identity, Linear, SoftmaxCrossEntropy
from mytorch.gradcheck import gradcheck
from mytorch.initializers import zeros_bias_init
from mytorch.mlp import MLP
from mytorch.training import get_training_stats
from tests.support.layers import xavier
from tests.support.own_layers import PReLU, X, Y, network, train


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


def test_training_names_a_gradient_that_backward_does_not_set() -> None:
    """No step would change that parameter, and nothing else would tell."""

    class Forgets(PReLU):
        def backward(self, grad: Any) -> Any:
            return grad * np.where(self.x > 0, 1, self.slope)

    own = Forgets(ROW)
    with pytest.raises(RuntimeError, match="backward left no dslope, the gradient of slope"):
        get_training_stats(network(own), ((X, Y),) * 2, 1, len(X))
    assert np.array_equal(own.slope, ROW)


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
