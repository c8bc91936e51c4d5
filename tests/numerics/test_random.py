"""Hypothesis against 60-digit arithmetic: both faces, both dtypes, the whole range.

Every test draws from the dtype's whole range, subnormal numbers, both zeros and the largest
included, and as often from where the functions bend.
"""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.numerics.checking import assert_within, criterion_errors, errors
from tests.numerics.faces import FACES

every_face = pytest.mark.parametrize("face", FACES)
every_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])
sizes = st.tuples(st.integers(1, 5), st.integers(1, 4))
seeds = st.integers(0, 2**32 - 1)


def numbers(dtype: Any, low: float | None = None, high: float | None = None) -> Any:
    """Finite numbers, from `low` to `high` where they are given."""
    limits, width = np.finfo(dtype), np.finfo(dtype).bits
    low = float(limits.min) if low is None else low
    high = float(limits.max) if high is None else high
    return st.floats(low, high, width=width) | st.floats(max(low, -40), min(high, 40), width=width)


def matrices(dtype: Any, shape: Any = sizes) -> Any:
    return arrays(dtype, shape, elements=numbers(dtype))


def upstream(seed: int, shape: tuple[int, ...], dtype: Any) -> Any:
    """Parameters and gradients of ordinary size."""
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


@every_face
@every_dtype
@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
@given(data=st.data(), seed=seeds)
def test_sigmoid_and_tanh(face: str, dtype: Any, name: str, data: Any, seed: int) -> None:
    x = data.draw(arrays(dtype, 12, elements=numbers(dtype)))
    assert_within(errors(face, "elementwise", name, x, upstream(seed, x.shape, dtype)), dtype)


@every_dtype
@given(data=st.data())
def test_exp_and_log(dtype: Any, data: Any) -> None:
    limits = np.finfo(dtype)
    reach = 87.0 if dtype == np.float32 else 709.0
    ones = np.ones(8, dtype)
    x = data.draw(arrays(dtype, 8, elements=numbers(dtype, -reach, reach)))
    assert_within(errors("autograd", "elementwise", "exp", x, ones), dtype)
    positive = numbers(dtype, float(limits.tiny), float(limits.max) / 8)
    x = data.draw(arrays(dtype, 8, elements=positive))
    assert_within(errors("autograd", "elementwise", "log", x, ones), dtype)


@every_face
@every_dtype
@given(data=st.data(), seed=seeds)
def test_softmax_log_sum_exp_and_cross_entropy(face: str, dtype: Any, data: Any, seed: int) -> None:
    x = data.draw(matrices(dtype))
    classes = np.random.default_rng(seed).integers(0, x.shape[1], len(x))
    assert_within(errors(face, "rows", x, upstream(seed, x.shape, dtype), classes), dtype)


@every_face
@every_dtype
@given(data=st.data(), seed=seeds, eps=st.sampled_from([1e-8, 1e-5, 1e-3]))
def test_batch_norm(face: str, dtype: Any, data: Any, seed: int, eps: float) -> None:
    x = data.draw(matrices(dtype))
    gamma, beta = upstream(seed, (2, x.shape[1]), dtype)
    grad = upstream(seed + 1, x.shape, dtype)
    assert_within(errors(face, "batch_norm", x, gamma, beta, grad, eps), dtype)


@every_face
@every_dtype
@given(data=st.data(), seed=seeds)
def test_batch_norm_in_evaluation(face: str, dtype: Any, data: Any, seed: int) -> None:
    x = data.draw(matrices(dtype))
    mean = data.draw(arrays(dtype, x.shape[1], elements=numbers(dtype)))
    var = data.draw(arrays(dtype, x.shape[1], elements=numbers(dtype, 0.0)))
    gamma, beta = upstream(seed, (2, x.shape[1]), dtype)
    assert_within(errors(face, "evaluation", x, gamma, beta, mean, var, 1e-8), dtype)


@every_dtype
@given(data=st.data())
def test_half_the_squared_distance(dtype: Any, data: Any) -> None:
    x = data.draw(matrices(dtype))
    y = data.draw(matrices(dtype, st.just(x.shape)))
    assert_within(criterion_errors(x, y, probabilities=False), dtype)


@every_dtype
@given(data=st.data(), seed=seeds, one_hot=st.booleans())
def test_cross_entropy_of_probabilities(dtype: Any, data: Any, seed: int, one_hot: bool) -> None:
    tiny = float(np.finfo(dtype).tiny)
    p = data.draw(arrays(dtype, sizes, elements=numbers(dtype, tiny, 1.0)))
    y = np.random.default_rng(seed).dirichlet(np.ones(p.shape[1]), len(p))
    if one_hot:
        y = np.eye(p.shape[1])[y.argmax(axis=1)]
    assert_within(criterion_errors(p, y.astype(dtype), probabilities=True), dtype)
