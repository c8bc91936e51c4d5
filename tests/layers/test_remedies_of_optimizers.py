"""Every remedy in a message about optimizers is carried out, and works."""

from typing import Any

import numpy as np
import pytest

from mytorch import Network, SoftmaxCrossEntropy, nn
from mytorch.optim import SGD, Optimizer, clip_grad_norm
from mytorch.tensor import Tensor
from tests.support.remedies import Call, Rows, X, Y, carry_out, linear, names, t


def network(optimizer: Any = None) -> Network:
    return Network([linear()], SoftmaxCrossEntropy(), optimizer)


def stepped(net: Network) -> bool:
    before = net.state_dict()["0.weight"]
    net.forward(X)
    net.backward(Y)
    net.step()
    return not np.array_equal(net.state_dict()["0.weight"], before)


class Moving(Optimizer):
    """It changes W in place, as an optimizer shall, or returns another."""

    def __init__(self, params: Any, in_place: bool) -> None:
        super().__init__(params, lr=0.5)
        self.in_place = in_place

    def update(self, W: Any, dW: Any) -> Any:
        if not self.in_place:
            return W - self.lr * dW
        W -= self.lr * dW
        return None


def moved_by(in_place: bool) -> Any:
    net = network(optimizer=Moving(None, in_place))
    net.layers[0].W, net.layers[0].dW = np.ones((5, 3)), np.full((5, 3), 1.5)
    net.step()
    return net


def moved_tensor(in_place: bool) -> Tensor:
    """A step that leads to 0, also where another parameter has no gradient."""
    p, other = t(), t()
    (p * p).sum().backward()
    Moving([other, p], in_place).step()
    return p


ROWS: Rows = [
    ("; write SGD(lr=0.1) for a network", lambda: SGD(0.1),
     lambda: stepped(network(optimizer=SGD(lr=0.1)))),
    ("; write SGD(lr=0.25) for a network", lambda: SGD(np.float64(0.25)),
     lambda: stepped(network(optimizer=SGD(lr=0.25)))),
    ("got Linear; pass model.parameters(), of the whole model",
     lambda: SGD(nn.Linear(5, 3), lr=0.1), lambda: SGD(nn.Linear(5, 3).parameters(), lr=0.1)),
    ("got Sequential; pass model.parameters(), of the whole model",
     lambda: SGD(nn.Sequential(nn.Linear(5, 3), nn.Linear(3, 2)), lr=0.1),
     lambda: len(SGD(nn.Sequential(nn.Linear(5, 3), nn.Linear(3, 2)).parameters()).params) == 4),
    ("got Network; pass model.parameters(), of the whole model",
     lambda: SGD(network()), lambda: SGD(network().parameters())),
    ("; pass model.parameters(), of the whole model", lambda: clip_grad_norm(network(), 1),
     lambda: clip_grad_norm(network().parameters(), 1) == 0),
    ("got Linear; in a list write *model.parameters() in its place",
     lambda: SGD([t(), nn.Linear(5, 3)]),
     lambda: len(SGD([t(), *nn.Linear(5, 3).parameters()]).params) == 3),
    ("; write model.parameters(), which has no names",
     lambda: SGD(nn.Linear(5, 3).named_parameters(), lr=0.1),
     lambda: SGD(nn.Linear(5, 3).parameters(), lr=0.1)),
    ("; an optimizer of a network is given None, and takes over the network's",
     lambda: network(optimizer=SGD([])), lambda: stepped(network(optimizer=SGD(None)))),
    ("; write e.g. W -= self.lr * dW, without return", lambda: moved_by(False),
     lambda: moved_by(True).layers[0].W.max() < 0.5),
    ("; write e.g. W -= self.lr * dW, without return",
     lambda: moved_tensor(False), lambda: np.allclose(moved_tensor(True).data, 0)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "fails", "works"), ROWS, ids=names(ROWS))
def test_a_remedy_works(text: str, fails: Call, works: Call) -> None:
    carry_out(text, fails, works)


@pytest.mark.parametrize(
    "params",
    [
        linear(), [linear()], nn.Linear, Network, [nn.Linear], True, -0.1, np.inf, 10**400, None,
        (np.ones(3),), (None,), (t() * 2,), ("weight", t()), (("weight", t(), 0),), [(t(), t())],
    ],
)  # fmt: skip
def test_where_no_remedy_would_work_none_is_given(params: Any) -> None:
    """The message ends with what came: no layer of the classic face has `parameters()`."""
    if params is not None:  # which is for a network
        with pytest.raises(TypeError, match=r"got \w+$"):
            SGD(params)
    if hasattr(params, "parameters"):
        with pytest.raises(TypeError, match=r"got \w+$"):
            clip_grad_norm(params, 1)
