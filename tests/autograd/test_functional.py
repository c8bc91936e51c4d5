"""Operations on tensors: every gradient against finite differences, broadcast shapes included."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import (
    array_shapes,
    basic_indices,
    integer_array_indices,
    mutually_broadcastable_shapes,
)

from mytorch.gradcheck import gradcheck
from mytorch.nn import functional as F
from mytorch.tensor import Tensor

shapes = st.lists(st.integers(1, 4), max_size=3).map(tuple)
seeds = st.integers(0, 1000)


def numbers(shape: tuple[int, ...], seed: int, positive: bool = False) -> Any:
    """Numbers away from 0, so that no quotient or logarithm is steep; all different."""
    rng = np.random.default_rng(seed)
    size = int(np.prod(shape))
    values = 0.5 + rng.permutation(size) / max(size, 1) + rng.uniform(0, 0.5 / max(size, 1), size)
    signs = 1 if positive else rng.choice([-1, 1], size)
    return (values * signs).reshape(shape)


BINARY = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "same twice": lambda a, b: a * b + a / b - a,
}

UNARY: dict[str, Callable[[Tensor], Tensor]] = {
    "neg": lambda a: -a,
    "exp": lambda a: a.exp(),
    "square": lambda a: a**2,
    "cube": lambda a: a.power(3),
    "sum": lambda a: a.sum(),
    "mean": lambda a: a.mean(),
    "max": lambda a: a.max(),
    "transpose": lambda a: a.T(),
    "flat": lambda a: a.reshape(-1),
    "relu": F.relu,
    "leaky_relu": lambda a: F.leaky_relu(a, 0.2),
    "sigmoid": F.sigmoid,
    "tanh": F.tanh,
    "2 + a": lambda a: 2 + a,
    "2 - a": lambda a: 2 - a,
    "2 * a": lambda a: 2 * a,
    "2 / a": lambda a: 2 / a,
    "2 ** a": lambda a: 2**a,
    "a / 2": lambda a: a / 2,
    "all of an array": lambda a: np.float64(3) * a + np.ones(1) / a - a * [2.0],
}


@pytest.mark.parametrize("name", BINARY)
@given(shapes=mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3), seed=seeds)
def test_two_operands_of_all_shapes_that_broadcast(name: str, shapes: Any, seed: int) -> None:
    a, b = (numbers(s, seed + i) for i, s in enumerate(shapes.input_shapes))
    report = gradcheck(BINARY[name], a, b)
    assert report, report
    assert report.checked == a.size + b.size
    out = BINARY[name](Tensor(a), Tensor(b)).data
    assert out.shape == shapes.result_shape
    np.testing.assert_allclose(out, BINARY[name](a, b))


@given(shapes=mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3), seed=seeds)
def test_powers(shapes: Any, seed: int) -> None:
    a = numbers(shapes.input_shapes[0], seed, positive=True)
    b = numbers(shapes.input_shapes[1], seed + 1)
    report = gradcheck(lambda a, b: a**b, a, b)
    assert report, report


@pytest.mark.parametrize("name", UNARY)
@given(shape=shapes, seed=seeds)
def test_one_operand(name: str, shape: tuple[int, ...], seed: int) -> None:
    a = numbers(shape, seed)
    report = gradcheck(UNARY[name], a)
    assert report, report
    assert report.checked == a.size


@given(shape=shapes, seed=seeds)
def test_logarithm(shape: tuple[int, ...], seed: int) -> None:
    report = gradcheck(lambda a: a.log(), numbers(shape, seed, positive=True))
    assert report, report


@given(data=st.data(), seed=seeds)
@pytest.mark.parametrize("name", ["sum", "mean", "max"])
def test_reductions_over_axes(name: str, data: Any, seed: int) -> None:
    shape = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple))
    axis: Any = data.draw(st.integers(-len(shape), len(shape) - 1))
    if name not in ("max", "min") and data.draw(st.booleans()):
        axis = tuple(range(len(shape)))[: data.draw(st.integers(1, len(shape)))]
    keepdims = data.draw(st.booleans())
    a = numbers(shape, seed)
    report = gradcheck(lambda t: getattr(t, name)(axis=axis, keepdims=keepdims), a)
    assert report, report
    out = getattr(Tensor(a), name)(axis=axis, keepdims=keepdims).data
    np.testing.assert_allclose(out, getattr(a, name)(axis=axis, keepdims=keepdims))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((2, 3), (3, 4)), ((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((5, 2, 3), (3, 4)),
        ((5, 2, 3), (5, 3, 4)), ((2, 3), (5, 3, 4)), ((1, 2, 3), (5, 3, 1)), ((3,), (5, 3, 2)),
        ((5, 2, 3), (3,)), ((1, 1), (1, 1)),
    ],
)  # fmt: skip
def test_matrix_products_of_all_kinds(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    a, b = numbers(left, 0), numbers(right, 1)
    report = gradcheck(lambda a, b: a @ b, a, b)
    assert report, report
    np.testing.assert_allclose(Tensor(a).matmul(Tensor(b)).data, a @ b)


@given(
    stack=mutually_broadcastable_shapes(num_shapes=2, max_dims=2, max_side=3),
    sizes=st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4)),
    seed=seeds,
)
def test_matrix_products(stack: Any, sizes: tuple[int, int, int], seed: int) -> None:
    rows, inner, columns = sizes
    a = numbers((*stack.input_shapes[0], rows, inner), seed)
    b = numbers((*stack.input_shapes[1], inner, columns), seed + 1)
    report = gradcheck(lambda a, b: a @ b, a, b)
    assert report, report


@given(data=st.data(), seed=seeds)
def test_drawn_indices(data: Any, seed: int) -> None:
    shape = data.draw(array_shapes(max_dims=3, max_side=4))
    key = data.draw(basic_indices(shape) | integer_array_indices(shape))
    a = numbers(shape, seed)
    report = gradcheck(lambda t: t[key], a)
    assert report, report
    assert np.array_equal(Tensor(a)[key].data, a[key])


@pytest.mark.parametrize(
    "key",
    [
        0, -1, slice(1, 3), (slice(None), 1), (..., 0), None, [0, 0, 2],
        np.array([True, False, True]),
        (np.array([0, 2, 0]), np.array([1, 1, 1])), Tensor([2, 2]), (Tensor([0, 1]), slice(0, 2)),
    ],
    ids=str,
)  # fmt: skip
def test_indexing(key: Any) -> None:
    a = numbers((3, 4), 0)
    report = gradcheck(lambda t: t[key], a)
    assert report, report
    parts = key if isinstance(key, tuple) else (key,)
    plain = tuple(p.data if isinstance(p, Tensor) else p for p in parts)
    assert np.array_equal(Tensor(a)[key].data, a[plain])


@given(data=st.data(), seed=seeds)
def test_concatenation(data: Any, seed: int) -> None:
    shape = data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    sizes = data.draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    arrays = []
    for i, size in enumerate(sizes):
        shape[axis] = size
        arrays.append(numbers(tuple(shape), seed + i))
    report = gradcheck(lambda *tensors: F.concatenate(tensors, axis), *arrays)
    assert report, report
    joined = F.concatenate([Tensor(a) for a in arrays], axis).data
    assert np.array_equal(joined, np.concatenate(arrays, axis))


@given(shape=st.tuples(st.integers(1, 4), st.integers(1, 4)), seed=seeds)
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "cross_entropy", "reshape"])
def test_operations_on_rows(name: str, shape: tuple[int, int], seed: int) -> None:
    labels = np.random.default_rng(seed).integers(0, shape[1], shape[0])
    functions: dict[str, Any] = {
        "softmax": F.softmax,
        "log_softmax": F.log_softmax,
        "cross_entropy": lambda a: F.cross_entropy(a, Tensor(labels)),
        "reshape": lambda a: a.reshape(shape[1], shape[0]) * a.reshape((shape[1], shape[0])),
    }
    report = gradcheck(functions[name], np.random.default_rng(seed).normal(size=shape))
    assert report, report


@given(
    shape=st.tuples(st.integers(1, 6), st.integers(1, 4)),
    eps=st.sampled_from([1e-5, 1e-2]),
    seed=seeds,
)
def test_batch_norm(shape: tuple[int, int], eps: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, gamma, beta = rng.normal(size=shape), *rng.normal(size=(2, shape[1]))
    report = gradcheck(lambda x, g, b: F.normalize_batch(x, g, b, eps), x, gamma, beta, rng=seed)
    assert report, report
