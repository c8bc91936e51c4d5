"""A criterion of a user's own, as README.md says: `forward` with one loss per row, `derivative`."""

from typing import Any

import numpy as np
import pytest

from mytorch import Criterion, Linear, Network, SoftmaxCrossEntropy
from mytorch.gradcheck import gradcheck
from mytorch.initializers import xavier_normal, zeros_bias_init
from mytorch.optim import SGD
from mytorch.training import StepTraining, evaluate, get_training_stats

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(40, 4)), RNG.normal(size=(40, 2))


class Absolute(Criterion):
    """The sum of the distances, with attributes of its own."""

    def forward(self, x: Any, y: Any) -> Any:
        self.difference = x - y
        return np.abs(self.difference).sum(axis=1)

    def derivative(self) -> Any:
        return np.sign(self.difference)


class Kept(Absolute):
    """Likewise, from what every criterion keeps."""

    def forward(self, x: Any, y: Any) -> Any:
        return np.abs(x - y).sum(axis=1)

    def derivative(self) -> Any:
        return np.sign(self.logits - self.labels)


class Plain:
    """Likewise, without the base class."""

    def forward(self, x: Any, y: Any) -> Any:
        self.difference = x - y
        return np.abs(self.difference).sum(axis=1)

    def derivative(self) -> Any:
        return np.sign(self.difference)


class Mean(Kept):
    def forward(self, x: Any, y: Any) -> Any:
        return super().forward(x, y).mean()


class Nothing(Kept):
    def forward(self, x: Any, y: Any) -> Any:
        super().forward(x, y)


class Clipped(SoftmaxCrossEntropy):
    """It keeps something else as its logits than it was given."""

    def forward(self, x: Any, y: Any) -> Any:
        return super().forward(np.clip(x, -1, 1), y)


def network(criterion: Any) -> Network:
    np.random.seed(1)
    return Network([Linear(4, 2, xavier_normal, zeros_bias_init)], criterion, SGD(lr=0.01))


@pytest.mark.parametrize("criterion", [Absolute(), Kept(), Plain()])
def test_it_trains_and_its_figures_are_those_of_numpy(criterion: Any) -> None:
    net = network(criterion)
    before = np.abs(net.forward(X) - Y).sum(axis=1).mean()
    curves = get_training_stats(net, ((X, Y),) * 2, 1, batch_size=40)  # one step
    assert curves[0][0] == pytest.approx(before)
    after = np.abs(X @ net.layers[0].W + net.layers[0].b - Y).sum(axis=1).mean()
    assert curves[2][0] == pytest.approx(after)
    assert evaluate(net, X, Y)[0] == pytest.approx(after)
    assert after < before
    assert gradcheck(criterion, X[:5, :2], Y[:5])


def test_a_run_that_is_counted_in_steps_has_its_losses_too() -> None:
    run = StepTraining(network(Plain()), ((X, Y),) * 2, 40)
    before = np.abs(run.mlp.forward(X) - Y).sum(axis=1).mean()
    list(run.steps(1, 1))
    assert run.losses == [pytest.approx(before)]


def test_a_criterion_is_asked_once_in_each_step() -> None:
    class Counting(Plain):
        asked = 0

        def forward(self, x: Any, y: Any) -> Any:
            self.asked += 1
            return super().forward(x, y)

    net = network(Counting())
    list(StepTraining(net, ((X, Y),) * 2, 40).steps(3, 3))
    assert net.criterion.asked == 3 + 1  # the last is the measurement after the steps
    assert net.losses.shape == (40,)


def test_what_it_was_given_and_its_loss_are_kept() -> None:
    criterion = Absolute()
    assert criterion.logits is criterion.labels is criterion.loss is None
    loss = criterion(X[:, :2], Y)
    assert criterion.loss is loss
    assert criterion.logits is not None and criterion.labels is Y  # noqa: PT018
    inherited = Clipped()
    inherited(2 * X[:, :2], np.eye(2)[[0, 1] * 20])
    assert np.abs(inherited.logits).max() == 1


@pytest.mark.parametrize(("criterion", "found"), [(Mean(), r"\(\)"), (Nothing(), "None")])
def test_what_is_not_one_loss_for_each_row_is_refused(criterion: Any, found: str) -> None:
    message = rf"expected one loss for each row, \(20,\), from its forward, got {found}; sum over"
    with pytest.raises(ValueError, match=message):
        get_training_stats(network(criterion), ((X, Y),) * 2, 1, 20)


@pytest.mark.parametrize("method", ["forward", "derivative"])
def test_a_missing_return_is_said_by_gradcheck(method: str) -> None:
    criterion: Any = type("Forgetful", (Kept,), {method: lambda self, *given: None})()
    with pytest.raises(TypeError, match=f"an array from {method} of Forgetful.*its return is miss"):
        gradcheck(criterion, X[:5, :2], Y[:5])
