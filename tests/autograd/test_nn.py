"""Modules: registers, modes, another engine's training, what they refuse, public names."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mytorch.gradcheck import gradcheck
from mytorch.nn.activations import Identity, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from mytorch.nn.batchnorm import BatchNorm1d
from mytorch.nn.linear import Linear
from mytorch.nn.loss import CrossEntropyLoss
from mytorch.nn.module import Module
from mytorch.nn.sequential import Sequential
from mytorch.optim.optimizer import Optimizer
from mytorch.optim.sgd import SGD
from mytorch.tensor import Tensor
from tests.conftest import Arrays
from tests.support.networks import sequential


def state(stored: Arrays, prefix: str) -> Arrays:
    return {k.removeprefix(prefix): v for k, v in stored.items() if k.startswith(prefix)}


def test_another_engine_trains_the_same(references: Callable[[str], Arrays]) -> None:
    """Weights and running statistics after four steps with momentum, by PyTorch's own names."""
    stored = references("tensor_training")
    model = sequential()
    model.load_state_dict(state(stored, "before."))
    criterion, optimizer = CrossEntropyLoss(), SGD(model.parameters(), lr=0.05, momentum=0.9)
    for step in range(4):
        optimizer.zero_grad()
        loss = criterion(model(Tensor(stored[f"x_{step}"])), Tensor(stored[f"labels_{step}"]))
        assert loss.item() == pytest.approx(stored["losses"][step], rel=1e-12)
        loss.backward()
        optimizer.step()
    after = state(stored, "after.")
    mine = model.state_dict()
    assert mine.keys() == after.keys() - {"1.num_batches_tracked"}
    for name, array in mine.items():
        np.testing.assert_allclose(array, after[name], rtol=1e-10, atol=1e-12, err_msg=name)
    model.eval()
    out = model(Tensor(stored["eval_x"]))
    np.testing.assert_allclose(out.data, stored["eval_out"], rtol=1e-10)


def test_gradients_of_a_whole_module() -> None:
    model, x = sequential(), np.random.default_rng(0).normal(size=(7, 5))
    report = gradcheck(model, x)
    assert report, report
    assert report.checked == 7 * 5 + sum(p.data.size for p in model.parameters())
    model.eval()
    report = gradcheck(model, x)
    assert report, report


def test_modes_reach_every_part() -> None:
    inner = Sequential(BatchNorm1d(2))
    model = Sequential(Linear(2, 2), Sequential(inner, ReLU()))
    model.eval()
    assert [m.is_train for m in model.modules()] == [False] * 6
    model.train()
    assert [m.is_train for m in model.modules()] == [True] * 6


def test_attributes_are_registered() -> None:
    class Net(Module):
        def __init__(self) -> None:
            self.first = Linear(2, 3)
            self.scale = Tensor([1.0], requires_grad=True, is_parameter=True)
            self.count = Tensor([0.0])
            self.name = "net"

        def forward(self, x: Tensor) -> Tensor:
            return self.first(x) * self.scale

    net = Net()
    assert [name for name, _ in net.named_parameters()] == ["scale", "first.weight", "first.bias"]
    assert list(net.state_dict()) == ["scale", "count", "first.weight", "first.bias"]
    assert net(Tensor(np.ones((4, 2)))).shape == (4, 3)
    net.scale = None  # type: ignore[assignment]
    net.first = "gone"  # type: ignore[assignment]
    assert list(net.parameters()) == []


def test_a_shared_part_is_counted_once() -> None:
    layer = Linear(2, 2)
    assert len(list(Sequential(layer, layer).parameters())) == 2


def test_sequential_is_a_sequence() -> None:
    model = sequential()
    assert len(model) == 4
    assert [type(layer) for layer in model] == [Linear, BatchNorm1d, ReLU, Linear]
    assert model[0] is model.layers[0]
    assert isinstance(model[-1], Linear)


def test_layers_are_what_is_registered() -> None:
    model = sequential()
    model.add_module("3", Linear(6, 4))
    assert model(Tensor(np.ones((2, 5)))).shape == (2, 4)
    del model[1].gamma
    assert "1.weight" not in model.state_dict()


def test_momentum_by_hand() -> None:
    """002 §2.6."""
    w = Tensor([1.0], requires_grad=True, is_parameter=True)
    optimizer = SGD([w], lr=0.1, momentum=0.5)
    for grad, expected in ((1.0, 0.9), (1.0, 0.75), (0.0, 0.675)):
        w.grad = Tensor([grad])
        optimizer.step()
        assert w.data.item() == pytest.approx(expected)
    assert optimizer.momentums[0].item() == pytest.approx(-0.075)
    optimizer.zero_grad()
    assert w.grad is None
    optimizer.step()  # a parameter without gradient stays
    assert w.data.item() == pytest.approx(0.675)


def test_a_step_is_in_no_graph_and_leaves_old_arrays_alone() -> None:
    w = Tensor([1.0], requires_grad=True, is_parameter=True)
    before = w.data
    (w * w).backward()
    SGD([w], lr=0.1).step()
    assert (w.is_leaf, w.grad_fn, w.requires_grad) == (True, None, True)
    assert before.tolist() == [1.0]


