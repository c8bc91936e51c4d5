"""A small network, its training, and all of its state: what a disturbed one is compared with."""

from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch import MLP, Identity, Sigmoid, SoftmaxCrossEntropy, Tanh
from mytorch.initializers import zeros_bias_init
from tests.support.layers import xavier

Array = npt.NDArray[Any]


def network(bn: int = 2, momentum: float = 0.9, seed: int = 1, **changes: Any) -> MLP:
    settings = {"criterion": SoftmaxCrossEntropy(), "lr": 0.1, **changes}
    return MLP(
        5, 3, [4, 6], [Sigmoid(), Tanh(), Identity()], xavier(seed), zeros_bias_init,
        momentum=momentum, num_bn_layers=bn, **settings,
    )  # fmt: skip


def batch(seed: int, rows: int = 8) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(rows, 5)), np.eye(3)[rng.integers(0, 3, rows)]


def train(mlp: MLP, *seeds: int) -> MLP:
    for seed in seeds:
        x, labels = batch(seed)
        mlp.forward(x)
        mlp.backward(labels)
        mlp.step()
    return mlp


def everything(mlp: MLP) -> list[Array]:
    """Copies of all that a network learned, and of what its next step depends on."""
    momenta = [(layer.momentum_W, layer.momentum_b) for layer in mlp.linear_layers]
    return [*mlp.state_dict().values(), *(v.copy() for pair in momenta for v in pair)]


def assert_same(mlp: MLP, twin: MLP) -> None:
    """Bit for bit."""
    for one, other in zip(everything(mlp), everything(twin), strict=True):
        np.testing.assert_array_equal(one, other)


def check_a_step(mlp: MLP) -> None:
    """What a step did to each layer's own arrays, by 000 §3.6 written out once more."""
    expected: list[Array] = []
    for layer in mlp.linear_layers:
        for value, gradient, velocity in (
            (layer.W, layer.dW, layer.momentum_W),
            (layer.b, layer.db, layer.momentum_b),
        ):
            assert gradient.any()
            expected.append(value + (mlp.momentum * velocity - mlp.lr * gradient))
    for bn in mlp.bn_layers:
        expected += [bn.gamma - mlp.lr * bn.dgamma, bn.beta - mlp.lr * bn.dbeta]
    mlp.step()
    found = [array for layer in mlp.linear_layers for array in (layer.W, layer.b)]
    found += [array for bn in mlp.bn_layers for array in (bn.gamma, bn.beta)]
    for one, other in zip(found, expected, strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_allclose(one, other, rtol=1e-6 if one.dtype == np.float32 else 1e-13)
