"""When a graph is freed, and what is said of a part that is gone."""

import gc
import weakref
from typing import Any

import pytest

from mytorch.autograd_engine import ContextManager, Function
from mytorch.nn import functional as F
from mytorch.tensor import Tensor
from tests.support.tensors import grad, leaf


def test_the_graph_is_released() -> None:
    x, factor = leaf([1.0, 2.0]), Tensor([1.0, 2.0])
    kept = weakref.ref(factor)
    y = x * factor
    node = y.grad_fn
    z = y.sum()
    del y, factor
    assert kept() is not None  # for the backward pass of Mul
    z.backward()
    assert kept() is None
    assert node is not None
    assert node.released
    assert node.next_functions == []
    with pytest.raises(RuntimeError, match=r"Sum: this part of the graph was released .* retain"):
        z.backward()
    assert grad(x) == [1, 2]


@pytest.mark.parametrize(
    "operation", [F.relu, F.sigmoid, F.tanh, F.softmax, F.log_softmax, Tensor.exp, lambda t: t**2]
)
def test_a_graph_that_nobody_walks_is_freed_at_once(operation: Any) -> None:
    """No circle holds it until the garbage collector comes."""
    x = leaf([[1.0, 2.0]])
    gc.disable()
    try:
        y = operation(x)
        kept = weakref.ref(y)
        del y
        assert kept() is None
    finally:
        gc.enable()


def test_a_shared_part_that_is_gone_is_named() -> None:
    x = leaf(3)
    shared = x * x
    (shared + 1).backward()
    with pytest.raises(RuntimeError, match="Mul: this part of the graph was released"):
        (shared + 2).backward()


def test_retained_graphs_can_be_walked_again() -> None:
    x = leaf(3)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert grad(x) == 12
    with pytest.raises(RuntimeError, match="was released"):
        y.backward()


def test_a_part_that_is_gone_and_gets_no_gradient_is_passed_by() -> None:
    class Second(Function):
        @staticmethod
        def forward(ctx: ContextManager, a: Tensor, b: Tensor) -> Tensor:
            return Tensor(b.data)

        @staticmethod
        def backward(ctx: ContextManager, grad_output: Tensor) -> Any:
            return None, grad_output

    a, b = leaf([1.0]), leaf([2.0])
    deep = (a * a) * a
    (deep + 1).backward()
    Second.apply(deep, b).backward()
    assert (grad(a), grad(b)) == ([3], [1])
