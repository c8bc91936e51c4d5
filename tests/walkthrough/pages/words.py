"""Functions that the pages' formulas use, and that NumPy does not have."""

from __future__ import annotations

from collections.abc import Callable
from math import erf
from typing import Any

import numpy as np
import numpy.typing as npt


def softmax(z: npt.ArrayLike) -> npt.NDArray[Any]:
    """`exp(z) / sum(exp(z))` of each row, shifted by the row's maximum."""
    z = np.asarray(z, float)
    exponentials = np.exp(z - z.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def log_softmax(z: npt.ArrayLike) -> npt.NDArray[Any]:
    """The logarithm of `softmax(z)`."""
    z = np.asarray(z, float)
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


def slope(function: Callable[[Any], Any], at: npt.ArrayLike) -> npt.NDArray[Any]:
    """The gradient of a function with one number as its value, by central differences."""
    at, step = np.array(at, float), 1e-6
    found = np.zeros_like(at)
    for index in np.ndindex(at.shape):
        more, less = at.copy(), at.copy()
        more[index], less[index] = at[index] + step, at[index] - step
        found[index] = np.sum(function(more) - function(less)) / (2 * step)
    return found


WORDS = {
    "softmax": softmax,
    "log_softmax": log_softmax,
    "slope": slope,
    "erf": np.vectorize(erf, otypes=[float]),
}
