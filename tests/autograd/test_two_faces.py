"""The classic face and automatic differentiation compute the same, and networks move between."""

from typing import Any

import numpy as np
import pytest

from mytorch import (
    L2,
    MLP,
    Activation,
    BatchNorm,
    Identity,
    LeakyReLU,
    ReLU,
    Sigmoid,
    Softmax,
    SoftmaxCrossEntropy,
    Tanh,
)
from mytorch.initializers import zeros_bias_init
from mytorch.linear import Linear as ClassicLinear
from mytorch.nn import activations, functional
from mytorch.nn.batchnorm import BatchNorm1d
from mytorch.nn.classic import from_mlp, to_mlp
from mytorch.nn.from_layer import FromLayer
from mytorch.nn.linear import Linear
from mytorch.nn.sequential import Sequential
from mytorch.tensor import Tensor
from tests.support.layers import xavier

CLOSE = {"rtol": 1e-12, "atol": 1e-12}


def mlp_of(bn_layers: int, momentum: float = 0.9, **changes: Any) -> MLP:
    mlp = MLP(
        5, 3, [8, 6], [Sigmoid(), LeakyReLU(0.1), Identity()], xavier(0), zeros_bias_init,
        SoftmaxCrossEntropy(), 0.05, momentum, bn_layers, **changes,
    )  # fmt: skip
    for bn in mlp.bn_layers:
        bn.gamma = np.random.default_rng(1).normal(1, 0.1, bn.in_feature)
    return mlp


@pytest.mark.parametrize("bn_layers", [0, 1, 2, 3])
def test_outputs_gradients_and_steps_agree(bn_layers: int) -> None:
    """Five steps of momentum on the same batches, compared after each.

    The losses are means here and sums there: the linear layers average their own gradients, batch
    norm sums them, so those of gamma and beta are the mean's times the batch size.
    """
    mlp = mlp_of(bn_layers)
    model = from_mlp(mlp)
    linears = [layer for layer in model if isinstance(layer, Linear)]
    norms = [layer for layer in model if isinstance(layer, BatchNorm1d)]
    velocities = [[np.zeros_like(p.data) for p in (ly.weight, ly.bias)] for ly in linears]
    rng = np.random.default_rng(2)
    for rows in (9, 9, 4, 1 if bn_layers == 0 else 2, 9):
        x, labels = rng.normal(size=(rows, 5)), rng.integers(0, 3, rows)
        out = mlp.forward(x)
        dx = mlp.backward(np.eye(3)[labels], input_grad=True)
        mlp.step()

        for parameter in model.parameters():
            parameter.grad = None
        tensor = Tensor(x, requires_grad=True)
        tensor_out = model(tensor)
        functional.cross_entropy(tensor_out, Tensor(labels)).backward()
        np.testing.assert_allclose(tensor_out.data, out, **CLOSE)
        np.testing.assert_allclose(grad(tensor) * rows, dx, **CLOSE)
        for i, layer in enumerate(linears):
            np.testing.assert_allclose(grad(layer.weight).T, mlp.dW[i], **CLOSE)
            np.testing.assert_allclose(grad(layer.bias), mlp.db[i][0], **CLOSE)
            for velocity, parameter in zip(velocities[i], (layer.weight, layer.bias), strict=True):
                velocity *= 0.9
                velocity -= 0.05 * grad(parameter)
                parameter.data = parameter.data + velocity
            np.testing.assert_allclose(layer.weight.data.T, mlp.W[i], **CLOSE)
        for norm, bn in zip(norms, mlp.bn_layers, strict=True):
            np.testing.assert_allclose(grad(norm.gamma) * rows, bn.dgamma[0], **CLOSE)
            np.testing.assert_allclose(grad(norm.beta) * rows, bn.dbeta[0], **CLOSE)
            norm.gamma.data = norm.gamma.data - 0.05 * rows * grad(norm.gamma)
            norm.beta.data = norm.beta.data - 0.05 * rows * grad(norm.beta)
            np.testing.assert_allclose(norm.running_mean.data, bn.running_mean[0], **CLOSE)


def grad(tensor: Tensor) -> Any:
    assert tensor.grad is not None
    return tensor.grad.data


def trained(bn_layers: int) -> MLP:
    mlp = mlp_of(bn_layers)
    rng = np.random.default_rng(3)
    for _ in range(3):
        mlp.forward(rng.normal(size=(9, 5)))
        mlp.backward(np.eye(3)[rng.integers(0, 3, 9)])
        mlp.step()
    return mlp


