"""`t += other` and its like: of a leaf in its place, as PyTorch's users write a step."""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mytorch import Tensor, nn
from mytorch.autograd_engine import no_grad

UPDATES = (
    operator.iadd, operator.isub, operator.imul, operator.itruediv, operator.ipow,
)  # fmt: skip
X = np.array([[1.0, 2.0], [3.0, 4.0]])


def test_a_step_of_ones_own_moves_the_parameters() -> None:
    np.random.seed(0)
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    target, losses = np.array([[1.0], [-1.0]]), []
    parameters = [*model.parameters()]
    for _ in range(50):
        model.zero_grad()
        loss = nn.MSELoss()(model(Tensor(X)), target)
        loss.backward()
        losses.append(loss.item())
        before = [p.data.copy() for p in parameters]
        with no_grad():
            for p in model.parameters():
                assert p.grad is not None
                p -= 0.1 * p.grad
        for p, old in zip(parameters, before, strict=True):
            assert p.grad is not None
            assert np.array_equal(p.data, old - 0.1 * p.grad.data)
    assert losses[-1] < losses[0] / 2
    assert [*model.parameters()] == parameters


def test_an_attribute_of_a_module_stays_its_parameter() -> None:
    layer = nn.Linear(2, 3)
    weight, numbers = layer.weight, layer.weight.data.copy()
    with no_grad():
        layer.weight *= 2
    assert layer.weight is weight
    assert np.array_equal(weight.data, 2 * numbers)
    assert len([*layer.parameters()]) == 2


@pytest.mark.parametrize("update", UPDATES)
@pytest.mark.parametrize("other", [2, 2.0, np.float64(2), Tensor(2.0), Tensor([2.0, 1.0])])
def test_it_is_that_of_numpy(update: Callable[[Any, Any], Any], other: Any) -> None:
    t = Tensor(np.array(X, np.float32), requires_grad=True)
    with no_grad():
        assert update(t, other) is t
    expected = update(X.copy(), getattr(other, "data", other) if np.ndim(other) else 2.0)
    assert t.dtype == np.float32
    assert np.allclose(t.data, expected)
    assert t.requires_grad
    assert t.is_leaf


@pytest.mark.parametrize("update", UPDATES)
def test_where_a_graph_is_built_a_leaf_is_refused(update: Callable[[Any, Any], Any]) -> None:
    t = Tensor(X, requires_grad=True)
    with pytest.raises(RuntimeError, match="which no graph would know of; write it in a block"):
        update(t, 2)
    assert np.array_equal(t.data, X)


def test_any_other_tensor_is_a_new_one() -> None:
    leaf = Tensor(X, requires_grad=True)
    first = total = Tensor(0.0)
    for _ in range(3):
        total += (leaf * leaf).sum()
    total.backward()
    assert first.item() == 0
    assert leaf.grad is not None
    assert np.array_equal(leaf.grad.data, 6 * X)


def test_a_graph_that_needs_the_old_numbers_refuses() -> None:
    t = Tensor(X, requires_grad=True)
    out = (t * t).sum()
    with no_grad():
        t += 1
    with pytest.raises(RuntimeError, match="changed"):
        out.backward()


def test_another_shape_is_refused() -> None:
    t = Tensor([1.0, 2.0], requires_grad=True)
    with no_grad(), pytest.raises(ValueError, match=r"keep the shape \(2,\), which they would mak"):
        t += np.ones((3, 2))
    assert t.shape == (2,)
