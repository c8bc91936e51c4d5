"""What is tested of each name that PyTorch has, too, by numbers worked out by hand.

What differs, because the homework says so or NumPy's arrays are the data, stands beside it.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mytorch import autograd_engine, nn, optim
from mytorch.nn import functional as F
from mytorch.tensor import Tensor


def t(data: Any = ((1.0, 4.0), (9.0, 2.0))) -> Tensor:
    return Tensor(data, requires_grad=True)


def same(thing: Any, expected: Any) -> bool:
    """Equal numbers of one shape; of a tensor, its data."""
    array = np.asarray(thing)
    return array.shape == np.shape(expected) and np.allclose(array, expected, rtol=1e-12)


def gradient(function: Callable[[Tensor], Tensor], data: Any = (1.0, 4.0)) -> Any:
    x = t(data)
    function(x).sum().backward()
    assert x.grad is not None
    return x.grad.data


def after_step(make: Callable[[Any], Any], grads: tuple[float, ...] = (2.0, 2.0)) -> float:
    """Where a parameter of 1 is after one step for each gradient."""
    p = Tensor([1.0], requires_grad=True, is_parameter=True)
    optimizer = make([p])
    for grad in grads:
        optimizer.zero_grad()
        (p * grad).sum().backward()
        optimizer.step()
    return float(p)


def net() -> Any:
    model = nn.Sequential(nn.Linear(2, 1), nn.Identity())
    model[0].weight.data, model[0].bias.data = [[2.0, -1.0]], [0.5]
    return model


LOG3 = math.log(math.exp(1) + math.exp(2) + math.exp(3))
SOFT = [[math.exp(i - LOG3) for i in (1, 2, 3)]]
KEYS = ["0.weight", "0.bias"]
LOGITS = [[1.0, 2.0, 3.0]]


def adam(w: float, decay: float) -> float:
    """Two steps with the gradient 2 from `w`, as Kingma and Ba's algorithm 1 has them."""
    m = v = 0.0
    for i in (1, 2):
        w -= 0.1 * decay * w
        m, v = 0.9 * m + 0.1 * 2, 0.999 * v + 0.001 * 4
        w -= 0.1 * m / (1 - 0.9**i) / (math.sqrt(v / (1 - 0.999**i)) + 1e-8)
    return w


def rmsprop(w: float) -> float:
    v = 0.0
    for _ in range(2):
        v = 0.99 * v + 0.01 * 4
        w -= 0.1 * 2 / (math.sqrt(v) + 1e-8)
    return w


def _train_and_eval() -> bool:
    model = net()
    return model.train(False) is model and not model.training and model.train().training


def _scheduled() -> bool:
    rule = optim.SGD([t()], lr=1.0)
    schedule, rates = optim.schedule.StepLR(rule, 2, 0.5), []
    for _ in range(4):
        schedule.step()
        rates.append(rule.lr)
    return rates == [1, 0.5, 0.5, 0.25]


def _applied() -> bool:
    class Twice(autograd_engine.Function):
        @staticmethod
        def forward(ctx: Any, a: Tensor) -> Tensor:
            return Tensor(a.data * 2)

        @staticmethod
        def backward(ctx: Any, g: Tensor) -> Tensor:
            return Tensor(g.data * 2)

    return same(Twice.apply(t()), [[2, 8], [18, 4]]) and same(gradient(Twice.apply), [2, 2])


def _running(norm: Any, *shape: int) -> Any:
    """Of 1 and 3, the two numbers of a feature or channel."""
    out = norm(Tensor(np.reshape([1.0, 3.0], shape)))
    wanted = np.reshape([-1 / math.sqrt(1 + 1e-5), 1 / math.sqrt(1 + 1e-5)], shape)
    return same(out, wanted) and same(norm.running_mean, [0.2]) and same(norm.running_var, [1.1])


def picture(*pixels: Any) -> Tensor:
    """One picture of one channel, of these rows; without, that of `t()`."""
    return t([[pixels or ((1.0, 4.0), (9.0, 2.0))]])


def _convolved() -> Any:
    layer = nn.Conv2d(1, 1, 2, stride=1, padding=0)
    layer.load_state_dict({"weight": np.array([[[[1.0, 2], [3, 4]]]]), "bias": np.array([0.5])})
    x = picture()
    layer(x).sum().backward()  # no flip: 1 + 8 + 27 + 8
    return same(layer(x), [[[[44.5]]]]) and same(x.grad, [[[[1, 2], [3, 4]]]])


def _dropped() -> Any:
    layer, x = nn.Dropout(0.75), t(np.ones((50, 50)))
    out = layer(x).data
    return {*np.unique(out)} == {0, 4} and abs(out.mean() - 1) < 0.3 and same(layer.eval()(x), x)


