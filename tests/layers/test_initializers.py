"""Initial weights: shapes, seeds, and the moments that each scheme is named for."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mytorch import initializers as init

SCHEMES: dict[Callable[..., Any], tuple[float, bool]] = {
    init.xavier_uniform: (2 / 700, True),
    init.xavier_normal: (2 / 700, False),
    init.kaiming_uniform: (2 / 300, True),
    init.kaiming_normal: (2 / 300, False),
}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_variance_and_range_of_each_scheme(scheme: Callable[..., Any]) -> None:
    variance, uniform = SCHEMES[scheme]
    weights = scheme(300, 400, rng=3)
    assert weights.shape == (300, 400)
    assert weights.dtype == np.float64
    assert weights.var() == pytest.approx(variance, rel=0.02)
    assert weights.mean() == pytest.approx(0, abs=0.02 * np.sqrt(variance))
    bound = np.sqrt(3 * variance)
    assert (np.abs(weights).max() <= bound) == uniform


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_seed_gives_the_same_weights_again(scheme: Callable[..., Any]) -> None:
    assert np.array_equal(scheme(4, 5, rng=3), scheme(4, 5, rng=3))
    assert not np.array_equal(scheme(4, 5, rng=3), scheme(4, 5, rng=4))
    np.random.seed(7)
    first = scheme(4, 5)
    assert not np.array_equal(first, scheme(4, 5))
    np.random.seed(7)
    assert np.array_equal(first, scheme(4, 5))


def test_the_homeworks_two() -> None:
    np.random.seed(11785)
    weights = init.random_normal_weight_init(200, 300)
    assert weights.shape == (200, 300)
    assert weights.std() == pytest.approx(1, rel=0.02)
    np.random.seed(11785)
    assert np.array_equal(weights, np.random.normal(0, 1, (200, 300)))
    assert init.zeros_bias_init(4).tolist() == [[0, 0, 0, 0]]


@pytest.mark.parametrize("scheme", [*SCHEMES, init.random_normal_weight_init])
def test_impossible_sizes_are_refused(scheme: Callable[..., Any]) -> None:
    name = scheme.__name__
    with pytest.raises(ValueError, match=f"{name}: expected fan_in of at least 1, got -1"):
        scheme(-1, 3)
    for bad in (2.5, True, "3", None):
        with pytest.raises(TypeError, match=f"{name}: expected a whole number as fan_out, got"):
            scheme(3, bad)
