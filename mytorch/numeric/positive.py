"""The positive part of large arrays."""

from __future__ import annotations

import numpy as np

from mytorch.checks.arrays import FloatArray
from mytorch.numeric.blocks import each_number


def positive_part(x: FloatArray) -> FloatArray:
    """`max(x, 0)` for each number, in blocks."""
    return each_number(lambda out, x: np.maximum(x, 0, out=out), x)
