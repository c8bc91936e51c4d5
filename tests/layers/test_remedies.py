"""Every remedy in a message about labels, inputs and networks is carried out, and works."""

from typing import Any

import numpy as np
import pytest

import mytorch
from mytorch import (
    L2,
    MLP,
    CrossEntropy,
    Identity,
    Layer,
    Network,
    ReLU,
    Softmax,
    SoftmaxCrossEntropy,
    datasets,
    nn,  # fmt: skip
)
from mytorch.initializers import xavier_normal, zeros_bias_init
from mytorch.nn import functional as F
from mytorch.optim import SGD, Adam
from mytorch.tensor import Tensor
from tests.support.remedies import Call, Rows, X, Y, carry_out, linear, names, t

NUMBERS = np.array([0, 1, 2, 0])
TEXTS = ["cat", "dog", "owl", "cat"]


def mlp(criterion: Any = None, *activations: Any) -> MLP:
    criterion, activations = criterion or SoftmaxCrossEntropy(), activations or (Identity(),)
    sizes = [4] * (len(activations) - 1)
    return MLP(5, 3, sizes, activations, xavier_normal, zeros_bias_init, criterion, 0.1)


def network(*layers: Any, optimizer: Any = None) -> Network:
    return Network(list(layers) or [linear()], SoftmaxCrossEntropy(), optimizer)


def passed(net: Any, *after: str) -> Any:
    net.forward(X)
    for name in after:
        getattr(net, name)()
    return net


def trained(net: Any, labels: Any = Y) -> Any:
    return mytorch.training.get_training_stats(net, ((X, labels),) * 3, 1, 2)


PICTURES = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
LAST = PICTURES.transpose(0, 2, 3, 1)


def conv(channels: int = 3) -> Any:
    return mytorch.Conv2d(channels, 2, 3)


def splits(x: Any) -> Any:
    return ((x, x),) * 3


def of_one_output() -> Any:
    net = MLP(5, 1, [], [Identity()], xavier_normal, zeros_bias_init, L2(), 0.1)
    return passed(net)


class Bare:
    """A layer that is no `Layer`."""

    __slots__ = ("x",)

    def forward(self, x: Any) -> Any:
        return x

    def backward(self, grad: Any, /) -> Any:
        return grad


class Property(Layer):
    parameters = ("slope",)

    @property
    def slope(self) -> Any:
        return np.ones(3)

    def forward(self, x: Any) -> Any:
        return x

    def backward(self, grad: Any, /) -> Any:
        return grad


class Attribute(Property):
    parameters = ("factor",)

    def __init__(self) -> None:
        self.factor = np.ones(3)


def shared(net: Any, again: bool) -> Any:
    net.forward(X)
    net.layers[0].forward(X)
    if again:
        net.forward(X)
    net.backward(Y)
    return True


def lists(net: Any) -> Any:
    net.activations.append(Identity())
    return net.forward(X)


def of_shares(labels: Any) -> Any:
    logits = t(X[:, :3])
    loss = -(Tensor(labels) * F.log_softmax(logits)).sum() / len(labels)
    return np.isclose(loss.item(), SoftmaxCrossEntropy()(logits.data, labels).mean())


def tied(copies: bool) -> Any:
    layers = [linear(5, 5), linear(5, 5)]
    if not copies:
        vars(layers[1])["W"] = layers[0].W
    net = network(*layers, linear(), optimizer=SGD())
    net.forward(X)
    net.backward(Y)
    net.step()
    return True


LABELS = "; for class numbers use datasets.one_hot(labels, 3)"


def used() -> Any:
    optimizer = SGD()
    network(optimizer=optimizer)
    return optimizer


def stepped() -> Any:
    return network(optimizer=SGD())


def in_evaluation(train: bool = False) -> Any:
    net = network(linear(), mytorch.BatchNorm(3))
    net.eval()
    net.forward(X)
    if train:
        net.train()
    return net


