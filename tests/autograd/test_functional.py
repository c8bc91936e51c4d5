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

from mytorch.autograd_engine import ContextManager
from mytorch.gradcheck import gradcheck
from mytorch.nn import functional as F
from mytorch.tensor import Tensor
from tests.conftest import Arrays

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


@pytest.mark.parametrize("wide", range(3))
def test_one_argument_of_batch_norm_may_have_a_wider_dtype(wide: int) -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=(4, 3)), *rng.normal(size=(2, 3))]
    given = [a.astype(np.longdouble if i == wide else float) for i, a in enumerate(arrays)]
    gradients = []
    for dtypes in (given, arrays):
        tensors = [Tensor(a, requires_grad=True) for a in dtypes]
        (F.normalize_batch(*tensors) * Tensor(arrays[0])).sum().backward()
        gradients.append([t.grad.data for t in tensors if t.grad is not None])
    for found, right in zip(*gradients, strict=True):
        np.testing.assert_allclose(found.astype(float), right, rtol=0, atol=1e-12)


def test_activations_are_those_of_the_other_engine(references: Callable[[str], Arrays]) -> None:
    stored = references("activations")
    for name in ("sigmoid", "tanh", "relu", "leaky_relu", "softmax"):
        z = Tensor(stored["z"], requires_grad=True)
        out = getattr(F, name)(z)
        (out * Tensor(stored["upstream"])).backward()
        np.testing.assert_allclose(out.data, stored[f"{name}_out"], rtol=1e-13, atol=1e-300)
        assert z.grad is not None
        np.testing.assert_allclose(z.grad.data, stored[f"{name}_grad"], rtol=1e-12, atol=1e-15)


def test_cross_entropy_is_the_mean_with_its_gradient_by_hand() -> None:
    """002 app. B: the gradient is (softmax - target) / batch."""
    logits = Tensor([[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]], requires_grad=True)
    loss = F.cross_entropy(logits, Tensor([0, 1, 1]))
    assert loss.shape == ()
    assert loss.item() == pytest.approx(np.log(2))
    loss.backward()
    assert logits.grad is not None
    np.testing.assert_allclose(logits.grad.data, np.array([[-1, 1], [1, -1], [1, -1]]) / 6)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "uint64", ">i4"])
def test_labels_of_any_integer_dtype(dtype: str) -> None:
    loss = F.cross_entropy(Tensor(np.log([[1.0, 3.0], [1.0, 1.0]])), np.array([1, 0], dtype))
    assert loss.item() == pytest.approx((np.log(4 / 3) + np.log(2)) / 2)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cross_entropy_at_the_ends_of_the_range(dtype: Any) -> None:
    """The loss of a row may be the dtype's largest number; the mean of several is no infinity."""
    large = np.finfo(dtype).max
    logits = Tensor(np.array([[large, 0.0], [large, 0.0], [0.0, 0.0]], dtype), requires_grad=True)
    loss = F.cross_entropy(logits, [1, 1, 0])
    assert loss.dtype == dtype
    np.testing.assert_allclose(loss.item() / float(large), 2 / 3, rtol=1e-6)
    for times in (1, 2):
        loss.backward(retain_graph=True)
        assert logits.grad is not None
        expected = np.array([[1, -1], [1, -1], [-0.5, 0.5]]) / 3 * times
        np.testing.assert_allclose(logits.grad.data, expected, rtol=1e-6)
        assert logits.grad.dtype == dtype


def test_log_softmax_far_out() -> None:
    out = F.log_softmax(Tensor([[1e4, 0.0, -1e4]])).data
    assert out.tolist() == [[0.0, -1e4, -2e4]]


def test_each_operation_is_usable_alone() -> None:
    """As the homework's own tests call them: forward(ctx, ...), then backward(ctx, grad)."""
    ctx = ContextManager()
    out = F.Add.forward(ctx, Tensor(np.ones((2, 3))), Tensor(np.ones(3)))
    grads = F.Add.backward(ctx, Tensor(np.ones((2, 3))))
    assert isinstance(out, Tensor)
    assert [g.shape for g in grads if g is not None] == [(2, 3), (3,)]
    ctx = ContextManager()
    F.Mul.forward(ctx, Tensor(2.0), Tensor(3.0))
    assert [g.item() for g in F.Mul.backward(ctx, Tensor(1.0)) if g is not None] == [3, 2]
    ctx = ContextManager()
    F.MatMul.forward(ctx, Tensor(np.ones((2, 3))), Tensor(np.ones((3, 4))))
    grads = F.MatMul.backward(ctx, Tensor(np.ones((2, 4))))
    assert [g.shape for g in grads if g is not None] == [(2, 3), (3, 4)]


