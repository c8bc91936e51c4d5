"""The figures of one epoch."""

from __future__ import annotations

from typing import NamedTuple


class Epoch(NamedTuple):
    """The figures of one epoch: mean loss per sample and fraction of samples misclassified.

    The fraction is NaN where the labels are no classes, as of numbers that `L2` fits.
    """

    training_loss: float
    training_error: float
    validation_loss: float
    validation_error: float
