"""Networks with common layers, copies of networks, and training in two threads."""

import copy
import pickle
import re
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from mytorch import (
    MLP,
    Identity,
    ReLU,
    SoftmaxCrossEntropy,
    Tanh,
    nn,
    optim,
    training,
)
from mytorch.initializers import zeros_bias_init
from mytorch.nn import functional as F
from mytorch.nn.classic import from_mlp
from mytorch.system.threads import blas_threads
from mytorch.tensor import Tensor
from tests.support.layers import xavier
from tests.support.undisturbed import Array, assert_same, batch, network, train
from tests.support.waiting import LIMIT


def pickled(mlp: Any) -> Any:
    return pickle.loads(pickle.dumps(mlp))


@pytest.mark.parametrize("moment", ["between steps", "before backward", "before step"])
@pytest.mark.parametrize("method", [copy.deepcopy, pickled])
def test_copies_train_on_and_share_nothing(method: Callable[[MLP], MLP], moment: str) -> None:
    mlp, twin, copied_twin = (train(network(), 1, 2) for _ in range(3))
    x, labels = batch(3)
    for m in (mlp, twin, copied_twin):
        if moment != "between steps":
            m.forward(x)
        if moment == "before step":
            m.backward(labels)
    copied = method(mlp)
    for m in (copied, copied_twin):
        if moment == "before backward":
            m.backward(labels)
        if moment != "between steps":
            m.step()
        train(m, 4, 5)
    assert_same(copied, copied_twin)
    for m in (mlp, twin):
        if moment == "before backward":
            m.backward(labels)
        if moment != "between steps":
            m.step()
        train(m, 6)
    assert_same(mlp, twin)
    assert_same(copied, copied_twin)


def test_a_shallow_copy_is_a_second_network_of_the_same_layers() -> None:
    mlp, twin = train(network(), 1), train(network(), 1)
    second = copy.copy(mlp)
    assert_same(train(second, 2), train(twin, 2))
    assert_same(train(mlp, 3), train(twin, 3))
    assert_same(second, mlp)


def test_a_copied_layer_is_on_its_own() -> None:
    mlp = train(network(bn=0), 1)
    layer = copy.deepcopy(mlp.linear_layers[0])
    before = layer.W.copy()
    train(mlp, 2)
    np.testing.assert_array_equal(layer.W, before)
    mlp.activations[0] = ReLU()
    train(mlp, 3)


class ByHand:
    """Tanh, then softmax and cross-entropy: two layers and a step in NumPy's terms alone."""

    def __init__(self, mlp: MLP, first: dict[str, Array] | None = None) -> None:
        self.lr, self.momentum = mlp.lr, mlp.momentum
        made = [{"W": layer.W.copy(), "b": layer.b.copy(), "vW": np.zeros_like(layer.W),
                 "vb": np.zeros_like(layer.b)} for layer in mlp.linear_layers]  # fmt: skip
        self.layers = [first or made[0], made[1]]

    def step(self, x: Array, labels: Array) -> None:
        first, second = self.layers
        h = np.tanh(x @ first["W"] + first["b"])
        e = np.exp(h @ second["W"] + second["b"])
        dz = (e / e.sum(1, keepdims=True) - labels) / len(x)
        dh = dz @ second["W"].T * (1 - h**2)
        for layer, given, d in ((first, x, dh), (second, h, dz)):
            for name, gradient in (("W", given.T @ d), ("b", d.sum(0, keepdims=True))):
                layer["v" + name] = self.momentum * layer["v" + name] - self.lr * gradient
                layer[name] = layer[name] + layer["v" + name]


def two_networks() -> tuple[MLP, MLP, ByHand, ByHand]:
    """With a common first layer, but rates, momenta and last layers of their own."""
    a, b = (
        MLP(5, 3, [4], [Tanh(), Identity()], xavier(seed), zeros_bias_init,
            SoftmaxCrossEntropy(), lr, momentum)
        for seed, lr, momentum in ((1, 0.1, 0.9), (2, 0.3, 0.5))
    )  # fmt: skip
    b.linear_layers[0] = a.linear_layers[0]
    by_hand = ByHand(a)
    return a, b, by_hand, ByHand(b, by_hand.layers[0])


def test_a_layer_in_two_networks_learns_from_both() -> None:
    a, b, a_by_hand, b_by_hand = two_networks()
    for seed, (mlp, by_hand) in enumerate([(a, a_by_hand), (b, b_by_hand)] * 4 + [(b, b_by_hand)]):
        train(mlp, seed)
        by_hand.step(*batch(seed))
        for one, other in ((a, a_by_hand), (b, b_by_hand)):
            for layer, expected in zip(one.linear_layers, other.layers, strict=True):
                np.testing.assert_allclose(layer.W, expected["W"], rtol=1e-12)
                np.testing.assert_allclose(layer.b, expected["b"], rtol=1e-12, atol=1e-15)
                np.testing.assert_allclose(layer.momentum_W, expected["vW"], rtol=1e-11, atol=1e-16)
    assert a.linear_layers[0] is b.linear_layers[0]
    b.zero_grads()
    assert not a.dW[0].any()
    assert a.dW[1].any()


