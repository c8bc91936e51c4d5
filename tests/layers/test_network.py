"""Network: a list of layers. An MLP is one; checks where arrays enter; one pass at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mytorch import (
    L2,
    MLP,
    BatchNorm,
    CrossEntropy,
    Identity,
    Layer,
    Linear,
    Network,
    ReLU,
    Sigmoid,
    Softmax,
    SoftmaxCrossEntropy,
)
from mytorch.gradcheck import gradcheck
from mytorch.initializers import zeros_bias_init
from mytorch.optim import SGD, Adam
from tests.support.layers import xavier

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(6, 5)), np.eye(3)[RNG.integers(0, 3, 6)]


def layers(dtype: Any = None) -> list[Any]:
    return [
        Linear(5, 4, xavier(0), zeros_bias_init, dtype),
        Sigmoid(),
        Linear(4, 3, xavier(1), zeros_bias_init, dtype),
        Identity(),
    ]


def test_an_mlp_is_a_network_with_its_layers() -> None:
    mlp = MLP(5, 3, [4], [Sigmoid(), Identity()], xavier(0), zeros_bias_init,
              SoftmaxCrossEntropy(), 0.1, 0.9)  # fmt: skip
    network = Network(layers(), SoftmaxCrossEntropy(), SGD(lr=0.1, momentum=0.9))
    network.load_state_dict(mlp.state_dict())
    for _ in range(5):
        for one in (mlp, network):
            one.forward(X)
            one.backward(Y)
            one.step()
    assert isinstance(mlp, Network)
    for name, array in mlp.state_dict().items():
        np.testing.assert_array_equal(array, network.state_dict()[name])


def test_every_gradient_is_right() -> None:
    network = Network(
        [ReLU(), *layers()[:2], BatchNorm(4), *layers()[2:3], Softmax()], CrossEntropy()
    )
    report = gradcheck(network, X, Y)
    assert report, report
    assert report.checked == 30 + (24 + 8 + 15)


def test_the_first_pass_checks_every_layer_and_later_ones_what_enters() -> None:
    seen = []

    class Checked(Linear):
        def check_input(self, x: Any) -> Any:
            seen.append(self.in_feature)
            return super().check_input(x)

    first, second = (Checked(i, o, xavier(0), zeros_bias_init) for i, o in ((5, 4), (4, 3)))
    network = Network([first, second], SoftmaxCrossEntropy())
    for expected in ([5, 5, 4], [5], [5]):  # of the network and of both layers; then at the entry
        seen.clear()
        network.forward(X)
        assert seen == expected
    network.layers[1] = Checked(4, 3, xavier(0), zeros_bias_init)
    seen.clear()
    network.forward(X)
    assert seen == [5, 5, 4]


@pytest.mark.parametrize("passes", [0, 1, 3])
def test_what_does_not_fit_is_said_in_any_pass(passes: int) -> None:
    network = Network(layers(), SoftmaxCrossEntropy(), SGD(lr=0.1))
    for _ in range(passes):
        network.forward(X)
    with pytest.raises(ValueError, match=r"Linear\(5, 4\): expected input \(batch, 5\), got"):
        network.forward(X[:, :4])
    with pytest.raises(TypeError, match="expected an array of real numbers as input"):
        network.forward([["a"] * 5])
    network.layers[2] = Linear(6, 3, xavier(0), zeros_bias_init)
    with pytest.raises(ValueError, match=r"Linear\(6, 3\): expected input \(batch, 6\), got"):
        network.forward(X)
    network.layers[2] = BatchNorm(1)  # which NumPy would broadcast
    with pytest.raises(ValueError, match=r"BatchNorm\(1\): expected input \(batch, 1\), got"):
        network.forward(X)


def test_other_pictures_are_checked_again() -> None:
    """A layer in the middle learns of a new shape of the samples from the check, not from NumPy."""

    class Flatten(Layer):
        def forward(self, x: Any) -> Any:
            self.shape = x.shape
            return x.reshape(len(x), -1)

        def backward(self, grad: Any) -> Any:
            return grad.reshape(self.shape)

    network = Network([Flatten(), Linear(4, 3, xavier(0), zeros_bias_init)], L2(), SGD(lr=0.1))
    for _ in range(2):
        assert network.forward(np.ones((2, 2, 2))).shape == (2, 3)
    with pytest.raises(ValueError, match=r"Linear\(4, 3\): expected input \(batch, 4\), got"):
        network.forward(np.ones((2, 3, 2)))
    network.forward(np.ones((2, 1, 4)))
    network.backward(np.ones((2, 3)))


def test_layers_of_two_dtypes_convert_what_they_get() -> None:
    network = Network([*layers("float32")[:2], *layers("float64")[2:]], SoftmaxCrossEntropy())
    for _ in range(3):
        out = network.forward(X)
        network.backward(Y)
    assert out.dtype == np.float64
    assert network.layers[0].dW.dtype == np.float32


def test_float32_stays_float32() -> None:
    network = Network([ReLU(), *layers("float32")], SoftmaxCrossEntropy(), SGD(lr=0.1))
    for _ in range(3):
        out = network.forward(X)
        grad = network.backward(Y, input_grad=True)
        network.step()
    assert out.dtype == grad.dtype == network.layers[1].W.dtype == np.float32  # type: ignore[union-attr]


def test_a_layer_run_by_itself_between_forward_and_backward_is_noticed() -> None:
    network = Network(layers(), SoftmaxCrossEntropy(), SGD(lr=0.1))
    network.forward(X)
    network.forward(X)
    network.layers[2].forward(np.ones((6, 4)))
    with pytest.raises(RuntimeError, match=r"Linear\(4, 3\) ran forward on something else"):
        network.backward(Y)


def test_no_gradient_is_computed_below_the_first_layer_that_learns() -> None:
    class NoBackward(ReLU):
        def backward(self, grad: Any) -> Any:
            raise AssertionError("nobody needs this gradient")

    network = Network([NoBackward(), *layers()], SoftmaxCrossEntropy(), SGD(lr=0.1))
    network.forward(X)
    network.backward(Y)
    with pytest.raises(AssertionError):
        network.backward(Y, input_grad=True)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Network([], L2()), TypeError, r"expected a list of layers, got \[\]"),
        (lambda: Network(ReLU(), L2()), TypeError, r"expected a list of layers, got ReLU\(\)"),
        (lambda: Network([ReLU], L2()), TypeError, r"got the class ReLU; write ReLU\(\)"),
        (lambda: Network([np.tanh], L2()), TypeError, "expected layer objects, got <ufunc 'tanh'>"),
        (lambda: Network([ReLU()], L2), TypeError, r"got the class L2; write L2\(\)"),
        (lambda: Network([ReLU()], ReLU()), TypeError, r"expected a criterion, .* layer ReLU\(\)"),
        (lambda: Network([ReLU()], L2(), SGD), TypeError, r"the class SGD; write SGD\(\)"),
        (lambda: Network([ReLU()], L2(), 0.1), TypeError, "expected optimizer objects, got 0.1"),
        (lambda: Network([ReLU()], CrossEntropy()), ValueError, r"must be Softmax\(\), got ReLU"),
        (lambda: Network([Softmax()], SoftmaxCrossEntropy()), ValueError, "apply it twice"),
    ],
)
def test_what_makes_no_network_is_refused(make: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_one_layer_in_two_places_is_refused() -> None:
    shared = ReLU()
    with pytest.raises(ValueError, match=r"one object, ReLU\(\), stands in two layers"):
        Network([shared, *layers(), shared], L2())


def test_a_repr_has_no_line_above_80_columns() -> None:
    net = Network(
        [Linear(64, 10, xavier(0), zeros_bias_init)], SoftmaxCrossEntropy(), Adam(lr=0.002)
    )
    assert repr(net).splitlines() == [
        "Network(SoftmaxCrossEntropy(),",
        "        Adam(lr=0.002, beta1=0.9, beta2=0.999, eps=1e-08, weight_decay=0))",
        "  0: Linear(64, 10)        650 parameters",
        "  all, float64             650 parameters",
    ]
