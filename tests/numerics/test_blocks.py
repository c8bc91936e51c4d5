"""Large arrays in blocks: against the plain formulas in float64 and more."""

from typing import Any

import numpy as np
import pytest

from mytorch import ELU, BatchNorm2d, LeakyReLU, ReLU, Tanh
from mytorch.numeric import blocks
from mytorch.numeric.blocks import blocks_of, each_number, in_blocks, is_large, moments


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of 60 numbers, so that small arrays have many."""
    monkeypatch.setattr(blocks, "NUMBERS", 60)
    monkeypatch.setattr(blocks, "WIDE", 16)
    monkeypatch.setattr(blocks_of, "__defaults__", (60,))


@pytest.mark.parametrize("count", [0, 1, 7, 30])
@pytest.mark.parametrize("size", [1, 7, 61])
def test_blocks_are_all_in_order(count: int, size: int) -> None:
    cut = blocks_of(count, size)
    assert [i for part in cut for i in range(part.start, part.stop)] == list(range(count))
    assert all(part.stop - part.start == 1 or size * (part.stop - part.start) <= 60 for part in cut)


@pytest.mark.parametrize("rows", [8, 61, 97, 128])
@pytest.mark.parametrize("offset", [0.0, 1e3, -3e4])
@pytest.mark.parametrize("order", ["random", "sorted"])
@pytest.mark.parametrize(("dtype", "digits"), [(np.float32, 1e-6), (np.float64, 1e-14)])
def test_moments(rows: int, offset: float, order: str, dtype: Any, digits: float) -> None:
    x = np.random.default_rng(rows).normal(offset, 1, (rows, 9)).astype(dtype)
    if order == "sorted":
        x.sort(axis=0)  # so that the means of the blocks differ most
    exact = x.astype(np.longdouble)
    mean, rounding, var = moments(x)
    assert mean.dtype == rounding.dtype == var.dtype == dtype
    total = mean.astype(np.longdouble) + rounding
    np.testing.assert_allclose(total, exact.mean(axis=0, keepdims=True), rtol=digits, atol=digits)
    np.testing.assert_allclose(var, exact.var(axis=0, keepdims=True), rtol=4 * digits)


def test_columns_that_do_not_vary_have_no_variance() -> None:
    x = np.full((80, 3), np.float32(123456.7))
    assert not moments(x)[2].any()


def test_columns_are_repeated_for_rows_side_by_side() -> None:
    x = np.arange(4.0 * 96).reshape(96, 4)
    added, out = np.arange(4.0)[None], np.empty((96, 4))
    in_blocks(lambda out, x, row: np.add(x, row, out=out), out, x, columns=(added,))
    np.testing.assert_array_equal(out, x + added)


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 0, 1), (1, 0, 2)])
def test_each_number_in_any_order_of_memory(axes: tuple[int, ...]) -> None:
    x = np.arange(1.0, 211).reshape(5, 6, 7).transpose(axes)
    y = each_number(lambda out, x: np.sqrt(x, out=out), x)
    np.testing.assert_array_equal(y, np.sqrt(x))
    assert y.strides == x.strides
    other = np.ascontiguousarray(x)
    both = each_number(lambda out, x, y: np.multiply(x, y, out=out), x, other)
    np.testing.assert_array_equal(both, x * x)


@pytest.mark.parametrize("activation", [ReLU(), LeakyReLU(0.1), Tanh(), ELU()])
def test_a_gradient_in_blocks_is_that_of_the_slope(activation: Any) -> None:
    z, grad = np.random.default_rng(1).normal(size=(2, 4, 9, 5))
    assert is_large(z)
    state = activation.forward(z)
    assert activation.backward(grad).tolist() == (grad * activation.derivative()).tolist()
    assert activation.state is state


@pytest.mark.parametrize("size", [(4, 4), (5, 3)])
@pytest.mark.parametrize("offset", [0.0, 1e3, -1e6])
def test_batch_norm_in_blocks(
    size: tuple[int, int], offset: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same as in one block, which other tests compare with PyTorch."""
    rng = np.random.default_rng(size[0])
    x, delta = rng.normal(offset, 2, (4, 6, *size)), rng.normal(3, 2, (4, 6, *size))
    layers = []
    for numbers in 60, 10**6:
        monkeypatch.setattr(blocks, "NUMBERS", numbers)
        monkeypatch.setattr(blocks_of, "__defaults__", (numbers,))
        layer = BatchNorm2d(6)
        layer.gamma, layer.beta = np.linspace(1, 2, 6), np.linspace(-1, 1, 6)
        results = layer.forward(x), layer.backward(delta), layer.infer(x), layer.infer(1e300 * x)
        layers.append((layer, *results))
    (one, *arrays), (other, *expected) = layers
    assert one.norm is None
    assert other.norm is not None
    digits = 1e-12 * max(1, abs(offset) / 1e3)
    for found, other_way in zip(arrays, expected, strict=True):
        np.testing.assert_allclose(found, other_way, rtol=digits, atol=digits)
    for name in (*one.buffers, "dgamma", "dbeta", "mean", "var", "std"):
        np.testing.assert_allclose(
            getattr(one, name), getattr(other, name), rtol=digits, atol=digits, err_msg=name
        )


@pytest.mark.parametrize("outlier", ["first", "last"])
def test_moments_where_one_row_is_unlike_the_others(outlier: str) -> None:
    x = np.random.default_rng(2).normal(0, 1, (600, 9)).astype(np.float32)
    x[0 if outlier == "first" else -1] = 1e4
    mean, _, var = moments(x)
    exact = x.astype(np.longdouble)
    np.testing.assert_allclose(mean, exact.mean(axis=0, keepdims=True), rtol=1e-6)
    np.testing.assert_allclose(var, exact.var(axis=0, keepdims=True), rtol=4e-6)