def test_a_common_layer_in_the_middle_of_two_passes_is_refused() -> None:
    a, b, a_by_hand, _ = two_networks()
    a.forward(batch(1)[0])
    b.forward(batch(2)[0])
    with pytest.raises(RuntimeError, match=r"Linear\(5, 4\) ran forward on something else"):
        a.backward(batch(1)[1])
    train(a, 3)
    a_by_hand.step(*batch(3))
    np.testing.assert_allclose(a.W[0], a_by_hand.layers[0]["W"], rtol=1e-12)


@pytest.mark.parametrize("parts", ["activations", "bn_layers", "linear_layers"])
def test_a_common_part_in_the_middle_of_two_passes_is_refused(parts: str) -> None:
    a, twin, b = network(), network(), network(seed=3)
    common = getattr(b, parts)[1] = getattr(a, parts)[1]
    a.forward(batch(2)[0])
    twin.forward(batch(2)[0])
    b.forward(batch(3)[0])
    with pytest.raises(RuntimeError, match=f"{re.escape(repr(common))} ran forward on"):
        a.backward(batch(2)[1])
    if parts != "bn_layers":  # which have seen another batch, too
        assert_same(train(a, 1), train(twin, 1))


def module(seed: int) -> nn.Sequential:
    return from_mlp(network(seed=seed))


def tensor_steps(model: nn.Module, optimizer: optim.SGD, *seeds: int) -> list[Array]:
    for seed in seeds:
        x, labels = batch(seed)
        optimizer.zero_grad()
        F.cross_entropy(model(Tensor(x)), Tensor(labels.argmax(1))).backward()
        optimizer.step()
    return [*model.state_dict().values(), *(v.copy() for v in optimizer.momentums)]


def sgd(model: nn.Module) -> optim.SGD:
    return optim.SGD(model.parameters(), 0.1, 0.9)


def assert_equal(one: list[Array], other: list[Array]) -> None:
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("method", [copy.deepcopy, pickled])
def test_copies_of_a_module_and_its_optimizer(method: Callable[[Any], Any]) -> None:
    model = module(1)
    optimizer = sgd(model)
    before = tensor_steps(model, optimizer, 1, 2)
    copied, copied_optimizer = method((model, optimizer))
    twin = module(1)
    expected = tensor_steps(twin, sgd(twin), 1, 2, 4, 5)
    assert_equal(tensor_steps(copied, copied_optimizer, 4, 5), expected)
    assert_equal([*model.state_dict().values(), *optimizer.momentums], before)
    twin = module(1)
    assert_equal(tensor_steps(model, optimizer, 6), tensor_steps(twin, sgd(twin), 1, 2, 6))


def test_a_module_may_stand_in_two_networks_and_twice_in_one() -> None:
    """A graph keeps what its backward needs, so passes may overlap; gradients add up."""
    common = nn.Linear(5, 5)
    a, b = nn.Sequential(common, nn.Tanh(), common), nn.Sequential(common, nn.Tanh())
    x, y = (batch(seed)[0] for seed in (1, 2))
    both = (a(Tensor(x)).sum(), b(Tensor(y)).sum())
    both[0].backward()
    both[1].backward()
    W, c = common.weight.data, common.bias.data
    ones = np.ones((8, 5))
    h, h_b = np.tanh(x @ W.T + c), np.tanh(y @ W.T + c)
    dh = ones @ W * (1 - h**2)
    expected = ones.T @ h + dh.T @ x + (1 - h_b**2).T @ y
    np.testing.assert_allclose(common.weight.grad.data, expected, rtol=1e-12)
    np.testing.assert_allclose(common.bias.grad.data, (ones + dh + (1 - h_b**2)).sum(0), rtol=1e-12)


def test_two_models_train_in_two_threads() -> None:
    """Each as it does alone, bit for bit, in both faces."""
    x, labels = batch(1, 60)
    parts = ((x, labels), (x, labels))

    def classic(seed: int) -> list[Array]:
        mlp = network(seed=seed)
        curves = training.get_training_stats(mlp, parts, 12, 7, rng=seed)  # type: ignore[arg-type]
        return [*curves, *mlp.state_dict().values()]

    def autograd(seed: int) -> list[Array]:
        model = module(seed)
        return tensor_steps(model, sgd(model), *range(60))

    jobs = [(f, seed) for f in (classic, autograd) for seed in (1, 2)]
    found: dict[int, list[Array]] = {}

    def work(number: int) -> None:
        f, seed = jobs[number]
        start.wait()
        found[number] = f(seed)

    start = threading.Barrier(len(jobs))
    threads = [threading.Thread(target=work, args=(n,)) for n in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    for number, (f, seed) in enumerate(jobs):
        assert_equal(found[number], f(seed))


def test_thread_counts_are_restored_in_whatever_order_blocks_end() -> None:
    """Two threads that train at once open and close theirs crosswise."""

    def counts() -> list[int]:
        return [lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"]

    before = counts()
    with blas_threads(2):
        several = counts()
        one, other = blas_threads(1), blas_threads(1)
        one.__enter__()
        assert counts() == [1] * len(before)
        other.__enter__()
        one.__exit__(None, None, None)
        assert counts() == [1] * len(before)
        other.__exit__(None, None, None)
        assert counts() == several
    first, second = blas_threads(1), blas_threads(2)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert counts() == before