@pytest.mark.parametrize("bn_layers", [0, 1, 3])
@pytest.mark.parametrize("mode", ["train", "eval"])
def test_there_and_back(bn_layers: int, mode: str) -> None:
    mlp = trained(bn_layers)
    getattr(mlp, mode)()
    x = np.random.default_rng(4).normal(size=(6, 5))
    model = from_mlp(mlp)
    back = to_mlp(model, lr=0.05, momentum=0.9)
    assert model.is_train == back.train_mode == (mode == "train")
    out = mlp.forward(x)
    np.testing.assert_allclose(model(Tensor(x)).data, out, **CLOSE)
    np.testing.assert_allclose(back.forward(x), out, **CLOSE)
    assert repr(back) == repr(mlp)
    assert [bn.eps for bn in back.bn_layers] == [1e-8] * bn_layers


def test_replaced_parameters_keep_their_places() -> None:
    model = Sequential(Linear(2, 3), BatchNorm1d(3, eps=0.5, momentum=0.3), activations.ReLU())
    for name, value in (("gamma", 5.0), ("beta", 7.0)):
        setattr(model[1], name, Tensor(np.full(3, value), requires_grad=True, is_parameter=True))
    model[1].running_mean = Tensor(np.full(3, 11.0))
    assert list(model.state_dict())[2:] == [
        f"1.{name}" for name in ("weight", "bias", "running_mean", "running_var")
    ]
    (bn,) = to_mlp(model).bn_layers
    assert (bn.gamma[0, 0], bn.beta[0, 0], bn.running_mean[0, 0]) == (5, 7, 11)
    assert (bn.eps, bn.alpha) == (0.5, 0.7)


def test_networks_do_not_share_their_weights() -> None:
    mlp = mlp_of(1)
    model = from_mlp(mlp)
    before = model.state_dict()
    mlp.W[0] += 1
    assert np.array_equal(model.state_dict()["0.weight"], before["0.weight"])


def test_state_dictionaries_are_the_same_in_both_faces() -> None:
    mlp = trained(2)
    model = from_mlp(mlp)
    mine, theirs = mlp.state_dict(), model.state_dict()
    assert list(mine) == list(theirs)
    assert all(np.array_equal(mine[name], theirs[name]) for name in mine)
    assert mine["0.weight"].shape == (8, 5)
    other = mlp_of(2)
    other.load_state_dict(theirs)
    assert all(np.array_equal(a, b) for a, b in zip(other.W, mlp.W, strict=True))
    assert np.array_equal(other.bn_layers[1].running_var, mlp.bn_layers[1].running_var)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"0.weight": None}, "0.weight is missing in the state"),
        ({"9.bias": np.ones(3)}, "9.bias is unknown in the state"),
        ({"0.weight": np.ones((5, 8))}, r"expected 0.weight \(8, 5\), got \(5, 8\)"),
    ],
)
def test_a_state_that_does_not_fit_an_mlp_is_refused_whole(change: Any, message: str) -> None:
    mlp = mlp_of(1)
    before = mlp.state_dict()
    new = {name: array + 1 for name, array in before.items()} | change
    with pytest.raises(ValueError, match=message):
        mlp.load_state_dict({name: array for name, array in new.items() if array is not None})
    assert all(np.array_equal(before[name], array) for name, array in mlp.state_dict().items())


def test_float32_stays_float32() -> None:
    mlp = mlp_of(1, dtype="float32")
    model = from_mlp(mlp)
    assert {a.dtype for a in model.state_dict().values()} == {np.dtype(np.float32)}
    assert to_mlp(model).dtype == np.float32


@pytest.mark.parametrize("kind", [Identity, ReLU, LeakyReLU, Sigmoid, Tanh, Softmax])
def test_every_activation_has_its_twin(kind: type[Activation]) -> None:
    mlp = MLP(4, 3, [], [kind()], xavier(0), zeros_bias_init, L2(), 0.1)
    x = np.random.default_rng(0).normal(size=(6, 4))
    model = from_mlp(mlp)
    assert type(model[1]).__name__ == kind.__name__
    np.testing.assert_allclose(model(Tensor(x)).data, mlp.forward(x), **CLOSE)


def test_a_missing_activation_is_the_identity() -> None:
    model = Sequential(Linear(4, 5), Linear(5, 3), activations.ReLU(), Linear(3, 2))
    x = np.random.default_rng(0).normal(size=(6, 4))
    mlp = to_mlp(model)
    assert [type(a) for a in mlp.activations] == [Identity, ReLU, Identity]
    np.testing.assert_allclose(mlp.forward(x), model(Tensor(x)).data, **CLOSE)


