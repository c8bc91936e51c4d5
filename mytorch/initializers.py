"""Initial weights and biases.

A weight initializer takes `(fan_in, fan_out)` and returns an array of that shape, a bias
initializer takes `n` and returns `(1, n)`, both float64. The schemes with a name also take `rng`, a
seed or a generator; without it they draw from NumPy's global one, which `np.random.seed` sets.
For a network that draws from a generator of its own:

    rng = np.random.default_rng(0)
    init = functools.partial(kaiming_normal, rng=rng)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mytorch._arrays import FloatArray

Rng = int | np.random.Generator | None
"""A seed, a generator, or None for NumPy's global one."""


def random_normal_weight_init(fan_in: int, fan_out: int) -> FloatArray:
    """Independent standard normal numbers, `(fan_in, fan_out)`, from `np.random` (000 §3.1)."""
    return np.random.normal(size=(fan_in, fan_out))


def zeros_bias_init(n: int) -> FloatArray:
    """Zeros, `(1, n)` (000 §3.1)."""
    return np.zeros((1, n))


def xavier_uniform(fan_in: int, fan_out: int, rng: Rng = None) -> FloatArray:
    """Uniform in `±sqrt(6 / (fan_in + fan_out))`: variance `2 / (fan_in + fan_out)`.

    Keeps the variance of signals and gradients through layers with Tanh or Sigmoid
    (Glorot and Bengio 2010, eq. 16).
    """
    return _uniform(fan_in, fan_out, 2 / (fan_in + fan_out), rng)


def xavier_normal(fan_in: int, fan_out: int, rng: Rng = None) -> FloatArray:
    """Normal with variance `2 / (fan_in + fan_out)` (Glorot and Bengio 2010, eq. 12)."""
    return _normal(fan_in, fan_out, 2 / (fan_in + fan_out), rng)


def kaiming_uniform(fan_in: int, fan_out: int, rng: Rng = None) -> FloatArray:
    """Uniform in `±sqrt(6 / fan_in)`: variance `2 / fan_in`.

    Keeps the variance of signals through layers with ReLU, which cuts it in half
    (He et al. 2015, eq. 10).
    """
    return _uniform(fan_in, fan_out, 2 / fan_in, rng)


def kaiming_normal(fan_in: int, fan_out: int, rng: Rng = None) -> FloatArray:
    """Normal with variance `2 / fan_in` (He et al. 2015, eq. 10)."""
    return _normal(fan_in, fan_out, 2 / fan_in, rng)


def _normal(fan_in: int, fan_out: int, variance: float, rng: Rng) -> FloatArray:
    return np.asarray(_generator(rng).normal(0, np.sqrt(variance), size=(fan_in, fan_out)))


def _uniform(fan_in: int, fan_out: int, variance: float, rng: Rng) -> FloatArray:
    """Uniform numbers in `±bound` have the variance `bound^2 / 3`."""
    bound = np.sqrt(3 * variance)
    return np.asarray(_generator(rng).uniform(-bound, bound, size=(fan_in, fan_out)))


def _generator(rng: Rng) -> Any:
    return np.random if rng is None else np.random.default_rng(rng)
