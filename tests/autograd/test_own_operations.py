"""Operations that a user writes: a subclass of Function with forward and backward."""

from typing import Any

import numpy as np
import pytest

from mytorch.autograd_engine import ContextManager, Function, no_grad
from mytorch.nn import functional as F
from mytorch.tensor import Tensor
from tests.support.tensors import grad, leaf


def test_what_an_operation_says_of_its_output_does_not_count() -> None:
    class Eager(Function):
        """Sets the attributes itself, as the homework's template does; returns its own input."""

        @staticmethod
        def forward(ctx: ContextManager, a: Tensor, same: bool) -> Tensor:
            return a if same else Tensor(a.data * 2, requires_grad=True, is_leaf=False)

        @staticmethod
        def backward(ctx: ContextManager, grad_output: Tensor) -> Any:
            return grad_output, None

    x = leaf([1.0])
    with no_grad():
        y = Eager.apply(x, False)
        same = Eager.apply(x, True)
    assert (y.requires_grad, y.is_leaf) == (False, True)
    assert (same.requires_grad, x.requires_grad) == (False, True)
    z = Eager.apply(x, True)
    assert z is not x
    assert x.is_leaf
    z.backward()
    assert grad(x) == [1]
    with pytest.raises(RuntimeError, match="no leaf and has no graph"):
        Tensor(1.0, requires_grad=True, is_leaf=False).backward()


def test_an_operation_may_have_no_gradient_for_an_input() -> None:
    class Cut(Function):
        @staticmethod
        def forward(ctx: ContextManager, a: Tensor, b: Tensor) -> Tensor:
            return Tensor(a.data + b.data)

        @staticmethod
        def backward(ctx: ContextManager, grad_output: Tensor) -> Any:
            return None, grad_output

    a, b = leaf([1.0]), leaf([2.0])
    product = a * a
    (Cut.apply(product, b * 3) + product).backward()
    assert (grad(a), grad(b)) == ([2], [3])
    c = leaf([1.0])
    Cut.apply(c * c, b).backward()
    assert c.grad is None


def test_non_tensors_are_refused() -> None:
    with pytest.raises(TypeError, match="ReLU: expected tensors, got ndarray"):
        F.relu(np.ones(2))  # type: ignore[arg-type]


class Double(Function):
    """A user's own operation."""

    gradients: Any = 1

    @staticmethod
    def forward(ctx: ContextManager, a: Tensor, factor: int) -> Tensor:
        ctx.factor = factor
        return Tensor(a.data * factor)

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> Any:
        return Tensor(grad_output.data * ctx.factor), *[None] * Double.gradients


def test_an_operation_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    x = leaf([1, 2])
    Double.apply(x, 3).backward()
    assert grad(x) == [3, 3]
    monkeypatch.setattr(Double, "gradients", 0)
    with pytest.raises(ValueError, match=r"Double.backward: expected 2 gradients, .* got 1"):
        Double.apply(x, 3).backward()


def test_unimplemented_parts_say_so() -> None:
    with pytest.raises(NotImplementedError, match="a Function needs a forward"):
        Function.apply(leaf(1))
    with pytest.raises(NotImplementedError, match="a Function needs a backward"):
        Function.backward(ContextManager(), leaf(1))
