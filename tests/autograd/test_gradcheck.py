"""The gradient check finds what is wrong, and nothing where nothing is."""

from typing import Any

import numpy as np
import pytest

from mytorch import BatchNorm, Identity, LeakyReLU, Linear, ReLU, SoftmaxCrossEntropy, Tanh
from mytorch.gradcheck import gradcheck
from mytorch.gradcheck.slopes import _stable
from mytorch.initializers import zeros_bias_init
from tests.support.layers import xavier
from tests.support.networks import batch, network

X = np.random.default_rng(0).normal(size=(5, 4))


def linear(cls: type[Linear] = Linear) -> Linear:
    return cls(4, 3, xavier(0), zeros_bias_init)


def test_a_missing_average_is_shown_by_its_ratio() -> None:
    class Summed(Linear):
        def backward(self, delta: Any) -> Any:
            grad = super().backward(delta)
            self.dW = self.dW * len(delta)
            return grad

    report = gradcheck(linear(Summed), X)
    assert not report
    assert report.wrong == 12
    assert report.worst is not None
    assert report.worst.name == "dW"
    assert report.worst.ratio == pytest.approx(5)
    assert report.worst.analytic == pytest.approx(5 * report.worst.numeric)
    text = str(report)
    assert "GRADIENTS ARE WRONG" in text
    assert "12 of 35 entries" in text
    assert "worst: dW[" in text
    assert text.endswith("ratio 5")
    assert max(map(len, text.splitlines())) <= 80
    with pytest.raises(TypeError, match=r"got the class BatchNorm; write BatchNorm\(\)"):
        gradcheck(BatchNorm, X)
    with pytest.raises(TypeError, match="a function that returns a Tensor"):
        gradcheck(lambda a: a.data, X)


def test_the_worst_entry_is_named() -> None:
    class OneWrong(Linear):
        def backward(self, delta: Any) -> Any:
            grad = super().backward(delta)
            self.db[0, 2] *= 1 + 1e-6
            return grad

    report = gradcheck(linear(OneWrong), X)
    assert report.wrong == 1
    assert report.worst is not None
    assert (report.worst.name, report.worst.index) == ("db", (0, 2))
    assert report.worst.relative_error == pytest.approx(1e-6, rel=1e-2)


@pytest.mark.parametrize("broken", ["no mean term", "no variance term", "zero"])
def test_batch_norm_without_a_term_is_found(broken: str) -> None:
    """An upstream gradient of ones would find none of these: the right gradient is 0 there."""

    class Broken(BatchNorm):
        def backward(self, delta: Any) -> Any:
            super().backward(delta)
            dnorm = delta * self.gamma
            dx = len(delta) * dnorm
            if broken != "no mean term":
                dx = dx - dnorm.sum(axis=0)
            if broken != "no variance term":
                dx = dx - self.norm * (dnorm * self.norm).sum(axis=0)
            if broken == "zero":
                dx = dx * 0
            return dx / (len(delta) * np.sqrt(self.var + self.eps))

    assert not gradcheck(Broken(4), X)


def test_either_slope_counts_at_a_kink_and_no_other() -> None:
    x = X.copy()
    x[1] = 0

    class At0(ReLU):
        def __init__(self, slope: float) -> None:
            super().__init__()
            self.slope = slope

        def forward(self, x: Any) -> Any:
            self.at_zero = np.equal(x, 0)
            return super().forward(x)

        def derivative(self, grad: Any = None) -> Any:
            return super().derivative(grad) + self.slope * self.at_zero * grad

    assert gradcheck(ReLU(), x)
    assert gradcheck(LeakyReLU(0.3), x)
    assert gradcheck(At0(0.0), x)
    assert gradcheck(At0(1.0), x)
    half = gradcheck(At0(0.5), x)
    assert half.wrong == 4


def test_a_kink_nearby_does_no_harm() -> None:
    x = np.array([[1e-3, -1e-4, 2e-5, -1e-6], [1e-9, -3e-4, 0.5, 0.0]])
    assert gradcheck(ReLU(), x)
    assert gradcheck(network([6], [ReLU(), Identity()]), *batch(5))


@pytest.mark.parametrize("where", ["forward", "backward"])
def test_a_changed_argument_is_reported(where: str) -> None:
    class Careless(Tanh):
        def forward(self, x: Any) -> Any:
            out = super().forward(x)
            if where == "forward":
                x[0, 0] += 1
            return out

        def backward(self, grad: Any) -> Any:
            result = super().backward(grad)
            if where == "backward":
                grad *= 2
            return result

    report = gradcheck(Careless(), X)
    assert not report.passed
    name = {"forward": "x", "backward": "upstream"}[where]
    assert report.problems == (f"forward or backward changed its argument {name}",)
    assert f"changed its argument {name}" in str(report)


