"""Tensors: their attributes, how they are made, and what is refused."""

from typing import Any

import numpy as np
import pytest

from mytorch.tensor import Tensor


def test_defaults() -> None:
    t = Tensor([[1.0, 2.0]])
    assert (t.requires_grad, t.is_leaf, t.is_parameter) == (False, True, False)
    assert t.grad is None
    assert t.grad_fn is None
    assert (t.shape, t.ndim, len(t)) == ((1, 2), 2, 1)
    assert t.dtype == np.float64


@pytest.mark.parametrize(
    "make",
    [
        lambda: Tensor(3),
        lambda: Tensor(np.float64(3)),
        lambda: Tensor(3.0) * 2,
        lambda: Tensor([1.0, 2.0]).sum(),
        lambda: Tensor([1.0, 2.0]).mean(),
        lambda: Tensor([1.0, 2.0]) @ Tensor([1.0, 2.0]),
        lambda: Tensor([1.0, 2.0])[0],
        lambda: -Tensor(2.0),
        lambda: Tensor(2.0).exp().log() ** 2,
    ],
)
def test_data_is_always_exactly_an_array(make: Any) -> None:
    t = make()
    assert type(t.data) is np.ndarray
    assert t.data.shape == ()
    t.data = t.data * 2  # NumPy makes a np.float64 of it
    assert type(t.data) is np.ndarray


def test_gradients_are_exactly_arrays_of_the_same_shape() -> None:
    for data in (2.0, [1.0, 2.0], [[3.0]]):
        t = Tensor(data, requires_grad=True)
        (t * t + t).sum().backward()
        assert t.grad is not None
        assert type(t.grad.data) is np.ndarray
        assert t.grad.shape == t.shape


def test_makers() -> None:
    assert Tensor.zeros(2, 3).data.tolist() == [[0] * 3] * 2
    assert Tensor.ones(2).data.tolist() == [1, 1]
    assert Tensor.empty(4, 1).shape == (4, 1)
    assert Tensor.arange(3).data.tolist() == [0, 1, 2]
    assert Tensor.arange(1, 7, 3).data.tolist() == [1, 4]
    np.random.seed(3)
    drawn = Tensor.randn(2, 3, requires_grad=True)
    np.random.seed(3)
    assert np.array_equal(drawn.data, np.random.normal(0, 1, (2, 3)))
    assert drawn.requires_grad


def test_integers_stay_integers_until_floats_are_needed() -> None:
    t = Tensor([1, 2])
    assert t.data.dtype.kind == "i"
    assert (t + t).data.dtype.kind == "i"
    assert (t * 3).data.dtype.kind == "i"
    assert (t / 2).data.tolist() == [0.5, 1.0]
    assert t.mean().item() == 1.5
    assert (t * 0.5).data.dtype == np.float64


def test_float32_stays_float32() -> None:
    t = Tensor(np.ones((2, 2), np.float32), requires_grad=True)
    out = (2 * t + 1 - t / 3) ** 2 @ t
    assert out.dtype == np.float32
    out.mean().backward()
    assert t.grad is not None
    assert t.grad.dtype == np.float32


def test_numbers_take_the_dtype_of_the_tensor() -> None:
    t = Tensor(np.ones(2, np.float32))
    for other in (2, 2.0, np.int64(3), np.float64(3), [1.0, 2.0], np.array([1, 2])):
        assert (t * other).dtype == (other + t).dtype == np.float32


