"""The container: order of the layers, backward through all of them, momentum, errors."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mytorch import (
    L2,
    MLP,
    CrossEntropy,
    Identity,
    LeakyReLU,
    ReLU,
    Sigmoid,
    Softmax,
    SoftmaxCrossEntropy,
    Tanh,
)
from mytorch.gradcheck import gradcheck
from mytorch.initializers import zeros_bias_init
from tests.conftest import Arrays
from tests.support.layers import xavier


def network(hiddens: list[int], activations: list[Any], **changes: Any) -> MLP:
    """A network of 5 inputs and 3 outputs."""
    settings = {
        "weight_init_fn": xavier(1),
        "bias_init_fn": zeros_bias_init,
        "criterion": SoftmaxCrossEntropy(),
        "lr": 0.1,
    }
    return MLP(5, 3, hiddens, activations, **{**settings, **changes})


def batch(rows: int, seed: int = 0) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(rows, 5)), np.eye(3)[rng.integers(0, 3, rows)]


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
