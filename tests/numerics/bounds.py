"""How exact each function is: the one table of bounds, and how an error is measured.

An error is counted in ulp: units of the last place, in the dtype, of a *size*. Where the size is
the result itself this is the ordinary relative error. Where it is more, the digits that it adds
are lost before the function is reached, or in a difference that the derivation asks for:

- `x - max x` is rounded once, and an exponential makes of an absolute error of its argument a
  relative one of its result. So softmax has the size `p (1 + |d|)`, `d = x - max x`.
- A logarithm near 0 is as large as the probability of all other classes together, which has that
  same error: the size of `log softmax` is `|log softmax| + sum_k p_k |d_k|`.
- `S (1 - S)`, `1 - tanh^2` and `p - y` are computed from the rounded output, as the sources
  prescribe (000 §3.3): next to 1 they are exact to the last digit of 1, no further.
- `x - mean` cancels. Its error is that of numbers of the column's spread, so the size of
  `norm` is `s = |norm| + mean |norm|`, not `|norm|` alone, which may be 0 between large rows.
  (Plus `eps |mean| / std` where the spread itself is below the last digit of the mean, and
  `tiny / std` where the difference is subnormal.)
- A sum of terms of both signs has the size of the sum of their absolute values.

Below the smallest normal number there are no digits to count: what is asked there is to be below
it as well.
"""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import numpy.typing as npt

Exact = npt.NDArray[np.object_]
"""An array of numbers with 60 digits."""

ctx: Any = mpmath.mp.clone()
ctx.dps = 60

# name: (ulp in float64, ulp in float32). NumPy's own float32 logarithm has up to 3.9 of them on
# some machines, its exponential 2.6.
BOUNDS = {
    # of the result
    "exp": (4, 4),
    "log": (4, 4),
    "sigmoid": (4, 4),
    "tanh": (4, 4),
    "L2": (4, 4),
    "L2 gradient": (4, 4),
    "cross-entropy of probabilities": (4, 6),
    "batch norm in evaluation": (4, 4),  # of |gamma norm| + |beta|
    # of S, of 1, of max(p (1 + |d|), y)
    "sigmoid slope": (4, 4),
    "tanh slope": (4, 4),
    "cross-entropy gradient": (4, 4),
    # of p (1 + |d|), of |log softmax| + sum p |d|
    "softmax": (4, 4),
    "log-softmax": (4, 4),
    "cross-entropy": (4, 4),
    # of |gamma| s + |beta|, and of the sums of absolute terms
    "batch norm": (4, 4),
    "batch norm dgamma": (4, 4),
    "batch norm dbeta": (4, 4),
    "batch norm gradient": (4, 4),
    "softmax gradient": (4, 4),
    "log-softmax gradient": (4, 4),
}


def exact(array: npt.ArrayLike) -> Exact:
    """The numbers of an array as they are, ready for 60-digit arithmetic."""
    numbers = np.asarray(array, float)
    return np.array([ctx.mpf(v) for v in numbers.ravel().tolist()], object).reshape(numbers.shape)


def ulps(computed: npt.NDArray[Any], value: Exact, size: Exact | None = None) -> float:
    """The largest error of `computed`, in ulp of `size`, or of `value` where it is larger.

    Beyond the dtype's range both the largest number and inf are right; NaN is infinitely wrong.
    """
    limits = np.finfo(computed.dtype)
    largest, tiny = ctx.mpf(float(limits.max)), ctx.mpf(float(limits.tiny))
    sizes = np.broadcast_to(np.abs(value) if size is None else size, value.shape)
    assert computed.shape == value.shape
    worst = 0.0
    for c, v, s in zip(computed.ravel().tolist(), value.ravel(), sizes.ravel(), strict=True):
        if np.isnan(c):
            return np.inf
        inside = max(min(v, largest), -largest)
        found = max(min(ctx.mpf(c), largest), -largest)
        measure = max(abs(v), s)
        unit = ctx.ldexp(1, ctx.frexp(measure)[1] - 1 - limits.nmant) if measure >= tiny else tiny
        worst = max(worst, float(abs(found - inside) / unit))
    return worst


def bound(name: str, dtype: npt.DTypeLike) -> float:
    """The bound of the table for one dtype."""
    return BOUNDS[name][0 if np.dtype(dtype) == np.float64 else 1]
