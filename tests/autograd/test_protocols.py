"""Tensors as Python and NumPy ask for them: comparisons, truth, one number, arrays, text."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mytorch.nn import Linear, Sequential, Tanh
from mytorch.numeric.partial import Partial
from mytorch.tensor import Tensor

ROWS = Tensor([[1.0, 5.0, 2.0], [7.0, 0.0, 7.0]])


def leaf(data: Any) -> Tensor:
    return Tensor(data, requires_grad=True)


@pytest.mark.parametrize("other", [2, 2.0, np.float32(2), np.int64(2), Tensor(2), Tensor(2.0)])
def test_comparisons_are_elementwise(other: Any) -> None:
    t = leaf([1.0, 2.0, 3.0])
    for result, expected in (
        (t == other, [False, True, False]), (t != other, [True, False, True]),
        (t < other, [True, False, False]), (t <= other, [True, True, False]),
        (t > other, [False, False, True]), (t >= other, [False, True, True]),
        (other == t, [False, True, False]), (other < t, [False, False, True]),
        (other >= t, [True, True, False]),
    ):  # fmt: skip
        assert type(result) is np.ndarray
        assert result.tolist() == expected


def test_comparisons_with_arrays_on_either_side() -> None:
    t, a = Tensor([1, 2, 3]), np.array([1, 5, 3])
    assert np.mean(t == a) == np.mean(a == t) == 2 / 3
    assert np.mean(t == np.array([1, 2, 3])) == 1.0
    assert (t < a).tolist() == (a > t).tolist() == [False, True, False]
    assert (ROWS.max(axis=1, keepdims=True) == ROWS).sum() == 3
    assert (Tensor(np.float32([0.1, 0.2])) == [0.1, 0.2]).all()


def test_what_is_no_number_is_not_equal() -> None:
    t = Tensor([1.0, 2.0])
    assert (t == None) is False  # noqa: E711
    assert t != "text"
    assert t not in [None, "text"]
    assert {t: 1}[t] == 1
    assert len({t, Tensor([1.0, 2.0])}) == 2
    with pytest.raises(ValueError, match=r"shapes \(2,\) and \(3,\) do not broadcast"):
        t == Tensor([1.0, 2.0, 3.0])  # noqa: B015
    with pytest.raises(TypeError, match="'<' not supported between"):
        t < "text"  # noqa: B015


def test_membership_is_that_of_the_numbers() -> None:
    t = Tensor([1.0, 3.0])
    assert 3.0 in t
    assert 2.0 not in t
    assert np.array([1.0, 9.0]) in t
    with pytest.raises(TypeError, match="expected a number or numbers before `in`"):
        "text" in t  # noqa: B015


@pytest.mark.parametrize("number", [0, 1, 0.0, -2.5, True, False])
def test_one_number_stands_for_itself(number: Any) -> None:
    for t in (Tensor(number), Tensor([number]), Tensor([[number]])):
        assert bool(t) is bool(number)
        assert (float(t), int(t), t.item()) == (float(number), int(number), number)
        assert round(t, 1) == round(number, 1)
        assert f"{t:.3f}" == f"{number:.3f}"
    if type(number) is int:
        assert "abc"[Tensor(number)] == "abc"[number]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (bool, ValueError, r"expected one number to take the truth of, got a tensor \(2, 3\)"),
        (float, ValueError, r"item\(\) expected a single number, got a tensor \(2, 3\)"),
        (int, ValueError, r"item\(\) expected a single number"),
        (round, ValueError, r"item\(\) expected a single number"),
        (lambda t: f"{t:.3f}", TypeError, "the format '.3f' is for one number"),
        (lambda t: "abc"[t], TypeError, "expected one integer as an index"),
        (lambda t: "abc"[t[0, 0]], TypeError, "expected one integer as an index"),
        (lambda t: t.__setitem__(0, 1), TypeError, "expected no assignment"),
        (lambda t: np.sin(leaf(t.data)), TypeError, r"numpy.sin: expected an array, got a tensor"),
        (lambda t: np.where(True, leaf(t.data), 0), TypeError, "numpy.where: expected an array"),
        (lambda t: np.add.reduce(leaf(t.data)), TypeError, "numpy.add: expected an array"),
        (lambda t: np.add(t, 1, out=np.ones((2, 3))), TypeError, "expected no array to write"),
    ],
)
def test_what_has_no_meaning_is_said(
    call: Callable[[Any], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call(ROWS)


def test_an_array_of_a_tensor_is_its_numbers() -> None:
    t = leaf(np.arange(6.0).reshape(2, 3))
    assert np.asarray(t) is t.data
    assert np.asarray(t).dtype == np.float64
    assert np.array(t) is not t.data
    assert np.asarray(t, np.float32).dtype == np.float32
    assert t.numpy() is t.data
    assert t.tolist() == [[0, 1, 2], [3, 4, 5]]
    losses = [leaf(1.0) * 2, leaf(2.0) * 2]
    assert np.mean(losses) == 3
    assert max(losses) is losses[1]
    assert np.array(losses).tolist() == [2, 4]
    kept = np.zeros(2)
    kept[0] = losses[1]
    assert kept.tolist() == [4, 0]


def test_numpy_takes_what_has_no_gradient_from_a_tensor_with_one() -> None:
    t = leaf(ROWS.data)
    assert np.argmax(t, axis=1).tolist() == [1, 0]
    assert np.argmax(Sequential(Linear(3, 2), Tanh())(t), axis=1).shape == (2,)
    assert np.shape(t) == (2, 3)
    assert np.allclose(t, ROWS.data)
    assert np.round(t * 1.26, 1).tolist() == np.round(ROWS.data * 1.26, 1).tolist()
    assert np.isfinite(t).all()
    np.testing.assert_array_equal(t, ROWS)
    assert np.cumsum(Tensor([1, 2])).tolist() == [1, 3]


@pytest.mark.parametrize(
    ("function", "gradient"),
    [
        (np.exp, np.exp), (np.log, lambda a: 1 / a), (np.sqrt, lambda a: 0.5 / np.sqrt(a)),
        (np.negative, lambda a: -np.ones_like(a)), (np.abs, np.ones_like), (np.sum, np.ones_like),
        (np.mean, lambda a: np.full_like(a, 1 / 6)), (np.max, lambda a: (a == a.max()) * 1.0),
        (np.min, lambda a: (a == a.min()) * 1.0), (np.transpose, np.ones_like),
        (lambda a: np.sum(a, axis=0), np.ones_like),
        (lambda a: np.reshape(a, (3, 2)), np.ones_like),
        (lambda a: np.float64(3) * a, lambda a: np.full_like(a, 3)),
        (lambda a: np.arange(3.0) * a, lambda a: np.array([[0, 1, 2.0]] * 2)),
        (lambda a: np.multiply(np.arange(3.0), a), lambda a: np.array([[0, 1, 2.0]] * 2)),
        (lambda a: np.concatenate([a, a]), lambda a: np.full_like(a, 2)),
    ],
)  # fmt: skip
def test_numpy_functions_that_are_operations_keep_the_gradient(
    function: Any, gradient: Any
) -> None:
    a = np.array([[1.5, 0.5, 2.0], [3.0, 4.0, 0.25]])
    t = leaf(a)
    out = function(t)
    assert isinstance(out, Tensor)
    np.testing.assert_allclose(out.data, function(a))
    out.backward()
    assert t.grad is not None
    np.testing.assert_allclose(t.grad.data, gradient(a))


def test_smallest_largest_and_where_they_are() -> None:
    t = leaf(ROWS.data)
    assert (t.min().item(), t.max().item()) == (0, 7)
    assert t.min(axis=0).tolist() == [1, 0, 2]
    assert t.max(axis=1, keepdims=True).tolist() == [[5], [7]]
    assert t.argmax(axis=1).tolist() == t.argmax(1).tolist() == t.argmax(dim=1).tolist() == [1, 0]
    assert (t.argmin().item(), t.argmax().item()) == (4, 3)
    t.min(axis=1).backward()
    assert t.grad is not None
    assert t.grad.tolist() == [[1, 0, 0], [0, 1, 0]]
    assert abs(Tensor([-2, 3])).tolist() == [2, 3]
    s = leaf([-2.0, 0.0, 3.0])
    s.abs().backward()
    assert s.grad is not None
    assert s.grad.tolist() == [-1, 0, 1]
    root = leaf([4.0, 9.0])
    root.sqrt().backward()
    assert root.grad is not None
    assert root.grad.tolist() == [1 / 4, 1 / 6]


def test_detached_numbers_are_shared_and_have_no_gradient() -> None:
    t = leaf([1.0, 2.0])
    d = (t * 3).detach()
    assert (d.requires_grad, d.is_leaf, d.tolist()) == (False, True, [3, 6])
    y, own = t * t, t.detach()
    own.data += 1
    with pytest.raises(RuntimeError, match="was changed since"):
        y.backward()


@pytest.mark.parametrize(
    "keys",
    [
        [slice(0, 3)], [1, 2, 2, -1], [np.array([0, 0, 2])], [np.array([True, False, True, False])],
        [(slice(None), 1), (0, 0), (np.array([1, 1]), np.array([0, 0]))], [..., 0, np.array(3)],
        [(slice(1, None), [0, 2])], [None, 1],
    ],
)  # fmt: skip
@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("deep", [False, True])
def test_gradients_of_pieces_add_up(keys: list[Any], whole: bool, deep: bool) -> None:
    """The oracle is `np.add.at` for each piece."""
    x = leaf(np.arange(12.0).reshape(4, 3))
    y = x * 1.0 if deep else x
    expected = np.full((4, 3), float(whole))
    total = y.sum() if whole else Tensor(0.0)
    for i, key in enumerate(keys, start=2):
        total = total + (y[key] * i).sum()
        np.add.at(expected, key, i)
    total.backward()
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.data, expected)
    first = x.grad
    (x[keys[0]] * 0).sum().backward()
    assert first is not x.grad
    np.testing.assert_array_equal(first.data, expected)


def test_many_rows_make_one_array(monkeypatch: pytest.MonkeyPatch) -> None:
    """An array of the whole size for each row took 2.8 s for 200 rows of (5000, 784)."""
    made: list[Partial] = []
    sum_of = Partial.tensor

    def spy(self: Partial) -> Any:
        made.append(self)
        return sum_of(self)

    monkeypatch.setattr(Partial, "tensor", spy)
    for x in (leaf(np.ones((50, 4))), leaf(np.ones((50, 4))) * 2):
        made.clear()
        total = Tensor(0.0)
        for i in range(40):
            total = total + x[i].sum()
        total.backward()
        assert len(made) == 1


@pytest.mark.parametrize(
    ("make", "value", "gradient"),
    [
        (lambda t: ((t * t).sum()) ** 0.5, 0.0, math.nan), (lambda t: t.sqrt(), 0.0, math.inf),
        (lambda t: (t + 1000).exp(), math.inf, math.inf), (lambda t: t.log(), -math.inf, math.inf),
        (lambda t: 1 / t, math.inf, -math.inf), (lambda t: t / t, math.nan, math.nan),
    ],
)  # fmt: skip
def test_elementary_operations_are_numpys_at_their_edges(
    make: Any, value: float, gradient: float
) -> None:
    """As `functions/elementwise.py` says; NumPy warns, which `np.errstate` turns off."""
    with np.errstate(all="ignore"):
        t = leaf([0.0])
        out = make(t)
        out.backward()
    assert t.grad is not None
    np.testing.assert_equal([out.item(), t.grad.item()], [value, gradient])
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        make(leaf([0.0])).backward()
