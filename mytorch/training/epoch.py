"""The figures of one epoch."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from mytorch.checks.settings import check_real


class Epoch(NamedTuple):
    """The figures of one epoch: mean loss per sample and fraction of samples misclassified.

    The fraction is NaN where the labels are no classes, as of numbers that `L2` fits.
    """

    training_loss: float
    training_error: float
    validation_loss: float
    validation_error: float


def number_or_none(figure: float) -> float | None:
    """A figure as JSON holds it, which has no NaN."""
    return None if math.isnan(figure) else figure


def number_or_nan(stored: Any, owner: object, what: str) -> float:
    """What `number_or_none` gave, checked."""
    return math.nan if stored is None else check_real(stored, owner, what)
