"""The normal distribution against mpmath with 40 digits."""

from typing import Any

import mpmath
import numpy as np
import pytest

from mytorch import GELU
from mytorch.numeric import normal
from mytorch.numeric.normal import LARGE, SMALL, normal_distribution

EDGES = [edge * 2**0.5 * (1 + 1e-9 * k) for edge in (SMALL, LARGE) for k in (-1, 0, 1)]
PLACES = {
    "tails": np.linspace(-37.4, 9, 700),
    "middle": np.random.default_rng(0).normal(size=700),
    "edges": np.array([*EDGES, *(-edge for edge in EDGES)]),
    "tiny": np.array([0.0, -0.0, 1e-300, -1e-300, 5e-324]),
}


def exact(z: Any) -> Any:
    """`Phi(z)` in arbitrary precision."""
    with mpmath.workdps(40):
        return mpmath.erfc(-mpmath.mpf(float(z)) / mpmath.sqrt(2)) / 2


@pytest.mark.parametrize("where", PLACES)
def test_all_digits_in_float64(where: str) -> None:
    z = PLACES[where]
    pairs = zip(normal_distribution(z), z, strict=True)
    errors = [abs(mpmath.mpf(float(Phi)) / exact(v) - 1) for Phi, v in pairs]
    assert max(errors) < 1e-15


@pytest.mark.parametrize("where", ["tails", "middle"])
def test_all_digits_in_float32(where: str) -> None:
    z = PLACES[where].astype(np.float32)
    z = z[z > -12.5]  # below, the result has fewer digits: it is nearly 0
    expected = np.array([float(exact(v)) for v in z])
    np.testing.assert_allclose(normal_distribution(z), expected, rtol=6.1e-8)
    assert normal_distribution(z).dtype == np.float32


def test_what_is_not_finite() -> None:
    z = np.array([np.inf, -np.inf, np.nan, -39, 39])
    np.testing.assert_array_equal(normal_distribution(z), [1, 0, np.nan, 0, 1])


@pytest.mark.parametrize("shape", [(), (0,), (3,), (4, 5, 6)])
def test_any_shape_and_order_of_memory(
    shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = np.random.default_rng(1).normal(size=(*shape, 2))
    expected = normal_distribution(whole[..., 0].copy())
    monkeypatch.setattr(normal, "SHORT", 7)
    for z in whole[..., 0], whole[..., 0].copy(), whole.T[0].copy().T:
        np.testing.assert_array_equal(normal_distribution(z), expected)


def test_gelu_of_large_numbers() -> None:
    """`z Phi(z)` where a sum with 1 has lost all digits."""
    layer = GELU()
    z = np.array([[-20.0, -9.5, -3.25, 3.25, 20.0]])
    expected = [float(v * exact(v)) for v in z[0]]
    np.testing.assert_allclose(layer.forward(z)[0], expected, rtol=1e-15)
