"""What an MLP refuses: parts that do not fit, calls in the wrong order, other shapes."""

from typing import Any

import numpy as np
import pytest

from mytorch import L2, CrossEntropy, Identity, Sigmoid, Softmax, Tanh
from tests.support.networks import batch, network

shared = Sigmoid()


@pytest.mark.parametrize(
    ("hiddens", "activations", "changes", "error", "message"),
    [
        ([4], [Sigmoid()], {}, ValueError, "expected 2 activations, one for each hidden layer"),
        ([4], [Sigmoid, Identity()], {}, TypeError, r"got the class Sigmoid; write Sigmoid\(\)"),
        ([4, 4], [shared, shared, Identity()], {}, ValueError, "stands in two layers"),
        ([4], [Tanh(), Identity()], {"num_bn_layers": 3}, ValueError, "num_bn_layers from 0 to"),
        ([], [Identity()], {"criterion": CrossEntropy()}, ValueError, r"must be Softmax\(\)"),
        ([0], [Tanh(), Identity()], {}, ValueError, r"expected hiddens\[0\] of at least 1"),
        (
            [],
            [Softmax()],
            {},
            ValueError,
            r"would apply it twice; use Identity\(\)",
        ),
        ([], [Identity()], {"lr": "0.1"}, TypeError, "MLP: expected a number as lr, got '0.1'"),
        ([], [Identity()], {"num_bn_layers": True}, TypeError, "whole number as num_bn_layers"),
        ([], [Identity()], {"dtype": "float16"}, TypeError, "expected dtype float32 or float64"),
        (4, [Identity()], {}, TypeError, "a list of them as hiddens, got 5, 3 and 4"),
        ([2.5], [Tanh(), Identity()], {}, TypeError, r"a whole number as hiddens\[0\], got 2.5"),
        ([], ["relu"], {}, TypeError, "expected activation objects, got 'relu'"),
        ([], [Identity()], {"criterion": L2}, TypeError, r"got the class L2; write L2\(\)"),
        ([], [Identity()], {"lr": float("nan")}, ValueError, "expected lr of at least 0, got nan"),
        ([], [Identity()], {"lr": -0.1}, ValueError, "expected lr of at least 0, got -0.1"),
        ([], [Identity()], {"momentum": 3}, ValueError, "expected momentum from 0 to 1, got 3"),
    ],
)
def test_parts_that_do_not_fit_are_refused(
    hiddens: list[int],
    activations: list[Any],
    changes: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        network(hiddens, activations, **changes)


def test_calls_in_the_wrong_order_or_shape_are_refused() -> None:
    mlp = network([4], [Sigmoid(), Identity()])
    x, labels = batch(6)
    for name in ("backward", "error", "total_loss"):
        with pytest.raises(RuntimeError, match=f"{name} was called before forward"):
            getattr(mlp, name)(labels)
    mlp.forward(x)
    with pytest.raises(ValueError, match=r"expected labels \(6, 3\), got \(5, 3\)"):
        mlp.error(labels[:5])
    with pytest.raises(ValueError, match=r"expected labels of the output's shape \(6, 3\)"):
        mlp.backward(labels[:5])
    with pytest.raises(ValueError, match=r"use datasets.one_hot\(labels, 3\)"):
        mlp.total_loss(labels.argmax(axis=1))


def test_a_step_before_any_backward_changes_nothing() -> None:
    """As after zero_grads: all gradients are zeros."""
    mlp = network([4], [Sigmoid(), Identity()], num_bn_layers=1, momentum=0.9)
    before = mlp.state_dict()
    mlp.step()
    assert all(np.array_equal(before[name], new) for name, new in mlp.state_dict().items())


def test_a_gradient_of_another_shape_is_refused_before_anything_is_changed() -> None:
    mlp = network([4], [Sigmoid(), Identity()])
    before = mlp.state_dict()
    message = r"Linear\(4, 3\): expected dW \(4, 3\), got \(4, 1\)"
    with pytest.raises(ValueError, match=message):
        mlp.dW[1] = np.ones((4, 1))
    with pytest.raises(ValueError, match=message):
        mlp.linear_layers[1].dW = np.ones((4, 1))
    with pytest.raises(ValueError, match=message):
        mlp.dW = [np.ones((5, 4)), np.ones((4, 1))]
    assert not any(np.any(dW) for dW in mlp.dW)
    mlp.step()
    assert all(np.array_equal(before[name], new) for name, new in mlp.state_dict().items())
    given = np.ones((4, 3), int)  # as good as floats
    mlp.dW[1] = given
    given[:] = 7
    assert mlp.dW[1].dtype == np.float64
    mlp.lr = 0.5
    mlp.step()
    np.testing.assert_array_equal(mlp.W[1], before["2.weight"].T - 0.5)


def test_a_learning_rate_that_became_impossible_is_refused() -> None:
    mlp = network([], [Identity()])
    for bad, error in (("0.1", TypeError), (float("nan"), ValueError), (-1.0, ValueError)):
        with pytest.raises(error, match=r"MLP: expected .*lr"):
            mlp.lr = bad
        with pytest.raises(error, match=r"MLP: expected .*momentum"):
            mlp.momentum = bad
    assert (mlp.lr, mlp.momentum) == (0.1, 0.0)
