"""The container: order of the layers, momentum, modes, lists of arrays, dtypes."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mytorch import MLP, Identity, LeakyReLU, ReLU, Sigmoid, SoftmaxCrossEntropy, Tanh
from mytorch.initializers import zeros_bias_init
from tests.conftest import Arrays
from tests.support.layers import xavier
from tests.support.networks import batch, network


@pytest.mark.parametrize("bn_layers", [0, 1, 2])
def test_another_engine_trains_the_same(
    bn_layers: int, references: Callable[[str], Arrays]
) -> None:
    """Five steps with momentum 0.9, the last on a smaller batch, with and without batch norm."""
    stored = references(f"training_bn{bn_layers}")
    mlp = MLP(
        5, 3, [8, 6], [Sigmoid(), Tanh(), Identity()], xavier(0), zeros_bias_init,
        SoftmaxCrossEntropy(), 0.05, 0.9, bn_layers,
    )  # fmt: skip
    mlp.W = [stored[f"W{i}"] for i in range(3)]
    mlp.b = [stored[f"b{i}"] for i in range(3)]
    for step in range(5):
        x, labels = stored[f"x_{step}"], stored[f"labels_{step}"]
        mlp.zero_grads()
        mlp.forward(x)
        mlp.backward(labels)
        mlp.step()
        assert mlp.total_loss(labels) / len(x) == pytest.approx(stored["mean_losses"][step])
    for i in range(3):
        np.testing.assert_allclose(mlp.W[i], stored[f"final_W{i}"], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(mlp.b[i][0], stored[f"final_b{i}"], rtol=1e-10, atol=1e-12)
    for i, bn in enumerate(mlp.bn_layers):
        np.testing.assert_allclose(bn.gamma[0], stored[f"final_gamma{i}"], rtol=1e-10)
        np.testing.assert_allclose(bn.beta[0], stored[f"final_beta{i}"], rtol=1e-10, atol=1e-12)


def test_the_order_is_linear_batch_norm_activation() -> None:
    mlp = network([4, 2], [Sigmoid(), Tanh(), Identity()], num_bn_layers=1)
    x, _ = batch(7)
    z = x @ mlp.W[0] + mlp.b[0]
    z = (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + 1e-8)
    h = np.tanh(1 / (1 + np.exp(-z)) @ mlp.W[1] + mlp.b[1])
    np.testing.assert_allclose(mlp(x), h @ mlp.W[2] + mlp.b[2], rtol=1e-12)


def test_momentum_by_hand() -> None:
    """000 §3.6: v = m v - lr dW, W = W + v; gamma and beta take the plain step."""
    mlp = network([2], [Tanh(), Identity()], momentum=0.5, num_bn_layers=1)
    W, b = mlp.W[0].copy(), mlp.b[0].copy()
    for dW, moved in ((1.0, 0.1), (1.0, 0.1 + 0.15), (0.0, 0.1 + 0.15 + 0.075)):
        for i in range(2):
            mlp.dW[i] = np.full_like(mlp.W[i], dW)
            mlp.db[i] = np.full_like(mlp.b[i], dW)
        mlp.bn_layers[0].dgamma[...] = mlp.bn_layers[0].dbeta[...] = dW
        mlp.step()
        np.testing.assert_allclose(mlp.W[0], W - moved)
        np.testing.assert_allclose(mlp.b[0], b - moved)
    np.testing.assert_allclose(mlp.bn_layers[0].gamma, [[1 - 0.2] * 2])
    np.testing.assert_allclose(mlp.bn_layers[0].beta, [[-0.2] * 2])


def test_a_step_leaves_the_callers_arrays_alone() -> None:
    mine = np.ones((5, 3))
    mlp = network([], [Identity()], weight_init_fn=lambda *_: mine, momentum=0.9)
    x, labels = batch(4)
    mlp.forward(x)
    mlp.backward(labels)
    mlp.step()
    assert np.array_equal(mine, np.ones((5, 3)))
    assert not np.array_equal(mlp.W[0], mine)


def test_train_and_eval() -> None:
    mlp = network([4], [Sigmoid(), Identity()], num_bn_layers=1)
    bn = mlp.bn_layers[0]
    x, labels = batch(6)
    mlp.forward(x)
    running = bn.running_mean.copy()
    mlp.eval()
    assert not mlp.train_mode
    out = mlp.forward(x[:1])
    assert np.array_equal(bn.running_mean, running)
    z = (x[:1] @ mlp.W[0] - running) / np.sqrt(bn.running_var + bn.eps)
    np.testing.assert_allclose(out, 1 / (1 + np.exp(-z)) @ mlp.W[1], rtol=1e-12)
    with pytest.raises(RuntimeError, match="the last forward was in evaluation mode"):
        mlp.backward(labels[:1])
    mlp.train()
    mlp.forward(x)
    mlp.backward(labels)


def test_error_and_total_loss() -> None:
    mlp = network([], [Identity()], weight_init_fn=lambda *_: np.eye(5, 3))
    x = np.eye(5)[[0, 1, 2, 0]]
    labels = np.eye(3)[[0, 1, 1, 2]]
    mlp.forward(x)
    assert mlp.error(labels) == 2
    assert type(mlp.error(labels)) is int
    lse = np.log(np.e + 2)
    assert mlp.total_loss(labels) == pytest.approx(2 * (lse - 1) + 2 * lse)
    assert type(mlp.total_loss(labels)) is float


def test_lists_reach_the_layers() -> None:
    mlp = network([4], [Sigmoid(), Identity()])
    assert [w.shape for w in mlp.W] == [(5, 4), (4, 3)]
    assert [b.shape for b in mlp.b] == [(1, 4), (1, 3)]
    assert len(mlp.dW) == len(mlp.db) == mlp.nlayers == 2
    mlp.W[-1] = np.zeros((4, 3))
    mlp.b[1] = np.array([1.0, 2.0, 3.0])
    assert mlp(batch(1)[0]).tolist() == [[1, 2, 3]]
    mlp.dW[0] = np.ones((5, 4))
    assert mlp.linear_layers[0].dW.sum() == 20
    assert mlp.W[0] is mlp.linear_layers[0].W
    assert [w.shape for w in mlp.W[:1]] == [(5, 4)]
    with pytest.raises(ValueError, match="W: expected one array for each of 2 layers, got 1"):
        mlp.W = [np.zeros((5, 4))]
    before = mlp.W[0].copy()
    for bad in ([np.ones((5, 4)), np.ones((9, 9))], [np.ones((5, 4)), "no numbers"]):
        with pytest.raises((ValueError, TypeError), match="W"):
            mlp.W[:] = bad
        assert np.array_equal(mlp.W[0], before)  # all or nothing
    with pytest.raises(TypeError, match="W: expected a list of arrays, got int"):
        mlp.W = 5
    with pytest.raises(IndexError):
        mlp.W[2]


def test_attributes() -> None:
    criterion, layers = SoftmaxCrossEntropy(), [ReLU(), Identity()]
    mlp = MLP(5, 3, [4], layers, xavier(0), zeros_bias_init, criterion, 0.008, 0.9, 1)
    assert (mlp.input_size, mlp.output_size, mlp.nlayers) == (5, 3, 2)
    assert (mlp.lr, mlp.momentum, mlp.num_bn_layers, mlp.bn) == (0.008, 0.9, 1, True)
    assert mlp.criterion is criterion
    assert mlp.activations == layers
    assert [bn.in_feature for bn in mlp.bn_layers] == [4]
    assert mlp.output is None
    assert mlp.train_mode
    assert network([], [Identity()]).bn is False


def test_float32_stays_float32_through_training() -> None:
    mlp = network([4], [ReLU(), Identity()], num_bn_layers=1, momentum=0.9, dtype=np.float32)
    x, labels = batch(6)
    for _ in range(3):
        out = mlp.forward(x)
        mlp.backward(labels)
        mlp.step()
    bn = mlp.bn_layers[0]
    arrays = (out, *mlp.W, *mlp.dW, *mlp.b, *mlp.db, bn.gamma, bn.dgamma, bn.running_var, bn.norm)
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}  # type: ignore[union-attr]


def test_float32_weights_make_a_float32_network() -> None:
    init: Any = xavier(1)
    mlp = network(
        [4], [ReLU(), Identity()], num_bn_layers=1,
        weight_init_fn=lambda i, o: init(i, o).astype(np.float32),
    )  # fmt: skip
    x, labels = batch(6)
    for _ in range(2):
        out = mlp.forward(x)
        mlp.backward(labels)
        mlp.step()
    bn = mlp.bn_layers[0]
    arrays = (out, *mlp.W, *mlp.b, *mlp.dW, *mlp.db, bn.gamma, bn.dbeta, bn.running_mean)
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


def test_repr_shows_the_structure() -> None:
    mlp = MLP(
        784, 10, [64, 32], [Sigmoid(), LeakyReLU(), Identity()], xavier(0),
        zeros_bias_init, SoftmaxCrossEntropy(), 0.008, 0.9, 1,
    )  # fmt: skip
    assert repr(mlp).splitlines() == [
        "MLP(784 -> 64 -> 32 -> 10, SoftmaxCrossEntropy(), lr=0.008, momentum=0.9)",
        "  0: Linear(784, 64) -> BatchNorm(64) -> Sigmoid()     50,368 parameters",
        "  1: Linear(64, 32) -> LeakyReLU(0.01)                  2,080 parameters",
        "  2: Linear(32, 10) -> Identity()                         330 parameters",
        "  all, float64                                         52,778 parameters",
    ]


def test_weights_of_two_layers_change_places() -> None:
    mlp = MLP(
        3, 3, [3], [Tanh(), Identity()], lambda i, o: np.random.default_rng(0).normal(size=(i, o)),
        lambda n: np.ones((1, n)), SoftmaxCrossEntropy(), 0.1,
    )  # fmt: skip
    mlp.W[1] = 2 * mlp.W[0]
    first, second = mlp.W[0].copy(), mlp.W[1].copy()
    mlp.W[0], mlp.W[1] = mlp.W[1], mlp.W[0]
    assert np.array_equal(mlp.W[0], second)
    assert np.array_equal(mlp.W[1], first)
    mlp.W = [mlp.W[1], mlp.W[0]]
    assert np.array_equal(mlp.W[0], first)
    assert np.array_equal(mlp.W[1], second)
