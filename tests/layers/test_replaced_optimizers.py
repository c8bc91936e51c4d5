"""An optimizer that is replaced, or called itself as on tensors."""

from __future__ import annotations

import numpy as np
import pytest

from mytorch import Identity, Network, SoftmaxCrossEntropy, Tensor
from mytorch.initializers import zeros_bias_init
from mytorch.mlp import MLP
from mytorch.optim import SGD, Adam, clip_grad_norm
from tests.support.layers import xavier
from tests.support.own_layers import PReLU, X, Y, linear, network, train


def test_an_optimizer_may_be_replaced() -> None:
    """The reference takes the steps of Kingma and Ba by hand: at first about lr each."""
    net = train(network())
    before, old = net.layers[0].W.copy(), net.optimizer
    net.optimizer = Adam(lr=0.01)
    train(net, 1)
    np.testing.assert_allclose(np.abs(net.layers[0].W - before), 0.01, rtol=1e-4)
    momentum = old.momentums[0].copy()
    net.optimizer = old  # it goes on with its momentums
    net.forward(X)
    net.backward(Y)
    expected = net.layers[0].W + 0.9 * momentum - 0.1 * net.layers[0].dW
    net.step()
    np.testing.assert_allclose(net.layers[0].W, expected, rtol=1e-12)
    other = network()
    for taken in (net.optimizer, SGD([Tensor([1.0], requires_grad=True)])):
        with pytest.raises(ValueError, match="of another network; make one for each"):
            other.optimizer = taken
    later = Network([linear(4, 3)], SoftmaxCrossEntropy())
    later.optimizer = SGD(lr=0.1)
    before = later.layers[0].W.copy()
    assert np.any(before != train(later, 1).layers[0].W)


def test_an_mlp_takes_another_sgd_and_nothing_else() -> None:
    mlp = MLP(4, 3, [], [Identity()], xavier(0), zeros_bias_init, SoftmaxCrossEntropy(), 0.1, 0.9)
    mlp.optimizer = SGD(lr=0.0)
    before = mlp.W[0].copy()
    train(mlp)
    np.testing.assert_array_equal(mlp.W[0], before)
    with pytest.raises(TypeError, match="MLP: expected SGD as optimizer"):
        mlp.optimizer = Adam()
    assert mlp.lr == 0


@pytest.mark.parametrize("own", [0, 1])
def test_the_optimizer_may_be_called_as_on_tensors(own: int) -> None:
    """`zero_grad`, `clip_grad_norm` and `step` of the optimizer itself."""
    net, twin = (train(network(*[PReLU(np.full((1, 5), 0.25))] * own)) for _ in range(2))
    for _ in range(3):
        net.optimizer.zero_grad()
        assert not any(np.any(p.grad) for p in net.parameters())
        for each in (net, twin):
            each.forward(X)
            each.backward(Y)
        size = np.sqrt(sum(np.sum(np.square(p.grad)) for p in twin.parameters()))
        assert clip_grad_norm(net.parameters(), 1e9) == pytest.approx(size)
        net.optimizer.step()
        twin.step()
    for mine, its in zip(net.parameters(), twin.parameters(), strict=True):
        np.testing.assert_array_equal(mine.data, its.data)
