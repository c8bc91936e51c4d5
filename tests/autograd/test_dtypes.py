"""The dtype of a result is decided by the dtypes alone, with every NumPy that is promised."""

from typing import Any

import numpy as np
import pytest

from mytorch.tensor import Tensor

SINGLE, DOUBLE = np.float32, np.float64


def test_small_integers_do_not_wrap_around() -> None:
    """NumPy 1.24 made `[0 200 144 254]` of this, for it looked at the number 2, too."""
    t = Tensor(np.array([0, 100, 200, 255], np.uint8))
    assert (t * 2).tolist() == (2 * t).tolist() == [0, 200, 400, 510]
    assert (t + 1).tolist() == [1, 101, 201, 256]
    assert (t - 256).tolist() == [-256, -156, -56, -1]
    assert (t**2).tolist() == [0, 10000, 40000, 65025]
    assert (t * True).dtype == np.uint8
    assert (t / 2).dtype == DOUBLE


@pytest.mark.parametrize("operation", ["+", "-", "*", "/", "**"])
@pytest.mark.parametrize("shape", [(), (3,)])
def test_tensors_of_two_dtypes(operation: str, shape: tuple[int, ...]) -> None:
    """Whatever their shapes: NumPy 1.24 made float32 of (3,) and () beside it."""
    table: Any = [
        (SINGLE, DOUBLE, DOUBLE), (SINGLE, SINGLE, SINGLE), (SINGLE, np.int64, DOUBLE),
        (SINGLE, np.int8, SINGLE), (np.uint8, np.int64, np.int64), (np.int32, DOUBLE, DOUBLE),
        (SINGLE, np.bool_, SINGLE),
    ]  # fmt: skip
    for one, two, expected in table:
        a, b = Tensor(np.full(3, 2, one)), Tensor(np.full(shape, 2).astype(two))
        if operation == "/" and np.dtype(expected).kind == "i":
            expected = DOUBLE
        for x, y in ((a, b), (b, a)):
            out = eval(f"x {operation} y", {"x": x, "y": y})
            assert out.dtype == expected, (one, two)
    if shape == (3,):
        assert (a @ b).dtype == SINGLE


def test_a_number_takes_the_dtype_of_a_tensor_of_floats() -> None:
    for shape in ((), (3,)):
        t = Tensor(np.ones(shape, SINGLE), requires_grad=True)
        for number in (2, 2.5, np.float64(2.5), np.int64(2), np.array(2.5)):
            for out in (t * number, number * t, t - number, number / t, t**number, number**t):
                assert out.dtype == SINGLE
                t.grad = None
                out.backward()
                assert t.grad is not None
                assert t.grad.dtype == SINGLE
        assert (t.sum() * 2 - 1).dtype == t.mean().dtype == (t == 1).astype(SINGLE).dtype == SINGLE


def test_gradients_inside_a_graph_have_the_dtype_of_the_graph() -> None:
    """Also of single numbers, of which NumPy 1.24 made float64 in `b - 1`."""
    t = Tensor(SINGLE(3), requires_grad=True)
    functions: Any = (
        lambda t: t**2, lambda t: 2**t, lambda t: 1 / t, lambda t: t.sqrt(), lambda t: t.mean(),
        lambda t: abs(t), lambda t: t.log(), lambda t: t.exp(), lambda t: t.max(),
    )  # fmt: skip
    for function in functions:
        out = function(t)
        (grad, *_) = [g for g in _gradients(out) if g is not None]
        assert grad.dtype == SINGLE


def _gradients(out: Tensor) -> Any:
    assert out.grad_fn is not None
    return out.grad_fn.apply(Tensor.wrap(np.ones(out.shape, out.dtype)))
