"""Layers, a criterion and an optimizer of a user's own: written in ten lines, used everywhere.

Each of them is written here as a user would, with nothing but `Layer`, `Criterion` and `Optimizer`
from the library, and no other file knows of it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from mytorch import Criterion, Layer, Linear, Network, SoftmaxCrossEntropy, Tensor
from mytorch.activation import Activation
from mytorch.datasets import load
from mytorch.gradcheck import gradcheck
from mytorch.initializers import zeros_bias_init
from mytorch.mlp import MLP
from mytorch.nn.classic import from_mlp
from mytorch.optim import SGD, Adam, Optimizer
from mytorch.system.errors import DataError
from mytorch.training import evaluate, get_training_stats
from tests.support.layers import xavier


class GELU(Layer):
    def forward(self, x: Any) -> Any:
        self.x = x
        self.cdf = 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))
        return x * self.cdf

    def backward(self, grad: Any) -> Any:
        density = np.exp(-self.x * self.x / 2) / math.sqrt(2 * math.pi)
        return grad * (self.cdf + self.x * density)


class Dropout(Layer):
    def __init__(self, p: float, seed: int = 0) -> None:
        self.p = p
        self.rng = np.random.default_rng(seed)

    def forward(self, x: Any) -> Any:
        self.keep = (self.rng.random(x.shape) >= self.p) / (1 - self.p)
        return x * self.keep

    def infer(self, x: Any) -> Any:
        return x

    def backward(self, grad: Any) -> Any:
        return grad * self.keep

    def infer_backward(self, x: Any, grad: Any) -> Any:
        return grad


class PReLU(Layer):
    parameters = ("slope",)

    def __init__(self, n: int, slope: float = 0.25) -> None:
        self.slope = np.full((1, n), slope)

    def forward(self, x: Any) -> Any:
        self.x = x
        return np.where(x > 0, x, self.slope * x)

    def backward(self, grad: Any) -> Any:
        self.dslope = (grad * np.minimum(self.x, 0)).sum(axis=0, keepdims=True)
        return grad * np.where(self.x > 0, 1, self.slope)


class Scale(Layer):
    """Its factors are a setting that is an array; its counter is a buffer."""

    buffers = ("passes",)

    def __init__(self, factors: Any) -> None:
        self.factors = np.array(factors, float)
        self.passes = np.zeros(1)

    def forward(self, x: Any) -> Any:
        self.passes += 1
        return x * self.factors

    def infer(self, x: Any) -> Any:
        return x * self.factors

    def backward(self, grad: Any) -> Any:
        return grad * self.factors

    def infer_backward(self, x: Any, grad: Any) -> Any:
        return grad * self.factors


class Logistic(Criterion):
    """Every class on its own: `log(1 + exp(-x))` where the label is 1, `log(1 + exp(x))` else."""

    def forward(self, x: Any, y: Any) -> Any:
        self.sign = 1 - 2 * y
        self.exp = np.exp(self.sign * x)
        self.loss = np.log1p(self.exp).sum(axis=1)
        return self.loss

    def derivative(self) -> Any:
        return self.sign * self.exp / (1 + self.exp)


class SignSGD(Optimizer):
    def update(self, W: Any, dW: Any) -> None:
        W -= self.lr * np.sign(dW)


def network(rule: Any = None, seed: int = 0, criterion: Any = None) -> Network:
    layers = [
        Linear(64, 24, xavier(seed), zeros_bias_init),
        PReLU(24),
        Scale(np.linspace(0.5, 1.5, 24)),
        Dropout(0.2, seed),
        Linear(24, 10, xavier(seed + 1), zeros_bias_init),
        GELU(),
    ]
    criterion = SoftmaxCrossEntropy() if criterion is None else criterion
    return Network(layers, criterion, SGD(lr=0.1, momentum=0.9) if rule is None else rule)


@pytest.mark.parametrize(
    ("rule", "criterion", "error"),
    [
        (lambda: SGD(lr=0.05, momentum=0.9), SoftmaxCrossEntropy, 0.2),
        (lambda: Adam(lr=0.005), SoftmaxCrossEntropy, 0.2),
        (lambda: SignSGD(lr=0.002), SoftmaxCrossEntropy, 0.2),
        (lambda: Adam(lr=0.005), Logistic, 0.7),
    ],
)
def test_they_learn_the_digits(rule: Any, criterion: Any, error: float) -> None:
    np.random.seed(0)
    dset = load("digits", normalized=True)
    net = network(rule(), criterion=criterion())
    curves = get_training_stats(net, dset, 4, 50, rng=0)
    assert curves[0][-1] < curves[0][0]
    assert evaluate(net, *dset[2])[1] < error  # by chance it would be 0.9


def test_the_repr_counts_what_they_learn() -> None:
    assert repr(network()).splitlines() == [
        "Network(SoftmaxCrossEntropy(), SGD(lr=0.1, momentum=0.9, weight_decay=0))",
        "  0: Linear(64, 24)      1,560 parameters",
        "  1: PReLU()                24 parameters",
        "  2: Scale()                 0 parameters",
        "  3: Dropout()               0 parameters",
        "  4: Linear(24, 10)        250 parameters",
        "  5: GELU()                  0 parameters",
        "  all, float64           1,834 parameters",
    ]


X = np.random.default_rng(1).normal(size=(5, 4))


@pytest.mark.parametrize("layer", [GELU(), PReLU(4), Scale([1, 2, 3, 4])])
def test_gradcheck_knows_them(layer: Any) -> None:
    report = gradcheck(layer, X)
    assert report, report
    assert report.checked == 20 + sum(getattr(layer, name).size for name in layer.parameters)
    assert gradcheck(Network([Linear(4, 4, xavier(0), zeros_bias_init), layer], Logistic()),
                     X, np.zeros((5, 4)))  # fmt: skip


def test_gradcheck_finds_their_mistakes() -> None:
    class Wrong(PReLU):
        def backward(self, grad: Any) -> Any:
            result = super().backward(grad)
            self.dslope /= len(grad)
            return result

    report = gradcheck(Wrong(4), X)
    assert not report
    assert report.worst is not None
    assert report.worst.name == "dslope"
    assert report.worst.ratio == pytest.approx(1 / 5)


def test_all_their_arrays_are_saved(tmp_path: Any) -> None:
    net, back = network(), network(seed=5)
    x, y = (part[:50] for part in load("digits", normalized=True)[0])
    back.layers[1] = PReLU(24, 0.7)
    back.layers[2].factors[:] = 9
    for _ in range(3):
        net.forward(x)
        net.backward(y)
        net.step()
    net.save(tmp_path / "it.npz")
    back.load(tmp_path / "it.npz")
    for name in ("slope", "factors", "passes"):
        i = 1 if name == "slope" else 2
        np.testing.assert_array_equal(getattr(net.layers[i], name), getattr(back.layers[i], name))
    assert net.layers[2].passes[0] == 3
    for other in (net, back):  # the numbers of Dropout go on where they were
        for _ in range(2):
            other.forward(x)
            other.backward(y)
            other.step()
    np.testing.assert_array_equal(net.forward(x), back.forward(x))
    other = network()
    other.layers[1] = GELU()
    with pytest.raises(DataError, match="expected layer 1, GELU, got PReLU"):
        other.load(tmp_path / "it.npz")


@pytest.mark.parametrize("training", [True, False])
def test_they_cross_to_tensors(training: bool) -> None:
    """The same outputs; gradients as sums over the batch, where the layers' own are means."""
    net, twin = network(criterion=Logistic()), network(criterion=Logistic())
    x, y = (part[:20] for part in load("digits", normalized=True)[0])
    (net.train if training else net.eval)()
    model, t = from_mlp(net), Tensor(x, requires_grad=True)
    assert repr(model).count("FromLayer(") == 4
    out = model(t)
    np.testing.assert_array_equal(out.data, (twin.forward if training else _evaluated(twin))(x))
    if not training:
        twin.layers[3].keep = 1.0  # nothing was dropped
    out.backward()  # from ones
    grad = np.ones((20, 10))
    for layer in reversed(twin.layers):
        grad = layer.backward(grad)
    np.testing.assert_allclose(t.grad.data, grad, rtol=1e-12)  # type: ignore[union-attr]
    slope = dict(model.named_parameters())["1.slope"]
    np.testing.assert_allclose(slope.grad.data, twin.layers[1].dslope, rtol=1e-12)  # type: ignore[union-attr]
    weight = dict(model.named_parameters())["0.weight"]
    np.testing.assert_allclose(weight.grad.data, 20 * twin.layers[0].dW.T, rtol=1e-12)  # type: ignore[union-attr]
    assert y.shape == (20, 10)


