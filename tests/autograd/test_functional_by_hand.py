"""Operations on tensors, by hand: known gradients, single cases, what does not fit."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mytorch.autograd_engine import ContextManager
from mytorch.nn import functional as F
from mytorch.tensor import Tensor
from tests.conftest import Arrays


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
