"""The normalised rows of a large batch, computed anew where they are needed.

To keep them would cost more time than the formula does: they would be written into main memory and
read from there.
"""

from __future__ import annotations

import numpy as np

from mytorch.checks.arrays import FloatArray


def normalized(
    out: FloatArray, x: FloatArray, mean: FloatArray, rounding: FloatArray, inverse: FloatArray
) -> FloatArray:
    """`(x - mean) / std` in `out`; `inverse` is `1 / std`, `rounding` what `mean` lacks."""
    np.subtract(x, mean, out=out)
    if rounding.any():
        out -= rounding
    out *= inverse
    return out
