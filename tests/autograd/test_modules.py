"""Modules by PyTorch's names: modes, keywords, lists, parameters that would be forgotten."""

from typing import Any

import numpy as np
import pytest

from mytorch.nn import BatchNorm1d, Linear, Module, ModuleList, MSELoss, ReLU, Sequential, Softmax
from mytorch.nn import functional as F
from mytorch.nn.classic import from_mlp, to_mlp
from mytorch.optim import SGD
from mytorch.tensor import Tensor


class Scaled(Module):
    def __init__(self) -> None:
        self.inner = Linear(2, 2)

    def forward(self, x: Tensor, *, scale: float = 1.0) -> Any:
        return self.inner(x) * scale


def test_modes_return_the_module_and_reach_every_part() -> None:
    model = Sequential(BatchNorm1d(2), Scaled())
    assert model.eval() is model
    assert [m.training for m in model.modules()] == [False] * 4
    assert model.train() is model
    assert model.train(False) is model
    assert [m.is_train for m in model.modules()] == [False] * 4
    assert model.train(True).training
    with pytest.raises(TypeError, match="Sequential: expected True or False as mode"):
        model.train("yes")


def test_forward_takes_keywords_and_gradients_are_cleared() -> None:
    model, x = Scaled(), Tensor(np.ones((3, 2)))
    assert (model(x, scale=3.0).data == 3 * model(x).data).all()
    model(x).backward()
    assert all(p.grad is not None for p in model.parameters())
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())


def test_a_linear_layer_without_bias() -> None:
    layer = Linear(3, 2, bias=False)
    assert layer.bias is None
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
    assert repr(layer) == "Linear(3, 2, bias=False)"
    x = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    out = layer(x)
    np.testing.assert_allclose(out.data, x.data @ layer.weight.data.T)
    out.backward()
    assert x.grad is not None
    assert layer.weight.grad is not None
    np.testing.assert_allclose(layer.weight.grad.data, np.tile(x.data.sum(axis=0), (2, 1)))
    np.testing.assert_allclose(x.grad.data, np.tile(layer.weight.data.sum(axis=0), (2, 1)))
    mlp = to_mlp(Sequential(layer, Softmax(dim=1), Linear(2, 2)))
    np.testing.assert_allclose(mlp.linear_layers[0].b, 0)
    np.testing.assert_allclose(from_mlp(mlp)(x).data, mlp(x.data))


def test_a_slice_of_a_sequential_is_one() -> None:
    model = Sequential(Linear(2, 3), ReLU(), Linear(3, 1))
    assert isinstance(model[:2], Sequential)
    assert model[:2][0] is model[0]
    assert len(list(model[1:].parameters())) == 2


class Doubled(Linear):
    """A layer with a `__call__` of its own, which PyTorch would run, too."""

    def __call__(self, x: Tensor) -> Tensor:
        return super().__call__(x) * 2.0  # type: ignore[no-any-return]


def test_a_layer_with_a_call_of_its_own_is_called_in_a_sequential() -> None:
    layer, x = Doubled(3, 2), np.arange(12.0).reshape(4, 3)
    assert layer.bias is not None
    expected = 2 * (x @ layer.weight.data.T + layer.bias.data)
    np.testing.assert_allclose(Sequential(layer)(Tensor(x)).data, expected)


