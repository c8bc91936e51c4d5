"""Every remedy that a message gives is carried out here, and works.

The messages are found in the library's source: what stands in one after "; ". Each has a row, here
or in `tests/data/test_remedies_of_files.py`, or is among `ADVICE`, which is no line of Python, with
the reason.
"""

import ast
import re
from collections.abc import Callable, Iterator
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
    Linear,
    Network,
    ReLU,
    Softmax,
    SoftmaxCrossEntropy,
    datasets,
    nn,
)  # fmt: skip
from mytorch.autograd_engine import backward
from mytorch.gradcheck import gradcheck
from mytorch.graph import graph_of
from mytorch.initializers import xavier_normal, zeros_bias_init
from mytorch.nn import functional as F
from mytorch.optim import SGD, Adam
from mytorch.tensor import Tensor
from tests.conftest import ROOT
from tests.data.test_remedies_of_files import ROWS as OF_DATA

X, Y = np.random.default_rng(0).normal(size=(4, 5)), np.eye(3)[[0, 1, 2, 0]]
NUMBERS = np.array([0, 1, 2, 0])


def t(data: Any = X) -> Tensor:
    return Tensor(data, requires_grad=True)


def linear(n: int = 5, m: int = 3, dtype: Any = None) -> Linear:
    return Linear(n, m, xavier_normal, zeros_bias_init, dtype)


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


class Evaluated(Layer):
    """A layer whose evaluation has no gradient."""

    def forward(self, x: Any) -> Any:
        return 2 * x

    def infer(self, x: Any) -> Any:
        return 3 * x

    def backward(self, grad: Any, /) -> Any:
        return 2 * grad


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


class Broadcasting(mytorch.autograd_engine.Function):
    """Its backward forgets to sum, or not."""

    sums = False

    @classmethod
    def forward(cls, ctx: Any, a: Tensor) -> Tensor:
        return Tensor(a.data + np.zeros((2, *a.shape)))

    @classmethod
    def backward(cls, ctx: Any, grad_output: Tensor) -> Tensor:
        return Tensor(F.unbroadcast(grad_output.data, (3,)) if cls.sums else grad_output.data)


class Summing(Broadcasting):
    sums = True


def began(out: Tensor, **settings: Any) -> bool:
    out.backward(**settings)
    return True


def written() -> Any:
    x = t()
    x.data[0] = 5
    x.changed()
    return x


def twice(retain: bool) -> Any:
    y = (t() * 2).sum()
    y.backward(retain_graph=retain)
    y.backward()
    return True


def changed(first: bool) -> Any:
    x = t()
    y = (x * x).sum()
    if first:
        y.backward()
    x.data = x.data + 1
    if not first:
        y.backward()
    return True


def added(numbers: bool) -> Any:
    a, x = np.zeros((4, 5)), t()
    a += x.data if numbers else x
    return np.array_equal(a, X)


def in_list(kind: Any) -> Any:
    module = nn.Module()
    module.parts = kind([nn.Linear(2, 2)])
    return len(list(module.parameters())) == 2


def in_list_a_parameter(right: bool) -> Any:
    module, p = nn.Module(), Tensor([1.0], requires_grad=True, is_parameter=True)
    if right:
        module.add_parameter("p", p)
    else:
        module.ps = [p]
    return len(list(module.parameters())) == 1


def with_tensor(**settings: Any) -> Any:
    module = nn.Module()
    module.w = Tensor([1.0], **settings)
    return len(list(module.parameters())) == int(settings["requires_grad"])


def shared(net: Any, again: bool) -> Any:
    net.forward(X)
    net.layers[0].forward(X)
    if again:
        net.forward(X)
    net.backward(Y)
    return True


def after_backward(**settings: Any) -> Any:
    y = (t() * 2).sum()
    y.backward(**settings)
    return graph_of(y)


def looked_at() -> Any:
    y = (t() * 2).sum()
    return graph_of(y)


def lists(net: Any) -> Any:
    net.activations.append(Identity())
    return net.forward(X)


def evaluated(train: bool) -> Any:
    module, x = nn.FromLayer(Evaluated()), t()
    out = module.train(train)(x)
    out.sum().backward()
    return True


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