MEANINGS: dict[str, dict[str, Callable[[], Any]]] = {
    "torch.Tensor": {
        # a method, as the homework has it (002 §1.1), not an attribute; without the call
        # arithmetic with it is refused, and says so
        "T": lambda: same(t().T(), [[1, 9], [4, 2]]),
        "abs": lambda: same(t([-1.0, 2]).abs(), [1, 2]) and same(gradient(abs, [-1.0, 2]), [-1, 1]),
        "argmax": lambda: same(t().argmax(1), [1, 0]) and t().argmax(dim=0).tolist() == [1, 0],
        "argmin": lambda: same(t().argmin(), 0) and t().argmin(-1).tolist() == [0, 1],
        # also of several numbers, where PyTorch asks for a gradient: then that of their sum
        "backward": lambda: same(_started(Tensor([3.0, 5.0])), [3, 5]),
        "data": lambda: type(t().data) is np.ndarray,  # an array, which the homework works on
        "detach": lambda: not t().detach().requires_grad,
        "dtype": lambda: t().dtype == np.float64,  # NumPy's, float64 where PyTorch has float32
        "exp": lambda: same(t([0.0, 1.0]).exp(), [1, math.e]),
        "fill_": lambda: same(t([1.0, 2.0]).fill_(3), [3, 3]),
        "grad": lambda: t().grad is None and same(gradient(lambda x: x * x), [2, 8]),
        "grad_fn": lambda: t().grad_fn is None and "Mul" in repr((t() * 2).grad_fn),
        "is_leaf": lambda: t().is_leaf and not (t() * 2).is_leaf and (Tensor(1.0) * 2).is_leaf,
        "item": lambda: type(Tensor([2.5]).item()) is float,
        "log": lambda: same(t([1.0, math.e]).log(), [0, 1]),
        "matmul": lambda: same(t([1.0, 2.0]).matmul(t()), [19, 8]),
        # of all numbers; PyTorch's max(1) has two results and is refused
        "max": lambda: same(t().max(), 9) and _refused(lambda: t().max(1), lambda: t().max(dim=1)),
        "mean": lambda: same(t().mean(), 4) and same(t().mean(dim=1, keepdim=True), [[2.5], [5.5]]),
        "min": lambda: same(t().min(), 1) and _refused(lambda: t().min(1), lambda: t().min(dim=1)),
        "ndim": lambda: t().ndim == 2,
        # also where there is a gradient, of which PyTorch asks to detach it first
        "numpy": lambda: Tensor([1.0]).numpy().tolist() == [1],
        "requires_grad": lambda: t().requires_grad and not Tensor(1.0).requires_grad,
        "reshape": lambda: same(t().reshape(-1), [1, 4, 9, 2]),
        "shape": lambda: t().shape == (2, 2),
        "sqrt": lambda: same(t().sqrt(), [[1, 2], [3, math.sqrt(2)]]),
        "sum": lambda: same(t().sum(dim=0), [10, 6]) and same(t().sum(1), [5, 11]),
        "tolist": lambda: t().tolist() == [[1, 4], [9, 2]],
        "view": lambda: same(t().view(4), [1, 4, 9, 2]) and same(gradient(_viewed), [1, 2]),
    },
    "torch.nn": {
        # padding counts as zeros
        "AvgPool2d": lambda: (
            same(nn.AvgPool2d(2)(picture()), [[[[4]]]])
            and same(nn.AvgPool2d(2, stride=2, padding=1)(picture([4.0])), [[[[1]]]])
        ),
        "BatchNorm1d": lambda: _running(nn.BatchNorm1d(1), 2, 1),
        "BatchNorm2d": lambda: _running(nn.BatchNorm2d(1), 1, 1, 1, 2),
        "Conv2d": _convolved,
        "CrossEntropyLoss": lambda: same(nn.CrossEntropyLoss()(t(LOGITS), Tensor([1])), LOG3 - 2),
        "Dropout": _dropped,
        "ELU": lambda: same(nn.ELU(3.0)(t([-math.log(2), 2.0])), [-1.5, 2]),
        # of every sample, all axes but the first; PyTorch's other choices of axes are refused
        "Flatten": lambda: (
            same(nn.Flatten()(picture()), [[1, 4, 9, 2]]) and _refused(lambda: nn.Flatten(0))
        ),
        "GELU": lambda: same(nn.GELU()(t([0.0, 1.0])), [0, (1 + math.erf(math.sqrt(0.5))) / 2]),
        "Identity": lambda: same(nn.Identity()(t([3.0])), [3]),
        "LeakyReLU": lambda: same(nn.LeakyReLU(0.1)(t([-2.0, 2.0])), [-0.2, 2]),
        # drawn from ±1 / (2 in_features), as the homework has it
        "Linear": lambda: (
            same(net()(t([[1.0, 3.0]])), [[-0.5]]) and nn.Linear(2, 3, False).bias is None
        ),
        "MSELoss": lambda: same(nn.MSELoss()(t([1.0, 5.0]), Tensor([0.0, 2.0])), 5),
        "MaxPool2d": lambda: (
            same(nn.MaxPool2d(2)(picture()), [[[[9]]]])
            and same(nn.MaxPool2d(1, stride=2)(picture()), [[[[1]]]])
        ),
        "Module": lambda: _refused(lambda: nn.Module()(1), kind=NotImplementedError),
        "ModuleList": lambda: len(nn.ModuleList([nn.Tanh(), nn.ReLU()])) == 2,
        "ReLU": lambda: same(nn.ReLU()(t([-1.0, 2.0])), [0, 2]),
        "Sequential": lambda: same(net()(t([[1.0, 3.0]])), [[-0.5]]),
        "Sigmoid": lambda: same(nn.Sigmoid()(t([0.0, math.log(3)])), [0.5, 0.75]),
        "Softmax": lambda: (
            same(nn.Softmax(dim=1)(t(LOGITS)), SOFT) and _refused(lambda: nn.Softmax(0))
        ),
        "Tanh": lambda: same(nn.Tanh()(t([0.0, math.atanh(0.5)])), [0, 0.5]),
    },
    "torch.nn.functional": {
        "cross_entropy": lambda: same(F.cross_entropy(t(LOGITS), np.array([0])), LOG3 - 1),
        "leaky_relu": lambda: same(F.leaky_relu(t([-2.0, 2.0])), [-0.02, 2]),
        "linear": lambda: same(F.linear(t([[1.0, 3.0]]), Tensor([[2.0, -1.0]])), [[-1]]),
        "log_softmax": lambda: (
            same(F.log_softmax(t(LOGITS), dim=-1), [[1 - LOG3, 2 - LOG3, 3 - LOG3]])
        ),
        "mse_loss": lambda: same(F.mse_loss(t([1.0, 5.0]), Tensor([0.0, 2.0])), 5),
        "relu": lambda: same(F.relu(t([-1.0, 2.0])), [0, 2]) and same(gradient(F.relu, [0.0]), [0]),
        "sigmoid": lambda: same(F.sigmoid(t([0.0])), [0.5]),
        "softmax": lambda: same(F.softmax(t(LOGITS), dim=1), SOFT) and _refused(_of_columns),
        "tanh": lambda: same(F.tanh(t([0.0])), [0]),
    },
    "torch.nn.Module": {
        "add_module": lambda: [*_added().state_dict()] == ["more.weight", "more.bias"],
        "eval": lambda: not net().eval().training,
        "forward": lambda: _refused(lambda: nn.Module().forward(1), kind=NotImplementedError),
        "load_state_dict": lambda: same(_loaded()[0].weight, [[2, -1]]),
        "modules": lambda: len(list(net().modules())) == 3,
        "named_parameters": lambda: [n for n, _ in net().named_parameters()] == KEYS,
        "parameters": lambda: [p.shape for p in net().parameters()] == [(1, 2), (1,)],
        "state_dict": lambda: [*net().state_dict()] == KEYS,  # of arrays
        "train": _train_and_eval,
        "training": lambda: net().training and not net().eval().training,
        "zero_grad": lambda: all(p.grad is None for p in _cleared().parameters()),
    },
    "torch.nn.ModuleList": {
        "append": lambda: len(nn.ModuleList().append(nn.Tanh()).append(nn.Tanh())) == 2,
        "extend": lambda: len(nn.ModuleList().extend([nn.Tanh(), nn.Tanh()])) == 2,
    },
    "torch.nn.Sequential": {},
    "torch.optim": {
        "Adam": lambda: same(after_step(lambda p: optim.Adam(p, 0.1)), adam(1, 0)),
        "AdamW": lambda: same(after_step(lambda p: optim.AdamW(p, 0.1)), adam(1, 0.01)),
        "Optimizer": lambda: _refused(lambda: optim.Optimizer([])),
        "RMSprop": lambda: same(after_step(lambda p: optim.RMSprop(p, 0.1)), rmsprop(1)),
        # where lr changes on the way, the speed is another one: v = m v - lr g (002 §2.6)
        "SGD": lambda: same(after_step(lambda p: optim.SGD(p, 0.1, 0.9)), 1 - 0.2 - 0.38),
    },
    "torch.optim.Optimizer": {
        "step": lambda: same(after_step(lambda p: optim.SGD(p, 0.1), (3.0,)), 0.7),
        "zero_grad": lambda: same(after_step(lambda p: optim.SGD(p, 0.1), (1.0, 1.0)), 0.8),
    },
    "torch.optim.lr_scheduler": {"StepLR": _scheduled},
    "torch.autograd.Function": {"apply": _applied, "backward": _applied, "forward": _applied},
}  # fmt: skip


def _started(grad: Any) -> Any:
    x = t([1.0, 4.0])
    (x * 1.0).backward(grad)
    return x.grad


def _viewed(x: Tensor) -> Tensor:
    return x.view(2, 1) * np.array([[1.0], [2.0]])


def _of_columns() -> Tensor:
    return F.softmax(t(LOGITS), dim=0)


def _refused(*calls: Callable[[], Any], kind: Any = (TypeError, ValueError)) -> bool:
    for call in calls:
        with pytest.raises(kind):
            call()
    return True


def _added() -> Any:
    module = nn.Module()
    module.add_module("more", nn.Linear(2, 1))
    return module


def _loaded() -> Any:
    model = nn.Sequential(nn.Linear(2, 1))
    model.load_state_dict(net().state_dict(), strict=True)
    return model


def _cleared() -> Any:
    model = net()
    model(t([[1.0, 3.0]])).backward()
    model.zero_grad()
    return model
