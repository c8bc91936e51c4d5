"""The standard normal distribution."""

from __future__ import annotations

import math

import numpy as np

from mytorch.checks.arrays import FloatArray

_erfc = np.frompyfunc(math.erfc, 1, 1)


def normal_distribution(z: FloatArray) -> FloatArray:
    """`Phi(z) = erfc(-z / sqrt(2)) / 2`, which keeps its digits where `Phi` is nearly 0."""
    return np.asarray(_erfc(z * -math.sqrt(0.5)), z.dtype) / 2
