"""`mytorch.load` with layers, criteria and optimizers that have no base class of the library's."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mytorch
from mytorch import L2, Linear, Network
from mytorch.initializers import xavier_normal, zeros_bias_init
from mytorch.optim import SGD
from mytorch.system.errors import DataError

X, Y = np.random.default_rng(0).normal(size=(5, 4)), np.ones((5, 2))


class Times:
    """A layer with a setting."""

    def __init__(self) -> None:
        self.factor = 2.0

    def forward(self, x: Any) -> Any:
        return self.factor * x

    def backward(self, grad: Any, /) -> Any:
        return self.factor * grad


class Distance:
    """A criterion with a setting."""

    def __init__(self) -> None:
        self.scale = 2.0

    def forward(self, x: Any, y: Any) -> Any:
        self.difference = x - y
        return self.scale * np.square(self.difference).sum(axis=1)

    def derivative(self) -> Any:
        return 2 * self.scale * self.difference


def network(criterion: Any) -> Network:
    return Network([Linear(4, 2, xavier_normal, zeros_bias_init), Times()], criterion, SGD(lr=0.1))


def stepped(net: Network) -> list[Any]:
    net.forward(X)
    net.backward(Y)
    net.step()
    return [net.layers[0].W, net.layers[0].b, net.forward(X)]


def test_they_are_made_anew_with_their_settings(tmp_path: Path) -> None:
    net = network(Distance())
    net.layers[1].factor, net.criterion.scale = 0.5, 3.0
    net.save(tmp_path / "it")
    again = mytorch.load(tmp_path / "it", Times, Distance)
    assert (again.layers[1].factor, again.criterion.scale) == (0.5, 3.0)
    assert all(map(np.array_equal, stepped(again), stepped(net)))


def test_one_that_is_not_handed_in_is_named(tmp_path: Path) -> None:
    network(L2()).save(tmp_path / "it")
    with pytest.raises(DataError, match=r"the class Times, .*; hand it in, mytorch.load\(path, T"):
        mytorch.load(tmp_path / "it", Distance)


def test_a_class_that_is_no_such_thing_is_refused(tmp_path: Path) -> None:
    network(Distance()).save(tmp_path / "it")
    with pytest.raises(DataError, match="cannot be made anew"):
        mytorch.load(tmp_path / "it", Times, type("Distance", (), {}))
