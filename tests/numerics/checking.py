"""Asks a face and the oracle, and gives the errors by name; a warning is an error."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch import L2, CrossEntropy
from tests.numerics import oracle
from tests.numerics.bounds import bound, ulps
from tests.numerics.faces import FACES

Array = npt.NDArray[Any]
Errors = dict[str, float]


def errors(face: str, what: str, *arguments: Any) -> Errors:
    """By the names of the table, the worst error of `FACES[face].what(*arguments)` in ulp."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = getattr(FACES[face], what)(*arguments)
    exact = getattr(oracle, what)(*arguments)
    worst: Errors = {}
    for name, computed in found.items():
        assert computed.dtype == np.asarray(arguments[what == "elementwise"]).dtype, name
        key = arguments[0] if name == "value" else name
        worst[key] = max(worst.get(key, 0.0), ulps(computed, *exact[name]))
    return worst


def criterion_errors(x: Array, y: Array, probabilities: bool) -> Errors:
    """The same for the criteria that only the classic face has."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        criterion = CrossEntropy() if probabilities else L2()
        found = {"L2": criterion(x, y), "L2 gradient": criterion.derivative()}
    if probabilities:
        found = {"cross-entropy of probabilities": found["L2"]}
        exact = oracle.cross_entropy_of_probabilities(x, y)
    else:
        exact = oracle.half_square(x, y)
    return {name: ulps(found[name], *exact[name]) for name in found}


def assert_within(worst: Errors, dtype: npt.DTypeLike) -> None:
    """Every error is within its bound; the message names the worst."""
    for name, error in worst.items():
        limit = bound(name, dtype)
        assert error <= limit, f"{name}: {error:.3g} ulp, and {limit} are allowed"