Call = Callable[[], Any]
LABELS = "; for class numbers use datasets.one_hot(labels, 3)"
ROWS: list[tuple[str, Call, Call]] = [
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
    # tensors
    ("; call it, e.g. x.T()", lambda: t().T @ t(), lambda: t().T() @ t()),
    ("got a masked one; fill it first", lambda: Tensor(np.ma.array(X)),
     lambda: Tensor(np.ma.array(X).filled(0))),
    ("as key, got a masked one; fill it first", lambda: t()[np.ma.array([0, 1])],
     lambda: t()[np.ma.array([0, 1]).filled(0)]),
    ("; use tensor.copy(), or its data", lambda: Tensor(t()),
     lambda: (t().copy(), Tensor(t().data))),
    ("; a backward that broadcasts must sum its gradient (functional.unbroadcast)",
     lambda: Broadcasting.apply(t(X[0, :3])).backward(),
     lambda: began(Summing.apply(t(X[0, :3])))),
    ("; call that one with retain_graph=True, or compute the output again", lambda: twice(False),
     lambda: twice(True)),
    ("; call backward() first, or put the change into a new tensor", lambda: changed(False),
     lambda: changed(True)),
    ("; write (a == b).all(), (a > 0).any() or len(a)", lambda: bool(t()),
     lambda: (t() == t()).all() and (t() > 0).any() and len(t())),
    ("; write into the numbers, t.data[...] = value, then t.changed()",
     lambda: t().__setitem__(0, 5), lambda: written().data[0, 0] == 5),
    ("; write t.max(axis=...) for the numbers, t.argmax(axis=...) for the places",
     lambda: t().max(1), lambda: (t().max(axis=1), t().argmax(axis=1))),
    ("; write it with operations on tensors, or pass its numbers, t.data", lambda: np.sin(t()),
     lambda: np.sin(t().data)),
    ("; or call tensor.backward()", lambda: backward(t(), t()), lambda: began(t())),
    ("; write backward(retain_graph=True)", lambda: (t() * 2).backward(True),
     lambda: began(t() * 2, retain_graph=True)),
    ("; write a = a + t, or a += t.data", lambda: added(False), lambda: added(True)),
    ("; compare arrays of one shape", lambda: t() == np.ones(3), lambda: t() == np.ones((4, 5))),
    ("; tolist() gives all of them, sum() or mean() make one", lambda: t().item(),
     lambda: (t().tolist(), t().sum().item(), t().mean().item())),
    ("; int(t) makes a whole number of one number", lambda: [1, 2][Tensor(1.0)],
     lambda: [1, 2][int(Tensor(1.0))] == 2),
    ("; show its numbers without a format, or one of them", lambda: f"{t():.3f}",
     lambda: f"{t()}" + f"{t()[0, 0]:.3f}"),
    ("; look at it before backward(), or call backward(retain_graph=True)", after_backward,
     lambda: (looked_at(), after_backward(retain_graph=True))),
    ("; for columns write it for the transpose, x.T()", lambda: F.softmax(t(), dim=0),
     lambda: np.allclose(F.softmax(t().T()).T().data.sum(axis=0), 1)),
    # modules
    ("; write Tensor(..., requires_grad=True, is_parameter=True), or requires_grad=False",
     lambda: with_tensor(requires_grad=True),
     lambda: with_tensor(requires_grad=True, is_parameter=True)
     and with_tensor(requires_grad=False)),
    ("; write parts = ModuleList([...]) for modules, or add_parameter(name, tensor) for a "
     "parameter", lambda: in_list(list), lambda: in_list(nn.ModuleList)),
    ("ModuleList([...]) for modules, or add_parameter(name, tensor) for a parameter",
     lambda: in_list_a_parameter(False), lambda: in_list_a_parameter(True)),
    ("; write ModuleList([...])", lambda: nn.ModuleList(nn.ReLU()),
     lambda: nn.ModuleList([nn.ReLU()])),
    ("; call train() first, or write one", lambda: evaluated(False), lambda: evaluated(True)),
    ("; write ReLU()", lambda: gradcheck(ReLU, X), lambda: gradcheck(ReLU(), X)),
    ("; build it with dtype=np.float64", lambda: gradcheck(linear(5, 3, np.float32), X[:, :5]),
     lambda: gradcheck(linear(5, 3, np.float64), X)),
    # networks
    ("; they are a tuple of names, e.g. parameters = ('slope',), of plain attributes that its "
     "__init__ assigns, no properties and no slots", lambda: nn.FromLayer(Property()),
     lambda: nn.FromLayer(Attribute())),
    ("; total_loss says how far its numbers are off", lambda: of_one_output().error(X[:, :1]),
     lambda: of_one_output().total_loss(X[:, :1]) > 0),
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


ADVICE = {
    "; class numbers are from 0 to {}": "says what labels are",
    "; {} arrays of one shape": "its other verb is in a row",
    "; got both": "the end of what was expected",
    "; expected at least one dimension": "the end of what was expected",
    "; is_leaf=False is for the outputs of operations": "says what a setting is for",
    "; a parameter without gradient cannot be learned": "the reason",
    "; leave out copy=False": "a file of its own, tests/data",
    "; perhaps its return is missing": "a guess",
    "; hand it in, mytorch.load(path, {})": "tests/durability/test_rebuilding.py carries it out",
    "; it has {}": "says which columns there are",
    "; perhaps others were copied into it": "a guess",
    "; the next run goes on there": "tests/data/test_cifar10_downloads.py carries it out",
    "; make it readable (chmod a+r)": "a file of its own, tests/data/test_remedies_of_files.py",
    "; make it smaller": "likewise",
    "; install it, e.g. python -m pip install pillow": "likewise",
    "; pip install scikit-learn": "no test installs it: tests/tools/test_sklearn.py is without",
    "; patience=None trains on all of them": "tests/tools/test_sklearn.py carries it out",
    "; run it in a folder that has {}/, a checkout of the project or a handout":
        "tests/tools/test_commands.py carries it out",
    "; where they differ, searches the line that is wrong.": "describes a command",
    "; 0 for not at all (default: 10)": "describes an option",
    "; with a right one in its place, all is right": "says what was found",
    '; write "{}:{}(...)" with its arguments': "tests/autograd/test_locating.py carries it out",
}  # fmt: skip
OF_FILES = ("checkpoint/", "system/", "datasets/digits.py", "training/")
"""Messages about files, whose remedies are carried out in `tests/durability` and `tests/data`."""


def remedies() -> Iterator[tuple[str, str]]:
    """What stands after "; " in the library's messages, values as {}, with the file."""
    for file in sorted((ROOT / "mytorch").rglob("*.py")):
        place = file.relative_to(ROOT / "mytorch").as_posix()
        tree = ast.parse(file.read_text(encoding="utf-8"))
        inside = {
            id(part)
            for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr | ast.Expr)
            for part in ast.walk(node)
            if part is not node and not (isinstance(node, ast.Expr) and _in_call(node))
        }
        for node in ast.walk(tree):
            text = "" if id(node) in inside else _text(node)
            if "; " in text and not place.startswith(OF_FILES):
                yield place, text[text.index("; ") :]


def _in_call(node: ast.Expr) -> bool:
    return not isinstance(node.value, ast.Constant | ast.JoinedStr)


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        parts = [v.value if isinstance(v, ast.Constant) else "{}" for v in node.values]
        return "".join(map(str, parts))
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


@pytest.mark.parametrize(("text", "fails", "works"), ROWS, ids=[row[0][:60] for row in ROWS])
def test_a_remedy_works(text: str, fails: Call, works: Call) -> None:
    with pytest.raises((TypeError, ValueError, RuntimeError), match=re.escape(text)):
        fails()
    result = works()
    assert result is not False and result is not None, text  # noqa: PT018


def test_every_remedy_has_a_row() -> None:
    found = list(remedies())
    assert len(found) > 50
    missing, rows = [], [row[0] for row in (*ROWS, *OF_DATA)]
    for place, text in found:
        pattern = ".*".join(map(re.escape, text.split("{}")))
        if text not in ADVICE and not any(re.search(pattern, row) for row in rows):
            missing.append(f"{place}: {text}")
    assert not missing, "\n".join(missing)
    gone = ADVICE.keys() - {text for _, text in found}
    assert not gone
