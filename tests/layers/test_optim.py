"""Update rules against PyTorch's own steps, on tensors and on the layers of a network."""

import copy
import pickle
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from mytorch import BatchNorm, Identity, Layer, Linear, Network, SoftmaxCrossEntropy, Tanh
from mytorch.initializers import zeros_bias_init
from mytorch.optim import SGD, Adam, AdamW, Optimizer, RMSprop, clip_grad_norm, schedule
from mytorch.tensor import Tensor
from tests.conftest import Arrays
from tests.support.layers import xavier

Array = npt.NDArray[Any]

RULES: dict[str, Callable[..., Optimizer]] = {
    "SGD": partial(SGD, lr=0.1),
    "SGD momentum": partial(SGD, lr=0.1, momentum=0.9),
    "SGD decay": partial(SGD, lr=0.1, momentum=0.5, weight_decay=0.2),
    "Adam": partial(Adam, lr=0.01),
    "Adam decay": partial(Adam, lr=0.02, betas=(0.8, 0.95), eps=1e-4, weight_decay=0.3),
    "AdamW": partial(AdamW, lr=0.02, betas=(0.7, 0.9), weight_decay=0.3),
    "RMSprop": partial(RMSprop, lr=0.01),
    "RMSprop momentum": partial(
        RMSprop, lr=0.01, alpha=0.8, eps=1e-3, weight_decay=0.1, momentum=0.7
    ),
}


class Given(Layer):
    """A layer whose gradients are assigned."""

    parameters = ("W", "b")

    def __init__(self, W: Array, b: Array) -> None:
        self.W, self.b = W.copy(), b.copy()

    def forward(self, x: Any) -> Any:
        return x

    def backward(self, grad: Any) -> Any:
        return grad


@pytest.mark.parametrize("name", RULES)
def test_on_tensors_another_engine_takes_the_same_steps(
    name: str, references: Callable[[str], Arrays]
) -> None:
    stored = references("optimizers")
    params = [Tensor(stored[f"begin_{i}"], requires_grad=True, is_parameter=True) for i in range(2)]
    optimizer = RULES[name](params)
    for t in range(6):
        for i, p in enumerate(params):
            p.grad = None if (t, i) == (2, 1) else Tensor(stored[f"grad_{t}_{i}"])
        optimizer.step()
        for i, p in enumerate(params):
            np.testing.assert_allclose(p.data, stored[f"{name}_{t}_{i}"], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", RULES)
def test_on_layers_another_engine_takes_the_same_steps(
    name: str, references: Callable[[str], Arrays]
) -> None:
    stored = references("optimizers")
    layer = Given(stored["begin_0"], stored["begin_1"])
    network = Network([layer], SoftmaxCrossEntropy(), RULES[name]())
    for t in range(6):
        layer.dW = stored[f"grad_{t}_0"].copy()  # type: ignore[attr-defined]
        layer.db = None if t == 2 else stored[f"grad_{t}_1"].copy()  # type: ignore[attr-defined]
        network.step()
        np.testing.assert_allclose(layer.W, stored[f"{name}_{t}_0"], rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(layer.b, stored[f"{name}_{t}_1"], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("limit", [0.5, 100.0])
def test_gradients_are_clipped_by_their_common_norm(
    limit: float, references: Callable[[str], Arrays]
) -> None:
    stored = references("optimizers")
    params = [Tensor(stored[f"begin_{i}"], requires_grad=True) for i in range(2)]
    for i, p in enumerate(params):
        p.grad = Tensor(stored[f"grad_0_{i}"].copy())
    layer = Given(stored["begin_0"], stored["begin_1"])
    layer.dW, layer.db = (stored[f"grad_0_{i}"].copy() for i in range(2))  # type: ignore[attr-defined]
    network = Network([layer], SoftmaxCrossEntropy(), SGD())
    for given in (params, network.parameters()):
        assert clip_grad_norm(given, limit) == pytest.approx(stored[f"norm_{limit}"], rel=1e-14)
    for i, array in enumerate((layer.dW, layer.db)):  # type: ignore[attr-defined]
        np.testing.assert_allclose(array, stored[f"clipped_{limit}_{i}"], rtol=1e-14)
        np.testing.assert_array_equal(params[i].grad.data, array)  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["StepLR", "CosineLR"])
def test_schedules(name: str, references: Callable[[str], Arrays]) -> None:
    network = Network([Identity()], SoftmaxCrossEntropy(), SGD(lr=0.4))
    plan = (
        schedule.StepLR(network.optimizer, 3, 0.3)
        if name == "StepLR"
        else schedule.CosineLR(network.optimizer, 8, 0.01)
    )
    rates = []
    for _ in range(8):
        plan.step()
        rates.append(network.optimizer.lr)
    np.testing.assert_allclose(rates, references("optimizers")[name], rtol=1e-13)
    plan.step()
    if name == "CosineLR":
        assert network.optimizer.lr == 0.01


def two_layers(rule: Optimizer) -> Network:
    layers = [Linear(4, 5, xavier(0), zeros_bias_init), BatchNorm(5), Tanh(),
              Linear(5, 3, xavier(1), zeros_bias_init)]  # fmt: skip
    return Network(layers, SoftmaxCrossEntropy(), rule)


def train(network: Network, *seeds: int) -> dict[str, Array]:
    for seed in seeds:
        rng = np.random.default_rng(seed)
        network.forward(rng.normal(size=(6, 4)))
        network.backward(np.eye(3)[rng.integers(0, 3, 6)])
        network.step()
    return network.state_dict()


def same(one: dict[str, Array], other: dict[str, Array]) -> None:
    assert one.keys() == other.keys()
    for name, array in one.items():
        np.testing.assert_array_equal(array, other[name])


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("method", [copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))])
def test_a_copied_network_trains_on_with_what_its_optimizer_kept(
    name: str, method: Callable[[Network], Network]
) -> None:
    network, twin = two_layers(RULES[name]()), two_layers(RULES[name]())
    train(network, 1, 2)
    copied = method(network)
    same(train(copied, 3), train(twin, 1, 2, 3))
    same(train(network, 3), twin.state_dict())