def test_float32_stays_float32_through_training() -> None:
    model = Sequential(Linear(5, 6, "float32"), BatchNorm1d(6, dtype="float32"), ReLU())
    optimizer = SGD(model.parameters(), np.float64(0.1), np.float64(0.9))  # type: ignore[arg-type]
    x = np.ones((4, 5), np.float32)
    for _ in range(2):
        optimizer.zero_grad()
        loss = CrossEntropyLoss()(model(Tensor(x)), [0, 1, 2, 3])
        loss.backward()
        optimizer.step()
    assert loss.dtype == np.float32
    assert {a.dtype for a in model.state_dict().values()} == {np.dtype(np.float32)}
    assert {v.dtype for v in optimizer.momentums} == {np.dtype(np.float32)}


@pytest.mark.parametrize("kind", [Identity, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh])
def test_activations_are_modules(kind: type[Module]) -> None:
    report = gradcheck(kind(), np.random.default_rng(0).normal(size=(3, 4)))
    assert report, report


def test_repr_shows_the_structure() -> None:
    assert repr(Sequential(Linear(2, 3), Sequential(BatchNorm1d(3), ReLU()))).splitlines() == [
        "Sequential(",
        "  (0): Linear(2, 3)",
        "  (1): Sequential(",
        "    (0): BatchNorm1d(3, eps=1e-05, momentum=0.1)",
        "    (1): ReLU()",
        "  )",
        ")",
    ]


PARAMETER = Tensor([1.0], requires_grad=True, is_parameter=True)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: Linear(5, 6)(Tensor(np.ones((2, 4)))),
            ValueError,
            r"Linear\(5, 6\): expected",
        ),
        (lambda: Linear(0, 6), ValueError, "Linear: expected in_features of at least 1, got 0"),
        (lambda: BatchNorm1d(3)(Tensor(np.ones((2, 4)))), ValueError, r"expected input \(batch, 3"),
        (lambda: BatchNorm1d(3)(Tensor(np.ones((0, 3)))), ValueError, "with at least one row, got"),
        (lambda: SGD(Tensor([1.0])), TypeError, r"a list of parameters, e.g. model.parameters\(\)"),
        (lambda: SGD(sequential()), TypeError, "got Sequential; pass model.parameters"),
        (lambda: SGD([None]), TypeError, "SGD: expected leaf tensors, got NoneType"),
        (lambda: SGD(sequential().parameters(), lr=-1), ValueError, "lr of at least 0"),
        (lambda: BatchNorm1d(3)(Tensor(np.ones((2, 1)))), ValueError, r"got \(2, 1\)"),
        (
            lambda: SGD(sequential().parameters(), "0.1"),
            TypeError,
            "expected a number as lr, got '0.1'",
        ),
        (lambda: SGD([PARAMETER, PARAMETER]), ValueError, "SGD: one parameter stands twice"),
        (lambda: SGD([Tensor([1, 2])]), TypeError, "expected parameters of floats, got int64"),
        (lambda: Sequential(3), TypeError, "Sequential: expected a Module as 0, got int"),
        (lambda: Linear(2.5, 3), TypeError, "a whole number as in_features, got 2.5"),
        (lambda: ReLU(0.5), TypeError, "ReLU: expected no arguments, got 1"),
        (lambda: Linear(2, 3)([[1.0, 2.0]]), TypeError, "expected a Tensor as input, got list"),
        (lambda: SGD([]), ValueError, "SGD: expected at least one parameter, got none"),
        (lambda: Optimizer([Tensor(1.0)]).step(), NotImplementedError, "Optimizer has no step"),
        (lambda: Module()(1), NotImplementedError, "Module has no forward yet"),
        (lambda: Module().add_module("a", 3), TypeError, "expected a Module as a, got int"),
        (lambda: Module().add_parameter("a", Tensor(1.0)), TypeError, "is_parameter=True as a"),
        (lambda: Linear(2, 2, "float16"), TypeError, "expected dtype float32 or float64"),
    ],
)
def test_what_does_not_fit_is_said(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_classes_are_found_as_in_pytorch() -> None:
    from mytorch import nn, optim
    from mytorch.functions import relu

    for name in nn.__all__:
        assert getattr(nn, name).__name__ == name
    assert optim.SGD is SGD
    assert nn.Sequential is Sequential
    assert nn.functional.relu is relu
    with pytest.raises(AttributeError, match=r"'mytorch.nn' has no attribute 'Conv4d'"):
        nn.Conv4d  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize(
    ("module", "names"),
    [
        (
            "nn.activations",
            {"ELU", "GELU", "Identity", "LeakyReLU", "ReLU", "Sigmoid", "Softmax", "Tanh"},
        ),
        ("nn.linear", {"Linear"}),
        ("nn.batchnorm", {"BatchNorm1d", "BatchNorm2d"}),
        ("nn.loss", {"CrossEntropyLoss"}),
        ("nn.sequential", {"Sequential"}),
        ("nn.module", {"Module"}),
        ("optim.sgd", {"SGD"}),
        ("optim.optimizer", {"Optimizer"}),
        ("tensor", {"Tensor"}),
    ],
)
def test_star_imports_give_the_public_classes_only(module: str, names: set[str]) -> None:
    space: dict[str, Any] = {}
    exec(f"from mytorch.{module} import *", space)
    assert space.keys() - {"__builtins__"} == names
