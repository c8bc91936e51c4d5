"""The graph and the walk over it: nodes, gradients over all paths, `no_grad`, the walk's length."""

import threading
from typing import Any

import numpy as np
import pytest

from mytorch.autograd_engine import (
    AccumulateGrad,
    BackwardFunction,
    ContextManager,
    backward,
    no_grad,
)
from mytorch.nn.functional import Add, Mul
from mytorch.nn.linear import Linear
from mytorch.tensor import Tensor
from tests.support.tensors import grad, leaf


def test_the_worked_example_by_hand() -> None:
    """002 §0.1: a and c get gradients over all their paths, b gets none."""
    a, b, c = leaf(1), Tensor(2.0), leaf(3)
    d = a + a * b
    e = (d + c) + 3
    e.backward()
    assert (e.item(), grad(a), b.grad, grad(c)) == (9, 3, None, 1)
    assert d.grad is None
    assert e.grad is None


def test_nodes_are_as_the_homework_describes() -> None:
    """002 app. A: the three kinds of inputs."""
    a, b = leaf(1), Tensor(2.0)
    product = a * b
    node = product.grad_fn
    assert isinstance(node, BackwardFunction)
    assert node.function is Mul
    first, second = node.next_functions
    assert isinstance(first, AccumulateGrad)
    assert first.variable is a
    assert first.next_functions == []
    assert second is None
    total = product + a
    assert total.grad_fn is not None
    assert total.grad_fn.next_functions[0] is node
    assert (product.requires_grad, product.is_leaf) == (True, False)
    constant = b * 3
    assert (constant.requires_grad, constant.is_leaf, constant.grad_fn) == (False, True, None)


@pytest.mark.slow
def test_a_long_chain_neither_overflows_nor_loses_anything() -> None:
    x = leaf(1)
    y, product = x, 1.0
    for i in range(50_000):
        factor = 2.0 if i % 2 else 0.5
        y = y * factor + 1
        product *= factor
        if i == 30_000:
            y, product = y * 3, product * 3
    y.backward()
    assert grad(x) == product == 3
    del y
    unused = x
    for _ in range(100_000):
        unused = unused + 1
    del unused  # a graph that nobody walks is freed without recursion too


def test_a_diamond_of_sixty_levels_is_walked_once() -> None:
    x = leaf(1)
    y = x
    for _ in range(60):
        y = y + y
    calls = 0
    add_backward = Add.backward

    def counted(ctx: ContextManager, g: Tensor) -> Any:
        nonlocal calls
        calls += 1
        return add_backward(ctx, g)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Add, "backward", staticmethod(counted))
        y.backward()
    assert grad(x) == 2.0**60
    assert calls == 60


def test_gradients_add_up_over_calls() -> None:
    x = leaf([1, 2])
    (x * 3).backward()
    (x * 4).backward()
    assert grad(x) == [7, 7]


def test_a_node_waits_for_all_that_use_it() -> None:
    """The long way round must not come after its own end."""
    x = leaf(2)
    shared = x * x
    long = shared
    for _ in range(5):
        long = long + 0
    (shared * long).backward()
    assert grad(x) == 4 * 2.0**3


def test_a_non_scalar_starts_from_ones() -> None:
    x = leaf([[1, 2], [3, 4]])
    (x * x).backward()
    assert grad(x) == [[2, 4], [6, 8]]


def test_a_leaf_of_its_own() -> None:
    x = leaf([1, 2])
    x.backward()
    assert grad(x) == [1, 1]


def test_no_gradient_array_is_shared() -> None:
    a, b = leaf([1, 2]), leaf([3, 4])
    out = a + b
    out.backward()
    assert a.grad is not None
    assert b.grad is not None
    assert not np.shares_memory(a.grad.data, b.grad.data)
    a.grad.data[0] = 99
    assert grad(b) == [1, 1]


def test_no_grad() -> None:
    x = leaf(2)
    with no_grad():
        y = x * x
        with no_grad():
            pass
        z = y + x
    assert not y.requires_grad
    assert z.grad_fn is None
    assert (x * x).requires_grad
    with pytest.raises(ZeroDivisionError), no_grad():
        raise ZeroDivisionError
    assert (x * x).requires_grad


def test_no_grad_is_for_its_own_thread() -> None:
    x, results = leaf(2), []
    inside, done = threading.Event(), threading.Event()

    def other() -> None:
        inside.wait()
        results.append((x * x).requires_grad)
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with no_grad():
        inside.set()
        done.wait()
    thread.join()
    assert results == [True]


def test_gradients_stay_in_the_dtype_of_their_leaf() -> None:
    x = Tensor(np.ones(2, np.float32), requires_grad=True)
    w = Tensor(np.ones(2))
    (x * w + x * w).backward()
    assert x.grad is not None
    assert x.grad.dtype == np.float32


def test_a_leaf_keeps_no_array_that_somebody_else_has() -> None:
    """Not even of an operation whose gradients are its own."""
    layer, upstream = Linear(3, 2), np.ones((4, 2))
    x = leaf(np.ones((4, 3)))
    y = layer(x)
    given = Tensor(upstream)
    backward(y.grad_fn, given, retain_graph=True)
    first = layer.weight.grad
    assert first is not None
    kept = first.data.copy()
    backward(y.grad_fn, given)
    assert np.array_equal(first.data, kept)
    grads = [t.grad.data for t in (x, layer.weight, layer.bias) if t.grad is not None]
    arrays = [*grads, first.data, upstream, x.data, layer.weight.data, layer.bias.data]
    assert len(grads) == 3
    for i, one in enumerate(arrays):
        assert not any(np.shares_memory(one, other) for other in arrays[:i])
    np.testing.assert_allclose(grads[1], 2 * kept)


def test_backward_without_a_graph_is_refused() -> None:
    with pytest.raises(RuntimeError, match=r"backward\(\) on a tensor \(2,\) that no graph leads"):
        Tensor([1.0, 2.0]).backward()
    with no_grad():
        y = leaf(1) * 2
    with pytest.raises(RuntimeError, match="none of the tensors it was computed from"):
        y.backward()


def test_a_gradient_of_another_shape_is_refused() -> None:
    x = leaf(np.ones((2, 3)))
    node = AccumulateGrad(x)
    with pytest.raises(ValueError, match=r"expected a gradient of the tensor's shape \(2, 3\)"):
        node.apply(Tensor(np.ones(3)))


def test_backward_called_directly() -> None:
    x = leaf([1, 2])
    y = x * 3
    backward(y.grad_fn, Tensor([10.0, 20.0]))
    assert grad(x) == [30, 60]
    backward(None, Tensor(1.0))
    backward(AccumulateGrad(x), Tensor([1.0, 1.0]))
    assert grad(x) == [31, 61]


def test_the_walk_is_linear_in_the_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    """2,000 levels of two products and a sum have 2^2000 paths and 6,000 nodes."""
    visits = 0
    apply = BackwardFunction.apply

    def counted(node: BackwardFunction, g: Tensor) -> Any:
        nonlocal visits
        visits += 1
        return apply(node, g)

    monkeypatch.setattr(BackwardFunction, "apply", counted)
    x = leaf(1)
    y = x
    for _ in range(2000):
        y = y * 0.5 + y * 0.5
    y.backward()
    assert grad(x) == 1
    assert visits == 6000
