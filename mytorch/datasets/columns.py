"""How the columns of a table become the inputs of a network; learned from its training rows."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray
from mytorch.datasets.scaling import column_scales, standardized
from mytorch.datasets.tables import Table, read_like
from mytorch.system.errors import DataError

MOST = 1000  # different texts in a column, each of which becomes an input


@dataclass(frozen=True)
class Columns:
    """Numbers are scaled by column, texts become one input for each text of the training rows.

    Attributes
    ----------
    names : of the columns, in order; a table to be transformed has them in any order.
    categories : of each column of texts those that are known, sorted; None for one of numbers.
    mean, deviation : of each column of numbers over the training rows, 0 and 1 for others. A column
        that is constant there has the deviation 1.
    fill : whether a missing number becomes the mean, and a missing text none of the known; without
        it, a missing value is refused.
    """

    names: tuple[str, ...]
    categories: tuple[tuple[str, ...] | None, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    fill: bool

    @classmethod
    def fit(cls, table: Table, fill: bool = False) -> Columns:
        """What there is to know of the training rows.

        Raises DataError for a missing value without `fill`, a column without any value, and one
        with too many different texts.
        """
        categories: list[tuple[str, ...] | None] = []
        scales = []
        for name, column in zip(table.names, table.columns, strict=True):
            scale = (0.0, 1.0)
            known = None
            if column.dtype.kind == "U":
                known = _categories(column, name, table)
            else:
                there = column[~np.isnan(column)]
                if not len(there):
                    raise DataError(
                        f"{table.path}: the column {name!r} has no value in any training row; "
                        f"leave it out (ignore=, --ignore)"
                    )
                (mean,), (deviation,) = column_scales(there[:, None])
                scale = float(mean), float(deviation)
            categories.append(known)
            scales.append(scale)
        means, deviations = zip(*scales, strict=True)
        columns = cls(table.names, tuple(categories), means, deviations, fill)
        columns(table)  # refuses what is missing
        return columns

    def __call__(self, table: Table) -> FloatArray:
        """The inputs `(N, features)` for the rows of a table with these columns.

        Others that it has are not used. A text that no training row had is none of the known ones:
        its inputs are zeros. Raises DataError for a column that is not there or of another kind,
        and for a missing value without `fill`.
        """
        parts = []
        for name, known, mean, deviation in zip(
            self.names, self.categories, self.mean, self.deviation, strict=True
        ):
            column = self._column(table, name, known)
            if known is not None:
                parts.append((column[:, None] == np.array(known)).astype(np.float64))
            else:
                column = np.where(np.isnan(column), mean, column)
                parts.append(standardized(column, mean, deviation)[:, None])
        return np.concatenate(parts, axis=1)

    def _column(self, table: Table, name: str, known: tuple[str, ...] | None) -> npt.NDArray[Any]:
        """One column of a table, of the kind that it had in training."""
        if name not in table.names:
            raise DataError(
                f"{table.path}: there is no column {name!r}, which the network was trained on; "
                f"it has {', '.join(table.names)}"
            )
        column = table.columns[table.names.index(name)]
        absent = np.isnan(column) if column.dtype.kind == "f" else column == ""
        if (known is None) != (column.dtype.kind == "f"):
            kinds = ("texts", "numbers") if known is None else ("numbers", "texts")
            raise DataError(
                f"{table.path}: the column {name!r} has {kinds[0]}, and in training it had "
                f"{kinds[1]}"
            )
        if absent.any() and not self.fill:
            raise DataError(
                f"{table.path}, line {table.lines[absent.argmax()]}: no value in column {name!r}; "
                f"write one, delete the row, or have missing values filled (fill=True, on the "
                f"command line --fill): by the column's mean, a text by none of the known ones"
            )
        return column

    def unseen(self, table: Table) -> dict[str, list[str]]:
        """By column, the texts in a table that no training row had."""
        found: dict[str, list[str]] = {}
        for name, known in zip(self.names, self.categories, strict=True):
            if known is not None and name in table.names:
                here = np.unique(table.columns[table.names.index(name)]).tolist()
                others = [text for text in here if text and text not in known]
                found |= {name: others} if others else {}
        return found

    def read(
        self,
        path: str | os.PathLike[str],
        separator: str | None = None,
        header: bool | None = None,
    ) -> Table:
        """The table in a CSV file with these columns, of the kinds that they had in training.

        Raises DataError as `read_csv` does, and where one of the columns is not there.
        """
        return read_like(path, self.kinds(), separator, header)

    def kinds(self) -> dict[str, bool]:
        """Of each column whether it is one of texts."""
        pairs = zip(self.names, self.categories, strict=True)
        return {name: known is not None for name, known in pairs}

    def features(self) -> int:
        """How many inputs the columns become."""
        return sum(1 if known is None else len(known) for known in self.categories)

    def as_facts(self) -> dict[str, Any]:
        """All of it as JSON holds it, for a checkpoint."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Columns:
        """What `as_facts` gave, after it was in a file."""
        known = tuple(None if texts is None else tuple(texts) for texts in facts["categories"])
        return cls(
            tuple(facts["names"]), known, tuple(facts["mean"]), tuple(facts["deviation"]),
            facts["fill"],
        )  # fmt: skip


def _categories(column: npt.NDArray[Any], name: str, table: Table) -> tuple[str, ...]:
    """The different texts of a column, sorted."""
    known = tuple(text for text in np.unique(column).tolist() if text)
    if len(known) > MOST or (len(known) > 50 and 2 * len(known) > len(column)):
        raise DataError(
            f"{table.path}: the column {name!r} has {len(known)} different texts in "
            f"{len(column)} rows, and each would become an input; leave it out (ignore=, --ignore)"
        )
    return known


__all__ = ["Columns"]
