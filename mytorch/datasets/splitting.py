"""Rows for training, validation and test, drawn by a seed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mytorch.checks.settings import check_int
from mytorch.system.errors import DataError

PATTERN = np.array([0, 0, 1, 0, 0, 2, 0, 0, 1, 0, 0, 2, 0, 0, 1, 0, 0, 2, 0, 0])
"""Of twenty rows, which are for training (0: fourteen), validation (1) and test (2: three each)."""
FEWEST = 10


def split(labels: npt.ArrayLike, seed: int) -> tuple[npt.NDArray[np.intp], ...]:
    """Row numbers for training, validation and test: 70, 15 and 15 % of `labels (N,)`.

    Every class, and every range of a label that is a number, has its share in each: rows are
    taken in turn in the order of their labels, equal ones in random order. The same seed gives the
    same rows. Raises DataError for fewer than ten rows.
    """
    wanted = np.asarray(labels)
    if len(wanted) < FEWEST:
        raise DataError(f"split: expected at least {FEWEST} rows, got {len(wanted)}")
    rng = np.random.RandomState(check_int(seed, "split", "seed", 0, 2**32 - 1))  # frozen for good
    order = rng.permutation(len(wanted))
    order = order[np.argsort(wanted[order], kind="stable")]
    part = np.resize(PATTERN, len(order))
    train, val, test = (np.sort(order[part == i]) for i in range(3))
    return train, val, test


__all__ = ["split"]
