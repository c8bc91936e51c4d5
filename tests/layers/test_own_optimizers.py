"""Update rules and schedules of one's own: what `update` may return, and how they are shown."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mytorch import Linear, Network, SoftmaxCrossEntropy
from mytorch.initializers import zeros_bias_init
from mytorch.optim import SGD, Adam, Optimizer
from mytorch.optim.optimizer import MANY
from mytorch.optim.schedule import CosineLR, Schedule, StepLR
from mytorch.system.threads import blas_threads
from mytorch.tensor import Tensor

SIZE = 400_000


class Returning(SGD):
    """It inherits that its `update` may run on several threads."""

    def update(self, W: Any, dW: Any, v: Any) -> Any:
        return W - self.lr * dW


class InPlace(Optimizer):
    """It returns the array that it changed."""

    def update(self, W: Any, dW: Any) -> Any:
        W -= self.lr * dW
        return W


class ByOut(Optimizer):
    """It returns what the ufunc returns, which is the array that it changed."""

    def update(self, W: Any, dW: Any) -> Any:
        return np.subtract(W, self.lr * dW, out=W)


def network(optimizer: Optimizer, rows: int) -> Network:
    """Weights of ones, and gradients of twos."""
    layer = Linear(rows, 3, lambda n, m: np.ones((n, m)), zeros_bias_init)
    layer.dW = np.full((rows, 3), 2.0)
    return Network([layer], SoftmaxCrossEntropy(), optimizer)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("rows", [4, SIZE])
def test_a_new_array_that_is_returned_is_refused_on_any_number_of_threads(
    rows: int, threads: int
) -> None:
    optimizer = Returning(lr=0.25)
    net = network(optimizer, rows)
    with (
        blas_threads(threads),
        pytest.raises(TypeError, match="Returning: expected update to change W in place and to r"),
    ):
        net.step()
    assert (len(optimizer._pieces) >= MANY) == (rows == SIZE)
    assert (net.layers[0].W == 1).all()


@pytest.mark.parametrize("rule", [InPlace, ByOut])
@pytest.mark.parametrize("on_threads", [False, True])
@pytest.mark.parametrize("rows", [4, SIZE])
def test_the_array_itself_may_be_returned(
    rule: Callable[..., Optimizer], on_threads: bool, rows: int
) -> None:
    optimizer = rule(lr=0.25)
    optimizer.on_threads = on_threads
    net = network(optimizer, rows)
    net.step()
    assert (net.layers[0].W == 0.5).all()


@pytest.mark.parametrize("rule", [InPlace, ByOut])
def test_it_may_be_returned_where_another_parameter_has_no_gradient(
    rule: Callable[..., Optimizer],
) -> None:
    first, second = (Tensor([1.0, 1.0], requires_grad=True) for _ in range(2))
    (second * 2.0).sum().backward()
    rule([first, second], lr=0.25).step()
    assert first.data.tolist() == [1, 1]
    assert second.data.tolist() == [0.5, 0.5]


class Wide(Optimizer):
    """It has more settings than fit into a line."""

    def __init__(self, lr: float) -> None:
        super().__init__(None, lr)
        self.a_long_name_of_a_setting_of_ones_own = 0.5
        self.another_long_name_of_a_setting_of_ones_own = 0.5


class Table(Schedule):
    """Rates from a list, and what else one may keep."""

    def __init__(self, optimizer: Optimizer, **settings: Any) -> None:
        super().__init__(optimizer)
        vars(self).update(settings)

    def rate(self) -> float:
        return 0.1


@pytest.mark.parametrize(
    ("schedule", "shown"),
    [
        (Table(SGD(lr=0.1)), "Table(SGD(lr=0.1, momentum=0, weight_decay=0))"),
        (Table(InPlace(), rates=[0.1, 0.01]), "Table(InPlace(lr=0.001), rates=[0.1, 0.01])"),
        (Table(InPlace(), until=None, by="x"), "Table(InPlace(lr=0.001), until=None, by='x')"),
        (Table(InPlace(), on=True, n=10**7), "Table(InPlace(lr=0.001), on=True, n=10000000)"),
        (Table(InPlace(), a=np.float32(0.1)), "Table(InPlace(lr=0.001), a=0.1)"),
        (Table(InPlace(), a=np.ones(999)), "Table(InPlace(lr=0.001), a=an array (999,))"),
        (Table(InPlace(), _kept=1), "Table(InPlace(lr=0.001))"),
        (StepLR(InPlace(), 3, 0.5), "StepLR(InPlace(lr=0.001), step_size=3, gamma=0.5)"),
        (CosineLR(Adam(), 100, 1e-6),
         "CosineLR(Adam(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-08, weight_decay=0),\n"
         "         epochs=100,\n         least=1e-06)"),
        (Table(Wide(lr=0.1)),
         "Table(Wide(lr=0.1,\n           a_long_name_of_a_setting_of_ones_own=0.5,\n"
         "           another_long_name_of_a_setting_of_ones_own=0.5))"),
    ],
)  # fmt: skip
def test_a_schedule_shows_its_settings_of_any_kind(schedule: Schedule, shown: str) -> None:
    assert repr(schedule) == shown