def test_numbers_and_arrays_on_either_side() -> None:
    t, a = Tensor([1.0, 2.0]), np.array([3.0, 5.0])
    pairs = {
        "+": (t + a, a + t, t + 1, 1 + t), "-": (t - a, a - t, t - 1, 1 - t),
        "*": (t * a, a * t, t * 2, 2 * t), "/": (t / a, a / t, t / 2, 2 / t),
        "@": (t @ a, a @ t), "**": (t**a, a**t, t**2, 2**t),
    }  # fmt: skip
    expected = {
        "+": ([4, 7], [4, 7], [2, 3], [2, 3]), "-": ([-2, -3], [2, 3], [0, 1], [0, -1]),
        "*": ([3, 10], [3, 10], [2, 4], [2, 4]), "/": ([1 / 3, 0.4], [3, 2.5], [0.5, 1], [2, 1]),
        "@": (13, 13), "**": ([1, 32], [3, 25], [1, 4], [2, 4]),
    }  # fmt: skip
    for operator, results in pairs.items():
        for result, numbers in zip(results, expected[operator], strict=True):
            assert isinstance(result, Tensor), operator
            np.testing.assert_allclose(result.data, numbers)


def test_fill_and_copy() -> None:
    t = Tensor([1.0, 2.0], requires_grad=True)
    twin = t.copy()
    assert t.fill_(7) is t
    assert t.data.tolist() == [7, 7]
    assert twin.data.tolist() == [1, 2]
    mine = np.ones(2)
    Tensor(mine).fill_(4)
    assert mine.tolist() == [1, 1]
    assert not twin.requires_grad


def test_a_parameter_is_a_copy_of_the_callers_array() -> None:
    mine = np.ones(2)
    t = Tensor(mine, requires_grad=True, is_parameter=True)
    t.data += 1
    assert mine.tolist() == [1, 1]


def test_repr_shows_numbers_and_origin() -> None:
    t = Tensor([1.0, 2.0], requires_grad=True)
    assert repr(t) == "Tensor([1., 2.], requires_grad=True)"
    assert repr(t * 2) == "Tensor([2., 4.], grad_fn=MulBackward)"
    assert repr(Tensor(3)) == "Tensor(3)"


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Tensor("text"), TypeError, "expected real numbers, got str"),
        (lambda: Tensor([[1], [2, 3]]), TypeError, "rows of equal length"),
        (
            lambda: Tensor(np.array([1j])),
            TypeError,
            "expected real numbers, got ndarray of dtype complex128",
        ),
        (lambda: Tensor(Tensor(1.0)), TypeError, r"got a Tensor; use tensor.copy\(\)"),
        (lambda: Tensor(np.ma.ones(2)), TypeError, "got a masked one"),
        (lambda: setattr(Tensor(1.0), "data", np.array(["a"])), TypeError, "expected real numbers"),
        (lambda: Tensor(1.0, is_parameter=True), ValueError, "expected requires_grad=True with"),
    ],
)
def test_non_numbers_are_refused(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_fill_takes_one_number_that_the_dtype_holds() -> None:
    assert Tensor([1.0, 2.0]).fill_(np.inf).data.tolist() == [np.inf, np.inf]
    for bad, error in (("a", TypeError), ([1.0, 2.0], ValueError), (None, TypeError)):
        with pytest.raises(error, match=r"expected"):
            Tensor([1.0, 2.0]).fill_(bad)
    with pytest.raises(ValueError, match=r"a value that int64 holds, got 0\.5"):
        Tensor([1, 2]).fill_(0.5)


def test_a_single_number_has_no_length_and_no_parts() -> None:
    with pytest.raises(TypeError, match="has no length"):
        list(Tensor(1.0))
    with pytest.raises(ValueError, match="expected a single number"):
        Tensor([1.0, 2.0]).item()


@pytest.mark.parametrize("data", [1, [1, 2], [True, False], np.array([[3]], np.uint8)])
def test_integers_that_require_a_gradient_become_floats(data: Any) -> None:
    """002 §0.1.7 and its tests make such leaves; the gradient is that of the floats."""
    later = Tensor(data)
    assert later.data.dtype.kind in "iub"
    later.requires_grad = True
    for t in (Tensor(data, requires_grad=True), later):
        assert t.data.dtype == np.float64
        (t * t * 0.5).sum().backward()
        assert t.grad is not None
        assert np.array_equal(t.grad.data, np.asarray(data, float))
        assert t.grad.dtype == np.float64
        t.data = np.array(t.data, int)
        assert t.data.dtype == np.float64
