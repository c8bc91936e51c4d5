"""Functions that the pages' formulas use, and that NumPy does not have."""

from __future__ import annotations

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


WORDS = {"softmax": softmax, "log_softmax": log_softmax}
