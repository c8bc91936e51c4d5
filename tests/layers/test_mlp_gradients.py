"""Gradients of whole networks: by finite differences, and of the last backward alone."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mytorch import L2, CrossEntropy, Identity, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from mytorch.gradcheck import gradcheck
from tests.support.layers import xavier
from tests.support.networks import batch, network


@given(
    hiddens=st.lists(st.integers(1, 5), max_size=3),
    kinds=st.lists(st.sampled_from([Sigmoid, Tanh, ReLU, LeakyReLU]), min_size=3, max_size=3),
    rows=st.integers(1, 5),
    seed=st.integers(0, 100),
)
def test_gradients_of_a_network_without_batch_norm(
    hiddens: list[int], kinds: list[Any], rows: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    mlp = network(
        hiddens,
        [*(kind() for kind in kinds[: len(hiddens)]), Identity()],
        weight_init_fn=xavier(rng),
        # Zero biases behind dead units would put several kinks at the very same point, where the
        # product of their slopes is neither the left nor the right slope of the whole.
        bias_init_fn=lambda n: rng.normal(size=n),
    )
    report = gradcheck(mlp, *batch(rows, seed))
    assert report, report


@pytest.mark.parametrize("bn_layers", [1, 2, 3])
@pytest.mark.parametrize("seed", range(5))
def test_gradients_of_a_network_with_batch_norm(bn_layers: int, seed: int) -> None:
    mlp = network(
        [6, 4],
        [Sigmoid(), Tanh(), Identity()],
        num_bn_layers=bn_layers,
        weight_init_fn=xavier(seed),
    )
    report = gradcheck(mlp, *batch(8, seed))
    assert report, report
    parameters = sum(a.size for i in range(3) for a in (mlp.W[i], mlp.b[i]))
    scales = 2 * sum(bn.in_feature for bn in mlp.bn_layers)
    assert report.checked == 8 * 5 + parameters + scales


@pytest.mark.parametrize(
    ("last", "criterion"),
    [(Softmax(), CrossEntropy()), (Softmax(), L2()), (Sigmoid(), L2()), (Identity(), L2())],
)
def test_gradients_with_other_criteria(last: Any, criterion: Any) -> None:
    report = gradcheck(network([4], [Tanh(), last], criterion=criterion), *batch(6))
    assert report, report


def test_both_forms_of_cross_entropy_train_the_same() -> None:
    x, labels = batch(6)
    logits = network([4], [Tanh(), Identity()])
    softmax = network([4], [Tanh(), Softmax()], criterion=CrossEntropy())
    softmax.W = list(logits.W)
    for mlp in (logits, softmax):
        mlp.forward(x)
        mlp.backward(labels)
    for i in range(2):
        np.testing.assert_allclose(logits.dW[i], softmax.dW[i], rtol=1e-13)
    assert logits.total_loss(labels) == pytest.approx(softmax.total_loss(labels), rel=1e-13)


def test_gradients_are_of_the_last_backward_only() -> None:
    mlp = network([4], [Sigmoid(), Identity()], num_bn_layers=1)
    x, labels = batch(6)
    for _ in range(2):
        mlp.forward(x)
        mlp.backward(labels)
        twice = [array.copy() for array in (*mlp.dW, *mlp.db, mlp.bn_layers[0].dgamma)]
    mlp.zero_grads()
    bn = mlp.bn_layers[0]
    assert all(not array.any() for array in (*mlp.dW, *mlp.db, bn.dgamma, bn.dbeta))
    mlp.forward(x)
    mlp.backward(labels)
    assert not mlp.bn_layers[0].beta.any()
    again = (*mlp.dW, *mlp.db, mlp.bn_layers[0].dgamma)
    assert all(np.array_equal(a, b) for a, b in zip(twice, again, strict=True))
