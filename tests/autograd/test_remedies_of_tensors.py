"""Every remedy in a message about tensors and modules is carried out, and works."""

from typing import Any

import numpy as np
import pytest

import mytorch
from mytorch import (
    Layer,
    ReLU,
    nn,  # fmt: skip
)
from mytorch.autograd_engine import backward
from mytorch.gradcheck import gradcheck
from mytorch.graph import graph_of
from mytorch.nn import functional as F
from mytorch.tensor import Tensor
from tests.support.remedies import Call, Rows, X, carry_out, linear, names, t


class Evaluated(Layer):
    """A layer whose evaluation has no gradient."""

    def forward(self, x: Any) -> Any:
        return 2 * x

    def infer(self, x: Any) -> Any:
        return 3 * x

    def backward(self, grad: Any, /) -> Any:
        return 2 * grad


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


def updated() -> bool:
    x = t()
    with mytorch.autograd_engine.no_grad():
        x += 1
    return x.requires_grad and np.array_equal(x.data, X + 1)


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


def after_backward(**settings: Any) -> Any:
    y = (t() * 2).sum()
    y.backward(**settings)
    return graph_of(y)


def looked_at() -> Any:
    y = (t() * 2).sum()
    return graph_of(y)


def evaluated(train: bool) -> Any:
    module, x = nn.FromLayer(Evaluated()), t()
    out = module.train(train)(x)
    out.sum().backward()
    return True


ROWS: Rows = [
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
    ("; write it in a block `with no_grad():`, or u = t + ... for a new tensor",
     lambda: t().__iadd__(1), lambda: updated() and (t() + 1).requires_grad),
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
    ("; write nn.FromLayer(layer), or its namesake in mytorch.nn",
     lambda: nn.Sequential(ReLU()),  # type: ignore[arg-type]
     lambda: (nn.Sequential(nn.FromLayer(ReLU()))(t()), nn.Sequential(nn.ReLU())(t()))),
    ("; write Sequential(*modules) to run several, ModuleList(modules) to keep them",
     lambda: nn.Sequential([nn.ReLU()]),  # type: ignore[arg-type]
     lambda: (nn.Sequential(*[nn.ReLU()])(t()), nn.ModuleList([nn.ReLU()]))),
    ("expected a Module as 0, got the class ReLU; write ReLU()",
     lambda: nn.Sequential(nn.ReLU),  # type: ignore[arg-type]
     lambda: nn.Sequential(nn.ReLU())(t())),
    ("expected a Tensor as input, got ndarray; write Tensor(x)", lambda: nn.Linear(5, 3)(X),
     lambda: nn.Linear(5, 3)(Tensor(X))),
    ("GELU(): expected a Tensor as input, got ndarray; write Tensor(x)", lambda: nn.GELU()(X),
     lambda: nn.GELU()(Tensor(X))),
    ("ReLU: expected tensors, got ndarray; write Tensor(x)", lambda: nn.ReLU()(X),
     lambda: nn.ReLU()(Tensor(X))),
    ("; call train() first, or write one", lambda: evaluated(False), lambda: evaluated(True)),
    ("; write ReLU()", lambda: gradcheck(ReLU, X), lambda: gradcheck(ReLU(), X)),
    ("; build it with dtype=np.float64", lambda: gradcheck(linear(5, 3, np.float32), X[:, :5]),
     lambda: gradcheck(linear(5, 3, np.float64), X)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "fails", "works"), ROWS, ids=names(ROWS))
def test_a_remedy_works(text: str, fails: Call, works: Call) -> None:
    carry_out(text, fails, works)
