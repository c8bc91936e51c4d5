"""A batch around its mean, with the digits that are not in the mean."""

from __future__ import annotations

import numpy as np

from mytorch.checks.arrays import FloatArray


def centred(out: FloatArray, x: FloatArray, mean: FloatArray, rounding: FloatArray) -> FloatArray:
    """`x - mean` in `out`; `rounding` is what `mean` lacks."""
    np.subtract(x, mean, out=out)
    if rounding.any():
        out -= rounding
    return out
