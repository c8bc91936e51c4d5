"""State dictionaries: copies, refused whole, loaded in the memory order that products read."""

import copy
from typing import Any

import numpy as np
import pytest

from mytorch.nn.activations import ReLU
from mytorch.nn.batchnorm import BatchNorm1d
from mytorch.nn.linear import Linear
from mytorch.nn.sequential import Sequential
from mytorch.optim.sgd import SGD
from mytorch.tensor import Tensor
from mytorch.training import load_weights, save_weights
from tests.support.networks import sequential


def test_state_survives_the_disk(tmp_path: Any) -> None:
    model, other = sequential(), Sequential(Linear(5, 6), BatchNorm1d(6), ReLU(), Linear(6, 3))
    model(Tensor(np.random.default_rng(0).normal(size=(7, 5))))
    save_weights(model, tmp_path / "weights.npz")
    load_weights(other, tmp_path / "weights.npz")
    assert all(np.array_equal(v, other.state_dict()[k]) for k, v in model.state_dict().items())


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"0.weight": None}, ValueError, "Sequential: 0.weight is missing in the state"),
        ({"4.weight": np.ones(2)}, ValueError, "Sequential: 4.weight is unknown in the state"),
        ({"0.bias": np.ones(5)}, ValueError, r"expected 0.bias \(6,\), got \(5,\)"),
        ({"3.bias": np.array(list("abc"))}, TypeError, "expected an array of numbers as 3.bias"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_whole(
    change: dict[str, Any], error: type[Exception], message: str
) -> None:
    model = sequential()
    before = model.state_dict()
    new = {name: array + 1 for name, array in before.items()} | change
    with pytest.raises(error, match=message):
        model.load_state_dict({name: array for name, array in new.items() if array is not None})
    assert all(np.array_equal(before[k], v) for k, v in model.state_dict().items())


def test_weights_and_gradients_lie_in_memory_as_the_product_reads_them(tmp_path: Any) -> None:
    """By columns, also after steps, copies and loading; else a step is slower, and other bits."""
    model, other = sequential(), sequential()
    optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9)
    model(Tensor(np.ones((4, 5)))).backward()
    optimizer.step()
    model.save(tmp_path / "network.npz")
    other.load_state_dict(model.state_dict())
    networks = [model, copy.deepcopy(model), other]
    other = sequential()
    other.load(tmp_path / "network.npz")
    for weight in (net[i].weight for net in [*networks, other] for i in (0, 3)):
        assert weight.data.flags.f_contiguous
        assert weight.grad is None or weight.grad.data.flags.f_contiguous


@pytest.mark.parametrize("order", ["C", "F"])
def test_weights_may_lie_in_memory_either_way(order: Any) -> None:
    rng = np.random.default_rng(0)
    layer, x, W = Linear(5, 3), rng.normal(size=(4, 5)), rng.normal(size=(3, 5))
    layer.weight.data = np.array(W, order=order)
    layer.bias.data = np.zeros(3)
    out = layer(Tensor(x))
    np.testing.assert_allclose(out.data, np.einsum("bi,oi->bo", x, W), rtol=1e-12)
    out.backward()
    assert layer.weight.grad is not None
    np.testing.assert_allclose(layer.weight.grad.data, [x.sum(axis=0)] * 3, rtol=1e-12)
    assert layer.weight.grad.data.flags[f"{order}_CONTIGUOUS"]


def test_a_state_dict_is_a_copy() -> None:
    model = sequential()
    mine = model.state_dict()
    mine["0.weight"][...] = 99
    assert not (model[0].weight.data == 99).any()
    model.load_state_dict(mine)
    mine["0.weight"][...] = 5
    assert (model[0].weight.data == 99).all()
