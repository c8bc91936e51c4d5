"""Copies of a graph, by `copy` and pickle: of any depth, and right."""

import copy
import pickle
import sys
from typing import Any

import numpy as np
import pytest

from mytorch import nn
from mytorch.autograd_engine import ContextManager, Function
from mytorch.tensor import Tensor

DEPTH = sys.getrecursionlimit()


def pickled(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))


def deep(x: Tensor) -> Tensor:
    """`x` times 2, after many operations, each of which saves what came before."""
    y = x
    for _ in range(DEPTH):
        y = y * 1.0 + x * 0.0
    return y * 2


@pytest.mark.parametrize("method", [copy.deepcopy, pickled])
def test_a_deep_graph_is_copied(method: Any) -> None:
    """Each level of recursion would need several calls inside each other."""
    x = Tensor([1.0, 3.0], requires_grad=True)
    y = deep(x)
    same, again = method((x, y))
    again.sum().backward()
    assert same.grad.tolist() == [2, 2]
    assert x.grad is None
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2, 2]
    alone = method(deep(x))
    assert np.array_equal(alone.data, [2, 6])
    alone.backward()


@pytest.mark.parametrize("method", [copy.deepcopy, pickled])
def test_what_is_shared_in_a_graph_is_shared_in_its_copy(method: Any) -> None:
    x = Tensor([2.0], requires_grad=True)
    y = x * x
    a, b = y * 3, y.exp()
    leaf, twin_a, twin_b, twin_y = method([x, a, b, y])
    assert twin_a.grad_fn.next_functions[0] is twin_b.grad_fn.next_functions[0] is twin_y.grad_fn
    assert twin_y.grad_fn is not y.grad_fn
    (twin_a + twin_b).backward()
    np.testing.assert_allclose(leaf.grad.data, 12 + 4 * np.exp(4))


def test_a_node_alone_and_a_shallow_copy() -> None:
    x = Tensor([2.0], requires_grad=True)
    y = x * x
    assert copy.copy(y).grad_fn is y.grad_fn
    for method in (copy.deepcopy, pickled):
        node = method(deep(x).grad_fn)
        assert repr(node) == "MulBackward"


def operations(node: Any) -> list[str]:
    """The names of all nodes of a graph that is a tree."""
    return [repr(node)] + [name for n in node.next_functions if n for name in operations(n)]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("method", [copy.deepcopy, pickled])
def test_a_copied_module_has_the_graph_of_the_first(method: Any, dtype: Any) -> None:
    """Arrays that were pickled have a dtype of their own, which is equal to NumPy's: no cast."""
    linear, bias = nn.Linear(3, 2, dtype=dtype), nn.Linear(2, 2, bias=False, dtype=dtype)
    model = nn.Sequential(linear, nn.BatchNorm1d(2, dtype=dtype), bias)
    x = Tensor(np.arange(12.0).reshape(4, 3).astype(dtype))
    first, second = model(x), method(model)(x)
    assert operations(second.grad_fn) == operations(first.grad_fn)
    assert not any("Cast" in name for name in operations(first.grad_fn))
    assert np.array_equal(first.data, second.data)
    other = Tensor(x.data.astype(np.float32 if dtype is np.float64 else np.float64), True)
    assert "CastBackward" in operations(method(model)(other).grad_fn)


GRADS: list[Tensor] = []


class Kept(Function):
    """Its gradient is no copy: `backward` says that nothing else refers to it."""

    fresh_gradients = True

    @staticmethod
    def forward(ctx: ContextManager, x: Tensor) -> Tensor:
        return x.wrap(x.data * 2)

    @staticmethod
    def backward(ctx: ContextManager, grad: Tensor) -> Tensor:
        GRADS.append(grad.wrap(np.full(grad.shape, 2.0)))
        return GRADS[-1]


def test_a_copied_leaf_keeps_a_fresh_gradient_itself() -> None:
    leaf = pickled(Tensor([1.0, 3.0], requires_grad=True))
    Kept.apply(leaf).backward()
    assert leaf.grad is GRADS[-1]
