"""A million rows: sums over the batch keep their digits, in little time and memory."""

import math
import sys
import tracemalloc
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from mytorch import BatchNorm, Linear, SoftmaxCrossEntropy
from mytorch.initializers import zeros_bias_init
from mytorch.nn import CrossEntropyLoss
from mytorch.numeric.sums import BLOCK, LONG, column_sums
from mytorch.tensor import Tensor
from tests.support.layers import xavier

pytestmark = pytest.mark.slow
M = 1_000_000
every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])
Array = npt.NDArray[Any]


def mean(column: Array) -> float:
    """The mean without rounding in between."""
    return math.fsum(column.tolist()) / len(column)


def deviating(dtype: Any) -> Array:
    """A million times about 0.1: in float32, adding them one by one is one percent off."""
    x = np.full((M, 2), 0.1, dtype)
    x[:, 1] += np.random.default_rng(0).random(M, np.float32) / 100
    return x


@every_dtype
def test_batch_norm(dtype: Any) -> None:
    """The mean to 4 ulp, sums to 32, of the mean of |x|, of |delta| and so on.

    A column of equal numbers is the worst there is: every addition may round the same way.
    """
    x, eps = deviating(dtype), np.finfo(dtype).eps
    delta = x[:, ::-1].copy()
    layer = BatchNorm(2, dtype=dtype)
    calls = 0

    def count(*_: Any) -> None:
        nonlocal calls
        calls += 1

    tracemalloc.start()
    sys.setprofile(count)
    out = layer(x)
    dx = layer.backward(delta)
    sys.setprofile(None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert calls < M / 100  # nothing is done row by row
    assert peak < 8 * x.nbytes

    wide, given = x.astype(float), delta.astype(float)
    means = np.array([mean(column) for column in wide.T])
    np.testing.assert_allclose(layer.mean[0], means, rtol=4 * eps)
    centred = wide - means
    var = np.array([mean(column) for column in np.square(centred).T])
    assert layer.var[0, 0] == 0
    np.testing.assert_allclose(layer.var[0, 1], var[1], rtol=32 * eps)
    norm = centred[:, 1] / np.sqrt(var[1] + 1e-8)
    assert (out[:, 0] == 0).all()
    np.testing.assert_allclose(out[:, 1], norm, rtol=0, atol=32 * eps)
    np.testing.assert_allclose(
        layer.dbeta[0] / M, [mean(column) for column in given.T], rtol=32 * eps
    )
    dgamma = mean(given[:, 1] * norm)
    np.testing.assert_allclose(layer.dgamma[0, 1] / M, dgamma, rtol=0, atol=32 * eps)
    slope = (given[:, 1] - mean(given[:, 1]) - norm * dgamma) / np.sqrt(var[1] + 1e-8)
    np.testing.assert_allclose(dx[:, 1], slope, rtol=0, atol=32 * eps / np.sqrt(var[1]))


@every_dtype
def test_linear_and_the_mean_loss(dtype: Any) -> None:
    x, eps = deviating(dtype), np.finfo(dtype).eps
    layer = Linear(2, 3, xavier(0), zeros_bias_init, dtype)
    logits = layer(x)
    labels = np.random.default_rng(1).integers(0, 3, M)
    criterion = SoftmaxCrossEntropy()
    losses = criterion(logits, np.eye(3, dtype=dtype)[labels])
    delta = criterion.derivative()
    layer.parameter_gradients(delta)
    db = [mean(column) for column in delta.astype(float).T]
    np.testing.assert_allclose(layer.db[0], db, rtol=0, atol=32 * eps)
    loss = CrossEntropyLoss()(Tensor(logits), labels)
    np.testing.assert_allclose(loss.item(), mean(losses.astype(float)), rtol=32 * eps)


@every_dtype
@pytest.mark.parametrize("rows", [1, LONG, LONG + 1, LONG + BLOCK, 5 * LONG - 1, 150 * LONG])
@pytest.mark.parametrize("columns", [1, 3])
def test_sums_of_columns(dtype: Any, rows: int, columns: int) -> None:
    """No row is forgotten and none counted twice; whole numbers add up exactly."""
    x = np.random.default_rng(rows).integers(-9, 10, (rows, columns))
    sums = column_sums(x.astype(dtype))
    assert sums.dtype == dtype
    assert sums.tolist() == [x.sum(axis=0).tolist()]
    assert column_sums(np.asfortranarray(x.astype(dtype))).tolist() == sums.tolist()
