"""The standard normal distribution, by rational functions.

`Phi(z) = erfc(-z / sqrt(2)) / 2`. Cody 1969 (*Rational Chebyshev Approximations for the Error
Function*, Mathematics of Computation 23, tables I to III) has quotients of polynomials that differ
from these functions by less than 1e-16, relative to their size:

    erf(x)  = x R1(x^2)                                            up to x = 0.46875
    erfc(x) = exp(-x^2) R2(x)                                      up to x = 4
    erfc(x) = exp(-x^2) / x (1 / sqrt(pi) - R3(1 / x^2) / x^2)     above

With `x = |z| / sqrt(2)`, `exp(-x^2)` is `exp(-z^2 / 2)`. An error in `z^2` would count as often as
`z^2` is large, so `z` is cut at a sixteenth: `z^2 = s^2 + (z - s) (z + s)`, where `s^2` is exact.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mytorch.checks.arrays import FloatArray
from mytorch.numeric.blocks import blocks_of

# Numerator and denominator, from the highest power.
R1 = (
    (1.85777706184603153e-1, 3.16112374387056560e0, 1.13864154151050156e2,
     3.77485237685302021e2, 3.20937758913846947e3),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3,
     2.84423683343917062e3),
)  # fmt: skip
R2 = (
    (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0,
     6.61191906371416295e1, 2.98635138197400131e2, 8.81952221241769090e2,
     1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3),
    (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2,
     1.62138957456669019e3, 3.29079923573345963e3, 4.36261909014324716e3,
     3.43936767414372164e3, 1.23033935480374942e3),
)  # fmt: skip
R3 = (
    (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1,
     1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4),
    (1.0, 2.56852019228982242e0, 1.87295284992346725e0, 5.27905102951428412e-1,
     6.05183413124413191e-2, 2.33520497626869185e-3),
)  # fmt: skip

SMALL, LARGE = 0.46875, 4.0
NOTHING = 40.0
"""From this size on `Phi(-z)` is below the smallest number of float64."""

SHORT = 1 << 15
"""Numbers at a time: all that forty operations on them need stays in the cache of a core."""


def normal_distribution(z: FloatArray) -> FloatArray:
    """`Phi(z)`, of the shape and dtype of `z`; it keeps its digits where it is nearly 0."""
    out = np.empty_like(z)
    if out.strides != z.strides:  # z has gaps
        z = z.copy(order="K")
    flat, result = z.ravel(order="K"), out.ravel(order="K")  # views
    for part in blocks_of(z.size, 1, SHORT):
        own = flat[part].astype(np.float64)
        small = np.abs(own) <= SMALL * math.sqrt(2)
        Phi = np.empty_like(own)
        Phi[small] = _near_zero(own[small])
        np.logical_not(small, out=small)
        Phi[small] = _in_the_tails(own[small])
        result[part] = Phi
    return out


def normal_density(z: FloatArray) -> FloatArray:
    """`phi(z) = exp(-z^2 / 2) / sqrt(2 pi)` for each number, in the dtype of `z`."""
    density: FloatArray = np.exp(-np.square(z) / 2) / math.sqrt(2 * math.pi)
    return density


def _near_zero(z: FloatArray) -> FloatArray:
    """`1/2 + erf(x) / 2`."""
    x = z * math.sqrt(0.5)
    return 0.5 + x * _quotient(R1, x * x) / 2


def _in_the_tails(z: FloatArray) -> FloatArray:
    """`erfc(x) / 2` below zero, `1 - erfc(x) / 2` above."""
    size = np.minimum(np.abs(z), NOTHING)
    x = size * math.sqrt(0.5)
    tail = _quotient(R2, x)
    large = np.flatnonzero(x > LARGE)
    if large.size:
        y = x[large]
        tail[large] = (1 / math.sqrt(math.pi) - _quotient(R3, 1 / (y * y)) / (y * y)) / y
    s = np.floor(size * 16) / 16
    tail *= np.exp((size - s) * (size + s) / -2)
    tail *= np.exp(s * s / -2) / 2
    above = z > 0
    return np.abs(above - tail)


def _quotient(of: Sequence[Sequence[float]], x: FloatArray) -> FloatArray:
    """A rational function by Horner's rule."""
    parts = []
    for first, *others in of:
        part = np.full_like(x, first)
        for coefficient in others:
            part *= x
            part += coefficient
        parts.append(part)
    parts[0] /= parts[1]
    return parts[0]