@pytest.mark.parametrize("name", RULES)
def test_a_saved_network_trains_on_bit_for_bit(name: str, tmp_path: Any) -> None:
    network, back = two_layers(RULES[name]()), two_layers(RULES[name]())
    train(network, 1, 2)
    network.optimizer.lr *= 0.5
    network.save(tmp_path / "it")
    train(back, 7)
    back.load(tmp_path / "it")
    same(train(network, 3, 4), train(back, 3, 4))


def test_a_layer_that_replaces_another_begins_without_history() -> None:
    network = two_layers(SGD(lr=0.1, momentum=0.9))
    train(network, 1)
    before = [v.copy() for v in network.optimizer.momentums]
    network.layers[3] = Linear(5, 3, xavier(2), zeros_bias_init)
    network.parameters()
    after = network.optimizer.momentums
    for old, new in zip(before[:4], after[:4], strict=True):
        np.testing.assert_array_equal(old, new)
    assert not any(v.any() for v in after[4:])
    train(network, 2)


def test_one_optimizer_moves_one_network() -> None:
    rule = SGD()
    two_layers(rule)
    with pytest.raises(ValueError, match=r"has 6 of another network; make one for each"):
        two_layers(rule)
    with pytest.raises(RuntimeError, match=r"step needs an optimizer, e.g. SGD\(lr=0.1\)"):
        Network([Tanh()], SoftmaxCrossEntropy()).step()


def test_a_parameter_of_a_users_own_kind() -> None:
    """Anything with data and grad; the arrays are changed in place."""

    class Plain:
        def __init__(self) -> None:
            self.data, self.grad = np.array([1.0, 2.0]), np.array([10.0, 20.0])

    p = Plain()
    SGD([p], lr=0.1).step()
    np.testing.assert_allclose(p.data, [0.0, 0.0], atol=1e-15)


def test_an_optimizer_may_write_its_own_step() -> None:
    class Half(Optimizer):
        def step(self) -> None:
            for p in self.params:
                p.data *= 0.5

    network = two_layers(Half())
    before = network.state_dict()
    train(network, 1)
    np.testing.assert_array_equal(network.layers[0].W.T, before["0.weight"] / 2)


def test_schedules_show_their_settings() -> None:
    optimizer = SGD(lr=0.5)
    shown = "SGD(lr=0.5, momentum=0, weight_decay=0)"
    assert repr(schedule.StepLR(optimizer, 3)) == f"StepLR({shown}, step_size=3, gamma=0.1)"
    assert repr(schedule.CosineLR(optimizer, 8)) == f"CosineLR({shown}, epochs=8, least=0)"