def test_a_gradient_of_another_shape_is_reported() -> None:
    class Flat(Linear):
        def backward(self, delta: Any) -> Any:
            grad = super().backward(delta)
            vars(self)["db"] = self.db[0]
            return grad

    report = gradcheck(linear(Flat), X)
    assert not report
    assert report.problems == ("db has shape (3,), b has (1, 3)",)


def test_nan_is_wrong() -> None:
    class Nan(Tanh):
        def backward(self, grad: Any) -> Any:
            return super().backward(grad) * np.nan

    report = gradcheck(Nan(), X)
    assert report.wrong == X.size


def test_the_seed_that_drew_the_input_draws_another_upstream_gradient() -> None:
    """For an upstream gradient along x the gradient of batch norm is 0, and so is a missing one."""

    class Zero(BatchNorm):
        def backward(self, delta: Any) -> Any:
            return super().backward(delta) * 0

    for seed in range(5):
        x = np.random.default_rng(seed).normal(size=(5, 4))
        assert gradcheck(BatchNorm(4), x, rng=seed)
        assert not gradcheck(Zero(4), 10 * x, rng=seed)


def test_a_sample_of_every_gradient() -> None:
    report = gradcheck(linear(), X, sample=2)
    assert report.checked == 2 + 2 + 2  # dx, dW, db
    with pytest.raises(ValueError, match="expected sample of at least 1, got 0"):
        gradcheck(linear(), X, sample=0)


def test_a_wrong_criterion_is_found() -> None:
    class Reversed(SoftmaxCrossEntropy):
        def derivative(self) -> Any:
            return -super().derivative()

    x, labels = batch(4)
    report = gradcheck(Reversed(), x[:, :3], labels)
    assert report.worst is not None
    assert report.worst.ratio == pytest.approx(-1)


def test_a_network_whose_layers_share_a_mistake_is_found() -> None:
    mlp = network([4], [Tanh(), Identity()])
    mlp.activations[0].derivative = lambda grad=None: grad  # type: ignore[method-assign]
    assert not gradcheck(mlp, *batch(4))


def test_a_homeworks_own_network_is_checked_too() -> None:
    class Theirs:
        """Lists of arrays and a backward that returns nothing, as the 2019 template has it."""

        def __init__(self) -> None:
            self.W, self.b = [np.eye(5, 3)], [np.zeros((1, 3))]
            self.dW, self.db = [np.empty(0)], [np.empty(0)]
            self.bn_layers = None
            self.criterion = SoftmaxCrossEntropy()

        def zero_grads(self) -> None:
            pass

        def forward(self, x: Any) -> Any:
            self.x = x
            self.output = x @ self.W[0] + self.b[0]
            return self.output

        def backward(self, labels: Any) -> None:
            self.criterion(self.output, labels)
            delta = self.criterion.derivative()
            self.dW[0] = self.x.T @ delta / len(delta)
            self.db[0] = delta.mean(axis=0, keepdims=True)

    report = gradcheck(Theirs(), *batch(4))
    assert report, report
    assert report.checked == 15 + 3


def test_the_target_stays_as_it_was() -> None:
    layer = BatchNorm(4)
    layer(X)
    before = {name: np.copy(value) for name, value in vars(layer).items()}
    gradcheck(layer, X * 3)
    for name, value in before.items():
        assert np.array_equal(value, getattr(layer, name)), name


def test_float32_is_refused() -> None:
    with pytest.raises(TypeError, match="expected float64 throughout, got W of float32"):
        gradcheck(Linear(4, 3, xavier(0), zeros_bias_init, np.float32), X)


def test_a_network_without_labels_is_refused() -> None:
    with pytest.raises(TypeError, match="takes x and labels, got 1 inputs"):
        gradcheck(network([], [Identity()]), batch(2)[0])


def test_slopes_that_rounding_makes_equal_are_not_taken_for_stable() -> None:
    """The last two steps see nothing but the output's last digit, and so see the same."""
    slopes = [1.01, 1.0001, 1.0002, 1.5, 1.5]
    rounding = [1e-6, 1e-5, 1e-4, 1e-2, 1e-1]
    assert _stable(slopes, rounding) == 1.0002
    assert _stable(slopes, [0.0] * 5) == 1.5