def test_settings_may_be_left_out() -> None:
    for operation in (F.Sum, F.Mean, F.Max, F.LeakyReLU):
        x = Tensor([[1.0, 2.0]], requires_grad=True)
        operation.apply(x).backward()
        assert x.grad is not None


def test_unbroadcast() -> None:
    grad = np.arange(24.0).reshape(2, 3, 4)
    assert F.unbroadcast(grad, (2, 3, 4)) is grad
    np.testing.assert_allclose(F.unbroadcast(grad, (4,)), grad.sum(axis=(0, 1)))
    np.testing.assert_allclose(F.unbroadcast(grad, (3, 1)), grad.sum(axis=0).sum(1, keepdims=True))
    np.testing.assert_allclose(F.unbroadcast(grad, ()), grad.sum())


def test_the_largest_of_equals_gives_its_gradient_to_the_first() -> None:
    x = Tensor([[1.0, 5.0, 5.0]], requires_grad=True)
    x.max(axis=1).backward()
    assert x.grad is not None
    assert x.grad.data.tolist() == [[0, 1, 0]]


def test_integer_powers() -> None:
    assert (Tensor([1, 2]) ** 2).data.tolist() == [1, 4]
    assert (Tensor([1, 2]) ** -1).data.tolist() == [1, 0.5]


def test_an_index_is_a_copy() -> None:
    x = Tensor([1.0, 2.0, 3.0])
    x[0:2].data[0] = 9
    assert x.data.tolist() == [1, 2, 3]


def test_powers_at_zero() -> None:
    x = Tensor([0.0, 0.0], requires_grad=True)
    (x ** Tensor([2.0, 0.0])).backward()
    assert x.grad is not None
    assert x.grad.data.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda a: a + Tensor(np.ones(4)), ValueError, r"Add: shapes \(2, 3\) and \(4,\) do not"),
        (lambda a: a / Tensor(np.ones((3, 2))), ValueError, r"Div: shapes \(2, 3\) and \(3, 2\)"),
        (lambda a: a @ Tensor(np.ones(4)), ValueError, r"MatMul: shapes .* cannot be multiplied"),
        (lambda a: a.reshape(4), ValueError, r"Reshape: a tensor \(2, 3\) of 6 numbers does not"),
        (lambda a: a.reshape(-2), ValueError, r"Reshape: a tensor \(2, 3\) of 6 numbers does not"),
        (lambda a: a.sum(axis=5), ValueError, r"Sum: expected axis to be .* \(2, 3\), got 5"),
        (lambda a: F.unbroadcast(a.data, (4,)), ValueError, "expected a grad that broadcasting"),
        (lambda a: a[5], IndexError, r"Index: a tensor \(2, 3\): index 5 is out of bounds"),
        (lambda a: F.concatenate([a, Tensor(np.ones((3, 2)))]), ValueError, "Concatenate: shapes"),
        (lambda a: F.cross_entropy(a, Tensor([0, 3])), ValueError, "labels from 0 to 2, got 3"),
        (lambda a: F.cross_entropy(a, [-1, 0]), ValueError, "0 to 2, got -1 at index 0"),
        (lambda a: F.cross_entropy(a, np.array([0, -7], np.int8)), ValueError, "got -7 at index 1"),
        (
            lambda a: F.cross_entropy(Tensor(np.ones((0, 3))), np.zeros(0, int)),
            ValueError,
            "one row",
        ),
        (lambda a: F.cross_entropy(a, Tensor([0, 1, 2])), ValueError, r"labels \(batch,\), got"),
        (lambda a: F.cross_entropy(a, Tensor([0.0, 1.0])), TypeError, "expected integer labels"),
        (lambda a: F.softmax(a[0]), ValueError, r"Softmax\(\): expected rows of logits"),
        (lambda a: a + "text", TypeError, "expected real numbers"),
        (lambda a: a.max(axis=(0, 1)), TypeError, r"Max: expected one axis or None, got \(0, 1\)"),
        (lambda a: F.concatenate([]), ValueError, "expected at least one tensor, got none"),
        (lambda a: F.Add.apply(a, 3), TypeError, "Add: expected two tensors, got Tensor and int"),
    ],
)
def test_what_does_not_fit_is_said(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(Tensor(np.ones((2, 3))))


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.bool_])
def test_small_integers_become_float64(dtype: Any) -> None:
    """NumPy would compute their exponential in float16."""
    a = Tensor(np.array([1, 1], dtype))
    for out, exact in ((a.exp(), np.e), (a.log(), 0.0)):
        assert out.dtype == np.float64
        assert out.data.tolist() == [exact, exact]


def test_an_empty_list_as_key_gives_an_empty_tensor() -> None:
    assert Tensor(np.ones((2, 3)))[[]].shape == (0, 3)