def _evaluated(net: Network) -> Any:
    def run(x: Any) -> Any:
        for layer in net.layers:  # what forward keeps, but for Dropout's
            x = layer.infer(x) if isinstance(layer, Dropout) else layer.forward(x)
        return x

    return run


class Softplus(Activation):
    def forward(self, x: Any) -> Any:
        return np.logaddexp(0, x)

    def local_gradient(self) -> Any:
        return 1 - np.exp(-self.state)


class Softplus_with_derivative(Activation):  # noqa: N801 - as the homework has it
    def forward(self, x: Any) -> Any:
        self.state = np.logaddexp(0, x)
        return self.state

    def derivative(self, grad: Any = None) -> Any:
        slope = 1 - np.exp(-self.state)
        return slope if grad is None else grad * slope


@pytest.mark.parametrize("softplus", [Softplus, Softplus_with_derivative])
def test_an_activation_of_ones_own_stands_in_an_mlp(softplus: type[Activation]) -> None:
    mlp = MLP(4, 3, [5], [softplus(), GELU_with_derivative()], xavier(0), zeros_bias_init,
              SoftmaxCrossEntropy(), 0.1)  # fmt: skip
    assert gradcheck(mlp, X, np.eye(3)[[0, 1, 2, 0, 1]])
    large = np.random.default_rng(0).normal(size=(600, 500))
    layer = softplus()
    layer.forward(large)
    np.testing.assert_allclose(layer.derivative(), 1 / (1 + np.exp(-large)), rtol=1e-12)
    np.testing.assert_allclose(layer.backward(large), large / (1 + np.exp(-large)), rtol=1e-12)


class GELU_with_derivative(GELU):  # noqa: N801 - what the homework's MLP asks of an activation
    def derivative(self) -> Any:
        return self.backward(1.0)


def test_a_layer_that_needs_a_gradient_in_evaluation_says_how_to_give_it() -> None:
    class Noise(Layer):
        def forward(self, x: Any) -> Any:
            return x + 1

        def infer(self, x: Any) -> Any:
            return x

    from mytorch.nn import FromLayer

    model = FromLayer(Noise())
    model.eval()
    out = model(Tensor([[1.0]], requires_grad=True))
    with pytest.raises(RuntimeError, match=r"infer_backward\(x, grad\)"):
        out.backward()
