"""Products in blocks, and memory that begins at a cache line: against NumPy's own in float64."""

from typing import Any

import numpy as np
import pytest

from mytorch.numeric import products
from mytorch.numeric.products import long_product, matmul, product, wide_product
from mytorch.numeric.scratch import LINE, empty, empty_like, scratch
from mytorch.system.threads import limits


def matrix(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def close(found: Any, left: Any, right: Any) -> None:
    exact = left.astype(np.float64) @ right.astype(np.float64)
    np.testing.assert_allclose(found, exact, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("processor", ["SkylakeX", "Haswell", ""])
@pytest.mark.parametrize("shape", [(32, 64, 128), (24, 512, 64), (7, 9, 64), (128, 40, 100)])
@pytest.mark.parametrize("order", ["plain", "left transposed", "right transposed", "stack"])
def test_a_product_in_blocks(
    processor: str, shape: tuple[int, int, int], order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "architecture", lambda: processor)
    (m, k, n), stack = shape, (3,) if order == "stack" else ()
    left = matrix(k, m).T if order == "left transposed" else matrix(*stack, m, k)
    right = matrix(n, k, seed=1).T if order == "right transposed" else matrix(*stack, k, n, seed=1)
    out = np.full((*stack, m, n), np.nan, np.float32)
    product(left, right, out=out)
    close(out, left, right)
    wide = np.full((*stack, m, n), np.nan)
    product(left.astype(np.float64), right.astype(np.float64), out=wide)
    close(wide, left, right)


@pytest.mark.parametrize("processor", ["SkylakeX", "Haswell"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("shape", "blocks"),
    [
        ((784, 100, 64), (7, 112, 100)), ((3072, 30, 32), (24, 128, 30)), ((785, 100, 64), None),
        ((784, 250, 64), None), ((784, 100, 15), None), ((64, 100, 64), None),
        ((3072, 128, 64), None),
    ],
)  # fmt: skip
def test_the_gradient_of_weights_in_blocks(
    processor: str, dtype: str, shape: tuple[int, int, int], blocks: tuple[int, int, int] | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(limits, "architecture", lambda: processor)
    run, stacks = np.matmul, []

    def noted(left: Any, right: Any, out: Any) -> Any:
        if left.ndim == 3:
            stacks.append(left.shape)
        return run(left, right, out)

    monkeypatch.setattr(np, "matmul", noted)
    m, k, n = shape
    x, delta = matrix(k, m).astype(dtype), matrix(k, n, seed=1).astype(dtype)
    out = np.full((m, n), np.nan, dtype)
    assert np.shares_memory(matmul(x.T, delta, out=out), out)
    close(out, x.T, delta)
    close(matmul(x.T, delta), x.T, delta)
    assert stacks == ([blocks] * 2 if blocks and processor == "SkylakeX" else [])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("shape", "blocks"),
    [
        ((100, 784, 32), (4, 25, 784)), ((128, 784, 20), (4, 32, 784)),
        ((64, 784, 64), (4, 16, 784)), ((97, 784, 64), None), ((100, 784, 12), None),
        ((14, 784, 100), None), ((200, 800, 100), None),
    ],
)  # fmt: skip
def test_a_batch_times_weights_in_blocks(
    dtype: str, shape: tuple[int, int, int], blocks: tuple[int, int, int] | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(limits, "architecture", lambda: "SkylakeX")
    stacks, run = [], np.matmul

    def noted(left: Any, right: Any, out: Any) -> Any:
        if left.ndim == 3:
            stacks.append(left.shape)
        return run(left, right, out)

    m, k, n = shape
    x, W = matrix(m, k).astype(dtype), matrix(k, n, seed=1).astype(dtype)
    expected = x @ W
    monkeypatch.setattr(np, "matmul", noted)
    close(matmul(x, W), x, W)
    assert stacks == ([blocks] if blocks else [])
    assert matmul(x[::2, ::-1], np.asfortranarray(W)).shape == expected[::2].shape
    assert stacks == ([blocks] if blocks else [])  # weights by columns are never cut


@pytest.mark.parametrize("count", [1, 511, 512, 5000])
def test_the_product_of_long_matrices(count: int) -> None:
    left, right = matrix(count, 27), matrix(count, 64, seed=1)
    np.testing.assert_allclose(
        long_product(left, right), left.T.astype(np.float64) @ right, rtol=1e-4, atol=1e-3
    )


@pytest.mark.parametrize("columns", [1, 100, 2048, 12288])
def test_the_product_with_long_rows(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "SHORT", 1 << 13)
    left, table = matrix(16, 9), matrix(9, columns, seed=1)
    out = np.full((16, columns), np.nan, np.float32)
    wide_product(left, table, out=out)
    close(out, left, table)


@pytest.mark.parametrize("shape", [(), (0, 3), (5,), (3, 4, 5)])
def test_memory_begins_where_a_cache_line_does(shape: tuple[int, ...]) -> None:
    for dtype in np.float32, np.float64:
        x = np.ones(shape[::-1], dtype).T
        for array in empty(shape, dtype), empty_like(x), scratch("test", shape, dtype):
            assert array.shape == shape
            assert array.dtype == dtype
            assert not array.size or array.ctypes.data % LINE == 0
            array[...] = 1
        assert not x.size or empty_like(x).strides == x.strides