def test_a_list_of_modules_is_trained() -> None:
    class Deep(Module):
        def __init__(self) -> None:
            self.steps = ModuleList([Linear(2, 2), Linear(2, 2)]).append(Linear(2, 1))

        def forward(self, x: Tensor) -> Tensor:
            for step in self.steps:
                x = step(x)
            return x

    model = Deep()
    assert len(model.steps) == 3
    assert isinstance(model.steps[1:], ModuleList)
    names = [name for name, _ in model.named_parameters()]
    assert names == [f"steps.{i}.{kind}" for i in range(3) for kind in ("weight", "bias")]
    before = model.state_dict()
    optimizer = SGD(model.parameters(), 0.1)
    model(Tensor(np.ones((4, 2)))).sum().backward()
    optimizer.step()
    assert not any(np.array_equal(before[n], a) for n, a in model.state_dict().items())


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("steps", [Linear(2, 2)], "got Linear in a list as steps.*write steps = ModuleList"),
        ("steps", (ReLU(), [Linear(2, 2)]), "got ReLU in a tuple as steps"),
        ("steps", {"a": [{"b": Linear(2, 2)}]}, "got Linear in a dict as steps"),
        (
            "w",
            [Tensor([1.0], requires_grad=True, is_parameter=True)],
            r"got Tensor in a list as w.*or add_parameter\(name, tensor\)",
        ),
        (
            "w",
            Tensor([1.0], requires_grad=True),
            r"expected a parameter as w.*write Tensor\(..., requires_grad=True, is_parameter=True",
        ),
    ],
)
def test_what_no_optimizer_would_find_is_said(name: str, value: Any, message: str) -> None:
    model = Scaled()
    deep = Scaled()
    model.inner.add_module("deep", deep)
    for part in (model, deep):
        setattr(part, name, value)
        for call in (lambda: SGD(model.parameters(), 0.1), model.named_parameters, model.zero_grad):
            with pytest.raises(TypeError, match=rf"(?s)^Scaled: .*{message}"):
                call()
        delattr(part, name)
    assert len(list(model.parameters())) == 4


def test_what_is_registered_elsewhere_or_an_output_may_be_kept() -> None:
    model = Scaled()
    model.order = [model.inner]
    model.table = {"first": model.inner, "n": [1, "text", None]}
    model.out = model(Tensor(np.ones((1, 2))))
    model.count = Tensor([0.0])
    assert len(list(model.parameters())) == 2
    assert list(model.state_dict()) == ["count", "inner.weight", "inner.bias"]


def test_a_state_that_fits_in_part() -> None:
    model, other = Sequential(Linear(2, 3), ReLU()), Sequential(Linear(2, 3), Linear(3, 1))
    differences = model.load_state_dict(other.state_dict(), strict=False)
    assert differences.missing_keys == []
    assert differences.unexpected_keys == ["1.bias", "1.weight"]
    assert np.array_equal(model[0].weight.data, other[0].weight.data)
    before = other[1].weight.data.copy()
    assert other.load_state_dict(model.state_dict(), strict=False).missing_keys == [
        "1.bias",
        "1.weight",
    ]
    assert np.array_equal(other[1].weight.data, before)
    assert model.load_state_dict(model.state_dict()) == ([], [])
    with pytest.raises(ValueError, match=r"1.bias, 1.weight are unknown"):
        model.load_state_dict(other.state_dict())
    with pytest.raises(ValueError, match=r"expected 0.weight \(3, 2\), got \(2,\)"):
        model.load_state_dict({"0.weight": np.ones(2)}, strict=False)


def test_the_mean_squared_error() -> None:
    out, target = Tensor([[1.0], [3.0]], requires_grad=True), np.array([[0.0], [1.0]])
    loss = MSELoss()(out, target)
    assert loss.item() == 2.5
    loss.backward()
    assert out.grad is not None
    assert out.grad.tolist() == [[1], [2]]
    assert F.mse_loss(out, Tensor(target), reduction="sum").item() == 5
    assert MSELoss(reduction="none")(out, target).tolist() == [[1], [4]]
    with pytest.raises(ValueError, match=r"\(2, 1\), got \(2,\); write np.reshape\(target, \(2, 1"):
        MSELoss()(out, target[:, 0])
    with pytest.raises(ValueError, match="expected 'mean', 'sum' or 'none' as reduction"):
        MSELoss(reduction="average")


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_squares_beyond_the_dtype_are_infinite_without_a_warning(reduction: str) -> None:
    out = Tensor(np.array([[1e30, 1.0]], np.float32), requires_grad=True)
    loss = MSELoss(reduction=reduction)(out, np.array([[-1e30, 1.0]]))
    assert np.isinf(loss.data).any()
    loss.backward()
    assert out.grad is not None
    assert out.grad.dtype == np.float32
    share = 1 if reduction == "mean" else 2  # of two numbers; d/dx (x - y)^2 = 2 (x - y)
    assert np.allclose(out.grad.data, [[share * 2e30, 0]])
