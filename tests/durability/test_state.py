"""Objects with state, used in ways that disturb it: they go on as if nothing was, or say so."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mytorch import L2, MLP, BatchNorm, Identity, Linear, SoftmaxCrossEntropy, Tanh, training
from mytorch.initializers import zeros_bias_init
from tests.support.layers import ACTIVATIONS, xavier
from tests.support.undisturbed import assert_same, batch, check_a_step, network, train


@pytest.mark.parametrize("make", [lambda: Linear(3, 2, xavier(0), zeros_bias_init),
                                  lambda: BatchNorm(2), *ACTIVATIONS])  # fmt: skip
def test_backward_before_forward_is_refused(make: Callable[[], Any]) -> None:
    with pytest.raises(RuntimeError, match=r"backward was called before forward; call forward"):
        make().backward(np.ones((4, 2)))


@pytest.mark.parametrize("criterion", [SoftmaxCrossEntropy(), L2()])
def test_a_derivative_before_forward_is_refused(criterion: Any) -> None:
    with pytest.raises(RuntimeError, match="before forward"):
        criterion.derivative()


def again(mlp: MLP) -> None:
    """Backward twice, the first time for other labels."""
    mlp.backward(batch(9)[1])


def small_batch(mlp: MLP) -> None:
    """Evaluation of three rows, then a whole pass of eight that is thrown away."""
    training.evaluate(mlp, *batch(9, 3))


def everything_asked(mlp: MLP) -> None:
    """All that may be asked without changing anything."""
    repr(mlp)
    mlp.state_dict()
    mlp.total_loss(batch(9)[1])
    mlp.error(batch(9)[1])
    copy.deepcopy(mlp).step()


@pytest.mark.parametrize("bn", [0, 2])
@pytest.mark.parametrize("disturb", [again, everything_asked])
def test_between_forward_and_backward(disturb: Callable[[MLP], None], bn: int) -> None:
    mlp, twin = network(bn), network(bn)
    for seed in range(4):
        x, labels = batch(seed)
        mlp.forward(x)
        disturb(mlp)
        mlp.backward(labels)
        mlp.backward(labels)
        mlp.step()
    assert_same(mlp, train(twin, *range(4)))


@pytest.mark.parametrize("bn", [0, 2])
def test_evaluation_of_another_batch_size_between_steps(bn: int) -> None:
    mlp, twin = network(bn), network(bn)
    for seed in range(4):
        mlp.eval()
        mlp.forward(batch(9, 3)[0])
        mlp.train()
        train(mlp, seed)
        small_batch(mlp)
    assert_same(mlp, train(twin, *range(4)))


def test_a_backward_is_for_the_last_forward_whatever_its_batch_size() -> None:
    mlp, twin = network(), network()
    mlp.forward(batch(1, 30)[0])
    mlp.bn_layers[0].running_mean = mlp.bn_layers[0].running_mean * 0
    twin.load_state_dict(mlp.state_dict())
    x, labels = batch(2, 3)
    for m in (mlp, twin):
        m.forward(x)
    with pytest.raises(ValueError, match=r"\(3, 3\), got \(30, 3\)"):
        mlp.backward(batch(1, 30)[1])
    for m in (mlp, twin):
        m.backward(labels)
        m.step()
    assert_same(mlp, twin)


def test_backward_after_evaluation() -> None:
    """Batch norm has kept nothing of it; without batch norm it is a forward like any other."""
    x, labels = batch(1)
    plain, twin = network(bn=0), network(bn=0)
    plain.eval()
    plain.forward(x)
    plain.backward(labels)
    plain.step()
    assert_same(plain, train(twin, 1))
    normalised, twin = network(), network()
    normalised.forward(batch(2)[0])
    twin.forward(batch(2)[0])
    normalised.eval()
    normalised.forward(x)
    for mode in (normalised.eval, normalised.train):
        mode()
        with pytest.raises(RuntimeError, match=r"evaluation mode.* call train\(\) and"):
            normalised.backward(labels)
    assert_same(train(normalised, 3), train(twin, 3))


def test_backward_after_a_step_is_refused() -> None:
    """It would mix the old outputs with the new weights."""
    mlp, twin = train(network(), 1), train(network(), 1)
    with pytest.raises(RuntimeError, match=r"the weights changed.* by step.* call forward\(x\)"):
        mlp.backward(batch(1)[1])
    assert mlp.error(batch(1)[1]) <= 8  # of the output before the step
    assert_same(train(mlp, 2), train(twin, 2))


def test_one_object_in_two_layers_is_refused() -> None:
    shared = Tanh()
    with pytest.raises(ValueError, match=r"one activation object stands in two layers.* make an"):
        MLP(5, 3, [4], [shared, shared], xavier(0), zeros_bias_init, L2(), 0.1)
    x = batch(1)[0]
    mlp = network()
    mlp.activations[1] = mlp.activations[0]
    with pytest.raises(ValueError, match=r"one object, Sigmoid\(\), stands in two layers"):
        mlp.forward(x)
    mlp = MLP(5, 5, [5], [Tanh(), Identity()], xavier(0), zeros_bias_init, L2(), 0.1)
    mlp.linear_layers[1] = mlp.linear_layers[0]
    with pytest.raises(ValueError, match=r"one object, Linear\(5, 5\), stands in two layers"):
        mlp.forward(x)
    with pytest.raises(ValueError, match=r"one object, Linear\(5, 5\), stands in two layers"):
        mlp.step()
    mlp.linear_layers[1] = Linear(5, 5, xavier(1), zeros_bias_init)
    mlp.forward(x)


def test_lists_of_layers_that_grew_are_refused() -> None:
    for change in ("linear_layers", "activations", "bn_layers"):
        mlp = network()
        getattr(mlp, change).append(copy.deepcopy(getattr(mlp, change)[0]))
        with pytest.raises(ValueError, match=r"MLP: expected 3 linear layers.*build another"):
            mlp.forward(batch(1)[0])


def exchange(mlp: MLP) -> None:
    other = network(seed=7)
    mlp.linear_layers[1] = other.linear_layers[1]
    mlp.linear_layers[::2] = other.linear_layers[::2]


def exchange_norms(mlp: MLP) -> None:
    mlp.bn_layers = [BatchNorm(4), BatchNorm(6)]


def some_float32(mlp: MLP) -> None:
    mlp.W[1] = mlp.W[1].astype(np.float32)


def all_float32(mlp: MLP) -> None:
    mlp.W = [W.astype(np.float32) for W in mlp.W]


def other_arrays(mlp: MLP) -> None:
    """Past the check of an assignment, as a subclass might do it."""
    vars(mlp.linear_layers[0])["W"] = mlp.W[0].copy()
    vars(mlp.bn_layers[1])["beta"] = mlp.bn_layers[1].beta.copy()


def in_place(mlp: MLP) -> None:
    mlp.W[0][:] += 1
    mlp.linear_layers[1].W *= 2
    mlp.linear_layers[1].b = np.arange(6)


def loaded(mlp: MLP) -> None:
    mlp.load_state_dict(train(network(seed=8), 1).state_dict())


CHANGES = (exchange, exchange_norms, some_float32, all_float32, other_arrays, in_place, loaded)


@pytest.mark.parametrize("change", CHANGES)
def test_changed_networks_train_on(change: Callable[[MLP], None]) -> None:
    mlp = train(network(), 1, 2)
    change(mlp)
    for seed in range(3, 6):
        x, labels = batch(seed)
        mlp.forward(x)
        mlp.backward(labels)
        check_a_step(mlp)
    mlp.zero_grads()
    assert not any(np.any(array) for array in (*mlp.dW, *mlp.db))


def test_float32_weights_assigned_late_are_numbers_like_others() -> None:
    """The dtype of a network is fixed when it is built."""
    late, early = network(), network()
    numbers = [W.astype(np.float32) for W in early.W]
    late.W = numbers
    early.W = [W.astype(np.float64) for W in numbers]
    assert_same(train(late, 1, 2), train(early, 1, 2))


def test_a_subclass_may_have_its_own_forward() -> None:
    class Own(MLP):
        def forward(self, x: Any) -> Any:
            for linear, activation in zip(self.linear_layers, self.activations, strict=True):
                x = activation(linear(x))
            self.output = x
            return x

    parts: list[Any] = [3, [4], [Tanh(), Identity()], xavier(0), zeros_bias_init, L2(), 0.1, 0.9]
    own = train(Own(5, *parts), 1, 2)
    parts[2:4] = [Tanh(), Identity()], xavier(0)
    assert_same(own, train(MLP(5, *parts), 1, 2))
