"""Initial weights and biases.

A weight initializer takes `(fan_in, fan_out)` and returns an array of that shape, a bias
initializer takes `n` and returns `(1, n)`, both float64. The schemes with a name also take `rng`, a
seed or a generator; without it they draw from NumPy's global one, which `np.random.seed` sets.
For a network that draws from a generator of its own:

    rng = np.random.default_rng(0)
    init = functools.partial(kaiming_normal, rng=rng)

Sizes that are no whole numbers of at least 1, or another `rng`, raise TypeError or ValueError.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mytorch.checks.arrays import FloatArray
from mytorch.checks.settings import check_int, check_rng

Rng = int | np.random.Generator | None
"""A seed, a generator, or None for NumPy's global one."""


def random_normal_weight_init(fan_in: int, fan_out: int) -> FloatArray:
    """Independent standard normal numbers, `(fan_in, fan_out)`, from `np.random` (000 §3.1)."""
    return np.random.normal(size=_sizes(fan_in, fan_out, "random_normal_weight_init"))


def zeros_bias_init(n: int) -> FloatArray:
    """Zeros, `(1, n)` (000 §3.1)."""
    return np.zeros((1, check_int(n, "zeros_bias_init", "n")))


def xavier_uniform(fan_in: int, fan_out: int, rng: Rng = None) -> FloatArray:
    """Uniform in `±sqrt(6 / (fan_in + fan_out))`: variance `2 / (fan_in + fan_out)`.

    Keeps the variance of signals and gradients through layers with Tanh or Sigmoid
    (Glorot and Bengio 2010, eq. 16).
    """
    sizes = _sizes(fan_in, fan_out, "xavier_uniform")
    return _uniform(sizes, 2 / sum(sizes), check_rng(rng, "xavier_uniform"))


def xavier_normal(fan_in: int, fan_out: int, rng: Rng = None) -> FloatArray:
    """Normal with variance `2 / (fan_in + fan_out)` (Glorot and Bengio 2010, eq. 12)."""
    sizes = _sizes(fan_in, fan_out, "xavier_normal")
    return _normal(sizes, 2 / sum(sizes), check_rng(rng, "xavier_normal"))


def kaiming_uniform(fan_in: int, fan_out: int, rng: Rng = None) -> FloatArray:
    """Uniform in `±sqrt(6 / fan_in)`: variance `2 / fan_in`.

    Keeps the variance of signals through layers with ReLU, which cuts it in half
    (He et al. 2015, eq. 10).
    """
    sizes = _sizes(fan_in, fan_out, "kaiming_uniform")
    return _uniform(sizes, 2 / sizes[0], check_rng(rng, "kaiming_uniform"))


def kaiming_normal(fan_in: int, fan_out: int, rng: Rng = None) -> FloatArray:
    """Normal with variance `2 / fan_in` (He et al. 2015, eq. 10)."""
    sizes = _sizes(fan_in, fan_out, "kaiming_normal")
    return _normal(sizes, 2 / sizes[0], check_rng(rng, "kaiming_normal"))


def _sizes(fan_in: int, fan_out: int, owner: str) -> tuple[int, int]:
    return check_int(fan_in, owner, "fan_in"), check_int(fan_out, owner, "fan_out")


def _normal(sizes: tuple[int, int], variance: float, draw: Any) -> FloatArray:
    return np.asarray(draw.normal(0, np.sqrt(variance), size=sizes))


def _uniform(sizes: tuple[int, int], variance: float, draw: Any) -> FloatArray:
    """Uniform numbers in `±bound` have the variance `bound^2 / 3`."""
    bound = np.sqrt(3 * variance)
    return np.asarray(draw.uniform(-bound, bound, size=sizes))