@pytest.mark.parametrize(
    ("layers", "error", "message"),
    [
        ([], ValueError, "expected at least one Linear layer"),
        ([activations.ReLU()], ValueError, r"ReLU\(\) stands where an MLP has no such layer"),
        ([Linear(2, 3), activations.ReLU(), BatchNorm1d(3)], ValueError, "BatchNorm1d.* stands"),
        ([Linear(2, 3), Linear(3, 3), BatchNorm1d(3)], ValueError, "BatchNorm1d.* stands"),
        ([Linear(2, 3), Sequential()], TypeError, "expected one of Identity, ReLU"),
    ],
)
def test_networks_that_are_no_mlp_are_refused(
    layers: list[Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        to_mlp(Sequential(*layers))


def test_a_layer_of_ones_own_crosses_over_and_back() -> None:
    class Swish(Activation):
        def forward(self, x: Any) -> Any:
            self.x, self.state = x, x / (1 + np.exp(-x))
            return self.state

        def derivative(self, grad: Any = None) -> Any:
            s = 1 / (1 + np.exp(-self.x))
            slope = s + self.x * s * (1 - s)
            return slope if grad is None else grad * slope

    mlp = MLP(4, 3, [], [Swish()], xavier(0), zeros_bias_init, L2(), 0.1)
    x, upstream = np.random.default_rng(0).normal(size=(2, 5, 4))[:, :, :4]
    model, t = from_mlp(mlp), Tensor(x, requires_grad=True)
    out = model(t)
    np.testing.assert_array_equal(out.data, mlp.forward(x))
    (out * Tensor(upstream[:, :3])).sum().backward()
    np.testing.assert_allclose(
        grad(t), mlp.linear_layers[0].backward(mlp.activations[0].backward(upstream[:, :3]))
    )
    np.testing.assert_array_equal(to_mlp(model).forward(x), mlp.forward(x))


def test_leaves_share_no_gradient_where_layers_pass_it_on() -> None:
    """`Identity.backward` returns the very array that it was given, and `+` gives it to both."""
    x, y = (Tensor([[1.0, 2.0]], requires_grad=True) for _ in range(2))
    (functional.OfLayer.apply(x, Identity(), "forward")
     + functional.OfLayer.apply(y, Identity(), "forward")).backward()  # fmt: skip
    assert x.grad is not None
    assert y.grad is not None
    assert not np.shares_memory(x.grad.data, y.grad.data)


@pytest.mark.parametrize("changed", ["input", "output", "parameter"])
def test_data_of_a_layer_that_changed_meanwhile_is_refused(changed: str) -> None:
    """A layer may keep its input and its output; a change of either would change gradients."""
    layer = FromLayer(ClassicLinear(2, 2, xavier(0), zeros_bias_init))
    x = Tensor([[1.0, 2.0]], requires_grad=True)
    out = layer(x)
    {"input": x, "output": out, "parameter": next(layer.parameters())}[changed].data *= 2
    with pytest.raises(RuntimeError, match=r"OfLayer saved a tensor .* was changed since"):
        out.backward()


def test_a_layer_that_returns_its_input_shares_the_count_of_changes() -> None:
    x = Tensor([[1.0, 2.0]], requires_grad=True)
    square = x * x
    functional.OfLayer.apply(x, Identity(), "forward").data *= 2
    with pytest.raises(RuntimeError, match="Mul saved a tensor"):
        square.backward()


@pytest.mark.parametrize("kind", [ReLU, Sigmoid, LeakyReLU])
def test_a_gradient_of_another_dtype_takes_the_layers(kind: type[Activation]) -> None:
    x = Tensor(np.full((2, 3), 0.5, np.float32), requires_grad=True)
    out = functional.OfLayer.apply(x, kind(), "forward")
    (out * Tensor(np.ones((2, 3)))).backward()
    layer = kind()
    layer.forward(np.full((2, 3), 0.5, np.float32))
    assert x.grad is not None
    assert x.grad.dtype == np.float32
    np.testing.assert_array_equal(x.grad.data, layer.backward(np.ones((2, 3), np.float32)))


def test_each_formula_has_one_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the classic layer computes is what the operation gives: a change of one shows."""
    monkeypatch.setattr(BatchNorm, "_normalize", lambda self, x: x * 7)
    assert functional.normalize_batch(*map(Tensor, (np.ones((2, 1)), [1.0], [0.0]))).data[0, 0] == 7
    monkeypatch.setattr(Sigmoid, "backward", lambda self, g: g * 5)
    x = Tensor([1.0], requires_grad=True)
    functional.sigmoid(x).backward()
    assert grad(x).item() == 5
