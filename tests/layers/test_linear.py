"""The linear layer: its formula, its averages, and what can be assigned to it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from mytorch import Linear
from mytorch.initializers import zeros_bias_init
from tests.conftest import Arrays


def layer_of(weights: npt.ArrayLike, bias: npt.ArrayLike, dtype: Any = None) -> Linear:
    weights = np.asarray(weights)
    return Linear(*weights.shape, lambda *_: weights, lambda _: bias, dtype)


def test_another_engine_gives_the_same(references: Callable[[str], Arrays]) -> None:
    stored = references("linear")
    layer = layer_of(stored["W"], stored["b"])
    np.testing.assert_allclose(layer(stored["x"]), stored["out"], rtol=1e-13)
    np.testing.assert_allclose(layer.backward(stored["upstream"]), stored["dx"], rtol=1e-13)
    np.testing.assert_allclose(layer.dW, stored["dW"], rtol=1e-13)
    np.testing.assert_allclose(layer.db, stored["db"], rtol=1e-13)
    assert layer.db.shape == (1, 3)


def test_the_walk_through_by_hand() -> None:
    """001 §2.1.1 and §3.4.1."""
    layer = layer_of([[4, 2, -2], [5, 4, 5]], [1, 2, 3])
    assert layer([[4, 3]]).tolist() == [[32, 22, 10]]
    assert layer([[1, 2]]).dtype == np.float64
    assert layer.backward([[1, -1, 1]]).tolist() == [[0, 6]]
    assert layer.dW.tolist() == [[1, -1, 1], [2, -2, 2]]
    assert layer.db.tolist() == [[1, -1, 1]]


def test_parameter_gradients_are_averaged_and_the_input_gradient_is_not() -> None:
    layer = layer_of(np.eye(2), [0, 0])
    layer(np.ones((4, 2)))
    assert layer.backward(np.ones((4, 2))).tolist() == [[1, 1]] * 4
    assert layer.dW.tolist() == [[1, 1], [1, 1]]
    assert layer.db.tolist() == [[1, 1]]


def test_initializers_are_called_once_each_weights_first() -> None:
    calls: list[tuple[int, ...]] = []

    def weights(fan_in: int, fan_out: int) -> npt.NDArray[np.float64]:
        calls.append((fan_in, fan_out))
        return np.zeros((fan_in, fan_out))

    def bias(n: int) -> npt.NDArray[np.float64]:
        calls.append((n,))
        return np.zeros((1, n))

    Linear(3, 2, weights, bias)
    assert calls == [(3, 2), (2,)]


def test_shapes_of_every_attribute() -> None:
    layer = Linear(3, 2, lambda i, o: np.ones((i, o)), zeros_bias_init)
    for name in ("W", "dW", "momentum_W"):
        assert getattr(layer, name).shape == (3, 2)
    for name in ("b", "db", "momentum_b"):
        assert getattr(layer, name).shape == (1, 2)


def test_assigned_parameters_count_from_the_next_call_on() -> None:
    layer = layer_of(np.zeros((2, 2)), np.zeros(2))
    mine = np.eye(2)
    layer.W, layer.b = mine, np.array([1.0, 2.0])
    assert layer([[3, 4]]).tolist() == [[4, 6]]
    layer.W += 1
    assert mine.tolist() == [[1, 0], [0, 1]]  # the caller's array is the caller's
    layer.W[0, 0] = 5
    assert layer([[1, 0]]).tolist() == [[6, 3]]


@pytest.mark.parametrize(
    ("weights", "dtype", "expected"),
    [
        (np.ones((2, 2)), None, np.float64),
        (np.ones((2, 2), np.float32), None, np.float32),
        (np.ones((2, 2), int), None, np.float64),
        (np.ones((2, 2)), np.float32, np.float32),
        (np.ones((2, 2), np.float32), "float64", np.float64),
    ],
)
def test_the_dtype_is_that_of_the_weights_or_as_asked(
    weights: npt.NDArray[Any], dtype: Any, expected: npt.DTypeLike
) -> None:
    layer = layer_of(weights, [0, 0], dtype)
    out = layer(np.ones((3, 2)))
    layer.backward(out)
    for array in (out, layer.W, layer.b, layer.dW, layer.db, layer.momentum_W, layer.momentum_b):
        assert array.dtype == expected


@pytest.mark.parametrize(
    ("weights", "dtype", "expected"),
    [(float, None, "float64"), ("float32", None, "float32"), ("float32", "float64", "float64"),
     (int, None, "float64"), (float, "float32", "float32")],
)  # fmt: skip
def test_a_dtype_is_fixed_when_the_layer_is_built(weights: Any, dtype: Any, expected: str) -> None:
    """By the argument, or by the weights; what is assigned later is converted."""
    layer = layer_of(np.ones((2, 2), weights), [0, 0], dtype)
    for later in (np.float32, np.float64, int):
        layer.W = np.full((2, 2), 3, later)
        assert layer(np.ones((1, 2))).dtype == layer.dtype == expected
        assert layer.W.dtype == layer.b.dtype == layer.momentum_W.dtype == expected
        assert np.all(layer.W == 3)


@pytest.mark.parametrize(
    ("weights", "bias", "message"),
    [
        (np.ones((2, 3)), np.ones((1, 3)), r"Linear\(3, 2\): expected W \(3, 2\), got \(2, 3\)"),
        (np.ones((3, 2)), np.ones((2, 1)), r"expected b \(1, 2\), got \(2, 1\)"),
        (np.ones((3, 2)), np.ones(3), r"expected b \(1, 2\), got \(3,\)"),
    ],
)
def test_initializers_of_another_shape_are_refused(
    weights: npt.ArrayLike, bias: npt.ArrayLike, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Linear(3, 2, lambda *_: weights, lambda _: bias)


def test_weights_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(TypeError, match="expected an array of real numbers as W, got None"):
        Linear(3, 2, lambda *_: None, zeros_bias_init)  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize("dtype", ["float16", "int32", "nonsense"])
def test_other_dtypes_are_refused(dtype: str) -> None:
    with pytest.raises(TypeError, match=f"expected dtype float32 or float64, got '{dtype}'"):
        layer_of(np.ones((2, 2)), [0, 0], dtype)


def test_a_layer_without_features_is_refused() -> None:
    with pytest.raises(ValueError, match="Linear: expected in_feature of at least 1, got 0"):
        Linear(0, 2, lambda i, o: np.ones((i, o)), zeros_bias_init)


def test_assigning_leaves_the_arrays_that_were_there() -> None:
    layer = Linear(2, 2, lambda *_: np.eye(2), np.zeros)
    before = layer.W
    layer.W = before + 1
    assert np.array_equal(before, np.eye(2))
    layer.W = before
    assert np.array_equal(layer.W, np.eye(2))