ROWS: Rows = [
    # how labels are given
    (LABELS, lambda: mlp().criterion(Y, NUMBERS),
     lambda: mlp().criterion(Y, datasets.one_hot(NUMBERS, 3))),
    ("; for one column use np.reshape(labels, (-1, 1))", lambda: L2()(X[:, :1], X[:, 1]),
     lambda: L2()(X[:, :1], np.reshape(X[:, 1], (-1, 1)))),
    ("; for a column of class numbers use np.reshape(labels, -1)",
     lambda: F.cross_entropy(t(X[:, :3]), NUMBERS[:, None]),
     lambda: F.cross_entropy(t(X[:, :3]), np.reshape(NUMBERS[:, None], -1)) ==
     F.cross_entropy(t(X[:, :3]), NUMBERS)),
    ("; for a column of class numbers use np.reshape(labels, -1)",
     lambda: F.cross_entropy(t(X[:, :3]), Tensor(NUMBERS[:, None])),
     lambda: F.cross_entropy(t(X[:, :3]), np.reshape(Tensor(NUMBERS[:, None]), -1))),
    ("; for one-hot labels use np.argmax(labels, axis=1)",
     lambda: F.cross_entropy(t(X[:, :3]), Y.tolist()),
     lambda: (np.argmax(Tensor(Y), axis=1) == NUMBERS).all()
     and F.cross_entropy(t(X[:, :3]), np.argmax(Y.tolist(), axis=1))),
    ("; the loss of other shares is -(Tensor(labels) * log_softmax(logits)).sum() / len(labels)",
     lambda: F.cross_entropy(t(X[:, :3]), 0.5 * Y + 1 / 6), lambda: of_shares(0.5 * Y + 1 / 6)),
    ("integer labels, got dtype float64; whole numbers become integers by np.asarray(labels, int)",
     lambda: F.cross_entropy(t(X[:, :3]), Tensor(NUMBERS * 1.0)),
     lambda: F.cross_entropy(t(X[:, :3]), np.asarray(Tensor(NUMBERS * 1.0), int)) ==
     F.cross_entropy(t(X[:, :3]), NUMBERS)),
    ("one_hot: expected integer labels, got dtype float64; whole numbers become integers by "
     "np.asarray(labels, int)", lambda: datasets.one_hot(NUMBERS * 1.0, 3),
     lambda: (datasets.one_hot(np.asarray(NUMBERS * 1.0, int), 3) == Y).all()),
    ("one_hot: expected integer labels, got dtype <U3; texts become class numbers by "
     "np.unique(labels, return_inverse=True)[1]", lambda: datasets.one_hot(TEXTS, 3),
     lambda: (datasets.one_hot(np.unique(TEXTS, return_inverse=True)[1], 3) == Y).all()),
    ("; texts become class numbers by np.unique(labels, return_inverse=True)[1]",
     lambda: mlp().criterion(Y, np.array(TEXTS, object)),
     lambda: mlp().criterion(Y, datasets.one_hot(np.unique(TEXTS, return_inverse=True)[1], 3))),
    ("; write np.reshape(target, (4, 1))", lambda: F.mse_loss(t(X[:, :1]), X[:, 1]),
     lambda: F.mse_loss(t(X[:, :1]), np.reshape(X[:, 1], (4, 1)))),
    ("; pass the output of a Softmax, or logits to SoftmaxCrossEntropy",
     lambda: CrossEntropy()(X[:, :3], Y),
     lambda: np.allclose(CrossEntropy()(Softmax()(X[:, :3]), Y),
                         SoftmaxCrossEntropy()(X[:, :3], Y))),
    ("; one-hot rows have 1 and 0, and other numbers are learned with L2()",
     lambda: SoftmaxCrossEntropy()(X[:, :3], -Y), lambda: L2()(X[:, :3], -Y)),
    ("; give each class an output, two for yes or no, or use L2()",
     lambda: trained(Network([linear(5, 1)], SoftmaxCrossEntropy(), SGD()), Y[:, :1]),
     lambda: (trained(Network([linear(5, 2)], SoftmaxCrossEntropy(), SGD()),
                      np.stack([Y[:, 0], 1 - Y[:, 0]], axis=1)),
              trained(Network([linear(5, 1)], L2(), SGD()), Y[:, :1]))),
    ("; make one-hot rows of class numbers with datasets.one_hot, or use L2() for other numbers",
     lambda: trained(mlp(), 2 * Y),
     lambda: (trained(mlp(), datasets.one_hot(NUMBERS, 3)), trained(mlp(L2()), 2 * Y))),
    # how inputs are given
    ("; call forward first, it keeps what backward needs", lambda: linear().backward(Y),
     lambda: passed(linear()).backward(Y) is not None),
    ("; a single sample is a batch of one, e.g. x.reshape(1, -1)", lambda: mlp()(X[0]),
     lambda: mlp()(X[0].reshape(1, -1))),
    ("; samples of one number are a column, np.reshape(x, (-1, 1))",
     lambda: linear(1)(X[:, 0]), lambda: linear(1)(np.reshape(X[:, 0], (-1, 1)))),
    ("; flatten images first, e.g. x.reshape(len(x), -1)", lambda: mlp()(np.ones((2, 1, 5))),
     lambda: mlp()(np.ones((2, 1, 5)).reshape(2, -1))),
    ("; samples are rows, so perhaps x.T is what you mean", lambda: mlp()(X.T), lambda: mlp()(X)),
    ("; fill it first, e.g. input.filled(0)", lambda: mlp()(np.ma.array(X)),
     lambda: mlp()(np.ma.array(X).filled(0))),
    ("got a Tensor; pass its data", lambda: mlp()(t()), lambda: mlp()(t().data)),
    ("; pass at least one row", lambda: mlp()(X[:0]), lambda: mlp()(X[:1])),
    ("; the channels stand last, so perhaps x.transpose(0, 3, 1, 2) is what you mean",
     lambda: conv()(LAST), lambda: conv()(LAST.transpose(0, 3, 1, 2))),
    ("; a single picture is a batch of one, e.g. x[None]",
     lambda: conv()(PICTURES[0]), lambda: conv()(PICTURES[0][None])),
    ("; grey pictures have one channel, e.g. x[:, None]",
     lambda: conv(1)(PICTURES[:, 0]), lambda: conv(1)(PICTURES[:, 0][:, None])),
    ("; rows of pixels become pictures by x.reshape(len(x), channels, height, width)",
     lambda: conv()(PICTURES.reshape(2, -1)),
     lambda: conv()(PICTURES.reshape(2, -1).reshape(2, 3, 4, 5))),
    ("; normalize_pixels is for pictures", lambda: datasets.normalize_columns(splits(PICTURES)),
     lambda: datasets.normalize_pixels(splits(PICTURES))),
    ("; normalize_columns scales each by itself",
     lambda: datasets.normalize_pixels(splits(X * [1, 1e9, 1, 1, 1])),
     lambda: datasets.normalize_columns(splits(X * [1, 1e9, 1, 1, 1]))),
    # networks
    ("; they are a tuple of names, e.g. parameters = ('slope',), of plain attributes that its "
     "__init__ assigns, no properties and no slots", lambda: nn.FromLayer(Property()),
     lambda: nn.FromLayer(Attribute())),
    ("; total_loss says how far its numbers are off", lambda: of_one_output().error(X[:, :1]),
     lambda: of_one_output().total_loss(X[:, :1]) > 0),
    ("; one hidden layer is [4]",
     lambda: MLP(5, 3, 4, [ReLU(), Identity()], xavier_normal, zeros_bias_init, L2(), 0.1),
     lambda: MLP(5, 3, [4], [ReLU(), Identity()], xavier_normal, zeros_bias_init, L2(), 0.1)),
    ("activation objects, got ReLU(), a module for tensors; one for arrays is e.g. mytorch.ReLU()",
     lambda: mlp(None, nn.ReLU()), lambda: mlp(None, mytorch.ReLU())),
    ("criterion objects, got 'mse'; one for arrays is e.g. mytorch.SoftmaxCrossEntropy()",
     lambda: mlp("mse"), lambda: mlp(mytorch.SoftmaxCrossEntropy())),
    ("optimizer objects, got 0.1; one for arrays is e.g. mytorch.optim.SGD()",
     lambda: network(optimizer=0.1), lambda: network(optimizer=mytorch.optim.SGD())),
    ("; write Identity()", lambda: mlp(None, Identity), lambda: mlp(None, Identity())),
    ("; or use SoftmaxCrossEntropy() on logits", lambda: mlp(CrossEntropy()),
     lambda: (mlp(CrossEntropy(), Softmax()), mlp(SoftmaxCrossEntropy()))),
    ("; use Identity() there, or CrossEntropy() as criterion",
     lambda: mlp(SoftmaxCrossEntropy(), Softmax()), lambda: mlp(CrossEntropy(), Softmax())),
    ("; the output's is often Identity()",
     lambda: MLP(5, 3, [4], [ReLU()], xavier_normal, zeros_bias_init, L2(), 0.1),
     lambda: mlp(L2(), ReLU(), Identity())),
    ("; make an object for each layer", lambda: mlp(L2(), *[ReLU()] * 2),
     lambda: mlp(L2(), ReLU(), ReLU())),
    ("; build another network", lambda: lists(mlp()), lambda: mlp(L2(), ReLU(), ReLU()).forward(X)),
    ("; make an object for each", lambda: network(*[linear(5, 5)] * 2).forward(X),
     lambda: network(linear(5, 5), linear(5, 5)).forward(X)),
    ("; make it a subclass of Layer", lambda: network(Bare()), lambda: network(linear())),
    ("; make one for each", lambda: network(optimizer=used()), lambda: network(optimizer=SGD())),
    ("; copy it, or write one layer that uses the array twice", lambda: tied(False),
     lambda: tied(True)),
    ("; call forward(x) again", lambda: shared(network(linear()), False),
     lambda: shared(network(linear()), True)),
    ("; call forward(x) first", lambda: passed(stepped(), "step").backward(Y),
     lambda: passed(passed(stepped(), "step")).backward(Y) is None),
    ("; call train() and forward(x) first", lambda: in_evaluation().backward(Y),
     lambda: passed(in_evaluation(train=True)).backward(Y) is None),
    ("; other rules move Network(mlp.layers, mlp.criterion, Adam())",
     lambda: setattr(mlp(), "optimizer", Adam()),
     lambda: trained(Network(mlp().layers, mlp().criterion, Adam()))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "fails", "works"), ROWS, ids=names(ROWS))
def test_a_remedy_works(text: str, fails: Call, works: Call) -> None:
    carry_out(text, fails, works)
