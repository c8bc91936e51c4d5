"""Initial weights and biases.

A weight initializer takes `(fan_in, fan_out)` and returns `(fan_in, fan_out)`, a bias initializer
takes `n` and returns `(1, n)`, both float64. Those that carry a scheme's name are made by a
function of that name, which takes the random generator: `kaiming_normal(rng=0)` is an
initializer. Without `rng` they draw from NumPy's global generator, which `np.random.seed` sets.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from mytorch._arrays import FloatArray

Rng = int | np.random.Generator | None
"""A seed, a generator, or None for NumPy's global one."""

Scheme = Callable[..., Callable[[int, int], FloatArray]]
"""A function of that name: `xavier_uniform(rng=None)` and the others return an initializer."""


def random_normal_weight_init(fan_in: int, fan_out: int) -> FloatArray:
    """Independent standard normal numbers, `(fan_in, fan_out)`, from `np.random` (000 §3.1)."""
    return np.random.normal(size=(fan_in, fan_out))


def zeros_bias_init(n: int) -> FloatArray:
    """Zeros, `(1, n)` (000 §3.1)."""
    return np.zeros((1, n))


def xavier_uniform(rng: Rng = None) -> Callable[[int, int], FloatArray]:
    """Uniform in `±sqrt(6 / (fan_in + fan_out))`: variance `2 / (fan_in + fan_out)`.

    Keeps the variance of signals and gradients through layers with Tanh or Sigmoid
    (Glorot and Bengio 2010, eq. 16).
    """
    return _uniform(lambda fan_in, fan_out: 2 / (fan_in + fan_out), rng)


def xavier_normal(rng: Rng = None) -> Callable[[int, int], FloatArray]:
    """Normal with variance `2 / (fan_in + fan_out)` (Glorot and Bengio 2010, eq. 12)."""
    return _normal(lambda fan_in, fan_out: 2 / (fan_in + fan_out), rng)


def kaiming_uniform(rng: Rng = None) -> Callable[[int, int], FloatArray]:
    """Uniform in `±sqrt(6 / fan_in)`: variance `2 / fan_in`.

    Keeps the variance of signals through layers with ReLU, which cuts it in half
    (He et al. 2015, eq. 10).
    """
    return _uniform(lambda fan_in, fan_out: 2 / fan_in, rng)


def kaiming_normal(rng: Rng = None) -> Callable[[int, int], FloatArray]:
    """Normal with variance `2 / fan_in` (He et al. 2015, eq. 10)."""
    return _normal(lambda fan_in, fan_out: 2 / fan_in, rng)


def _normal(variance: Callable[[int, int], float], rng: Rng) -> Callable[[int, int], FloatArray]:
    generator = _generator(rng)

    def init(fan_in: int, fan_out: int) -> FloatArray:
        deviation = np.sqrt(variance(fan_in, fan_out))
        return np.asarray(generator.normal(0, deviation, size=(fan_in, fan_out)))

    return init


def _uniform(variance: Callable[[int, int], float], rng: Rng) -> Callable[[int, int], FloatArray]:
    """Uniform numbers in `±bound` have the variance `bound^2 / 3`."""
    generator = _generator(rng)

    def init(fan_in: int, fan_out: int) -> FloatArray:
        bound = np.sqrt(3 * variance(fan_in, fan_out))
        return np.asarray(generator.uniform(-bound, bound, size=(fan_in, fan_out)))

    return init


def _generator(rng: Rng) -> Any:
    return np.random if rng is None else np.random.default_rng(rng)
