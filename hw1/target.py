"""What is predicted of a table: a class, or a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray
from mytorch.datasets import DataError, one_hot
from mytorch.datasets.scaling import column_scales, standardized
from mytorch.training import confusion_matrix

MOST_CLASSES = 20
"""Whole numbers as labels are classes where there are at most so many different ones."""

LARGEST = 1e300
"""The largest label that is allowed, so that an error many times its size is still a number."""


@dataclass(frozen=True)
class Target:
    """The label's column, as the network learns it; kept in the checkpoint.

    Attributes
    ----------
    name : of the column.
    classes : the labels in the order of the network's outputs; empty where numbers are fitted.
    mean, deviation : of the training rows' labels, by which numbers are scaled.
    """

    name: str
    classes: tuple[str, ...]
    mean: float = 0.0
    deviation: float = 1.0

    @classmethod
    def fit(cls, name: str, labels: npt.NDArray[Any], train: npt.NDArray[Any], task: str) -> Target:
        """What `labels (N,)` are, of which the rows `train` are for training.

        `task` is "classification", "regression" or "auto": classes where the labels are texts or
        few different whole numbers. Raises DataError where they do not go with the task.
        """
        different = np.unique(labels)
        numbers = labels.dtype.kind == "f"
        if task == "auto":
            few = len(different) <= MOST_CLASSES and numbers and (different % 1 == 0).all()
            task = "classification" if few or not numbers else "regression"
        if len(different) < 2:
            raise DataError(f"all labels in column {name!r} are {different[0]}: nothing to learn")
        if task == "classification":
            if 2 * len(different) > len(labels):
                raise DataError(
                    f"{len(different)} different labels in {len(labels)} rows of column {name!r}: "
                    f"too few rows of each class; --task regression fits numbers"
                )
            return cls(name, tuple(map(named, different)))
        if not numbers:
            raise DataError(f"the labels in column {name!r} are texts; regression needs numbers")
        if np.abs(labels).max() > LARGEST:
            raise DataError(f"the labels in column {name!r} are too large; use another unit")
        (mean,), (deviation,) = column_scales(labels[train, None])
        return cls(name, (), float(mean), float(deviation))

    def rows(self, labels: npt.NDArray[Any]) -> FloatArray:
        """Labels as the network is given them: one-hot, or scaled `(N, 1)`."""
        if not self.classes:
            return standardized(labels, self.mean, self.deviation)[:, None]
        places = {label: i for i, label in enumerate(self.classes)}
        return one_hot([places[named(label)] for label in labels], len(self.classes))

    def numbers(self, outputs: FloatArray) -> FloatArray:
        """A network's outputs `(N, 1)` in the unit of the labels, `(N,)`."""
        return outputs[:, 0].astype(np.float64) * self.deviation + self.mean

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Target:
        """What was written into a checkpoint."""
        return cls(**{**facts, "classes": tuple(facts["classes"])})


def named(label: Any) -> str:
    """A label as text; a whole number without its `.0`."""
    return f"{label:.17g}" if isinstance(label, float) else str(label)


def confusions(
    classes: tuple[str, ...], labels: npt.NDArray[Any], predicted: npt.NDArray[Any]
) -> list[str]:
    """The confusion matrix as lines of at most 80 columns; of many classes, what happens most."""
    counts = confusion_matrix(labels, predicted, len(classes))
    shown = [name if len(name) <= 12 else f"{name[:9]}..." for name in classes]
    widths = [max(len(name), len(f"{counts.max():,}"), 4) + 2 for name in shown]
    first = max(*map(len, shown), len("actual"))
    if first + sum(widths) <= 80:
        head = "".join(f"{name:>{width}}" for name, width in zip(shown, widths, strict=True))
        lines = [f"{'':{first}}{'  predicted':}", f"{'actual':{first}}{head}"]
        for name, row in zip(shown, counts, strict=True):
            cells = (f"{count:>{width},}" for count, width in zip(row, widths, strict=True))
            lines.append(f"{name:{first}}{''.join(cells)}")
        return lines
    wrong = counts - np.diag(np.diag(counts))
    most = np.argsort(-wrong, axis=None, kind="stable")[:10]
    pairs = [divmod(int(place), len(classes)) for place in most if wrong.flat[place]]
    return ["most frequent mistakes"] + [
        f"  {shown[i]} taken for {shown[j]}: {counts[i, j]:,} of {counts[i].sum():,}"
        for i, j in pairs
    ]
