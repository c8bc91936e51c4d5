"""Tables of numbers and texts, read from CSV files.

    table = read_csv("flowers.csv", "species")

What cannot be read is refused with the line, the column and what to do about it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mytorch.checks.settings import check_path, shown
from mytorch.datasets.cells import Cells, read_cells
from mytorch.system.errors import DataError

MISSING = frozenset({"", "?", "na", "n/a", "nan", "null"})
"""What stands for a value that is not there, in small letters."""
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")


class Table(NamedTuple):
    """The columns of a table, `(N,)` each, of floats or of texts.

    Attributes
    ----------
    names, columns : of all columns but the label's; a missing number is NaN, a missing text is "".
    label, labels : the label's name and its column; "" and None where no label was asked for.
    lines : where each row stands in the file, `(N,)`.
    path : the file.
    """

    names: tuple[str, ...]
    columns: tuple[npt.NDArray[Any], ...]
    label: str
    labels: npt.NDArray[Any] | None
    lines: npt.NDArray[np.intp]
    path: str

    def rows(self, chosen: npt.NDArray[Any]) -> Table:
        """The table of some of its rows."""
        return self._replace(
            columns=tuple(column[chosen] for column in self.columns),
            labels=None if self.labels is None else self.labels[chosen],
            lines=self.lines[chosen],
        )


def read_csv(
    path: str | os.PathLike[str],
    label: str | int | None,
    *,
    separator: str | None = None,
    header: bool | None = None,
    text: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> Table:
    """The table in a CSV file, encoded in UTF-8 or UTF-16.

    `label` is the name of the column that is to be predicted, or its number from 1, or -1 for the
    last; None where there is none, as in rows to predict. `separator` is found among comma,
    semicolon, tab and |, `header` says whether the first row has the names; without it, that is so
    where the row has no number. Columns without names are called "1", "2" and so on. A column is
    of numbers where its cells are, with a decimal comma too if commas do not separate cells;
    columns named in `text` are of texts in any case, those in `ignore` are left out.

    Raises DataError, a sentence with line and column, where the file cannot be read, a row is too
    long or too short, a label is missing, or a column has numbers and a few texts; ValueError where
    a named column is not there.
    """
    place = check_path(path, "read_csv")
    cells = read_cells(place, separator, header)
    names = [str(name) for name in cells.names]
    at = None if label is None else _column(names, label, "label", cells)
    for what, chosen in (("text", text), ("ignore", ignore)):
        for name in chosen:
            _column(names, name, what, cells)
    found: dict[int, npt.NDArray[Any]] = {}
    for i, name in enumerate(names):
        if name not in ignore or i == at:
            found[i] = _typed(cells, i, True if name in text else None)
    labels = None if at is None else found.pop(at)
    if labels is not None:
        absent = np.flatnonzero(labels == "" if labels.dtype.kind == "U" else np.isnan(labels))
        if len(absent):
            raise DataError(
                f"{place}, line {cells.lines[absent[0]]}: no label in column {names[at or 0]!r}; "
                f"write one, or delete the row"
            )
    if not found:
        raise DataError(
            f"{place}: there is no column beside the label's; the cells were taken as separated "
            f"by {cells.separator!r}, and another separator can be named"
        )
    return Table(
        tuple(names[i] for i in found),
        tuple(found.values()),
        "" if at is None else names[at],
        labels,
        np.array(cells.lines),
        str(place),
    )


def read_like(
    path: str | os.PathLike[str],
    kinds: Mapping[str, bool],
    separator: str | None = None,
    header: bool | None = None,
) -> Table:
    """The columns of a CSV file that `kinds` names, in its order; True is one of texts.

    What else the file has is not read. Raises as `read_csv` does.
    """
    cells = read_cells(check_path(path, "read_like"), separator, header)
    absent = [name for name in kinds if name not in cells.names]
    if absent:
        raise DataError(
            f"{path}: there is no column {absent[0]!r}, which the network was trained on; "
            f"it has {', '.join(cells.names)}"
        )
    columns = [_typed(cells, cells.names.index(name), text) for name, text in kinds.items()]
    return Table(tuple(kinds), tuple(columns), "", None, np.array(cells.lines), str(path))


def _column(names: Sequence[str], wanted: Any, what: str, cells: Cells) -> int:
    """Where the column is that `wanted` names, or numbers from 1; -1 is the last."""
    if str(wanted) in names:
        return names.index(str(wanted))
    try:
        number = int(wanted)
    except (TypeError, ValueError):
        number = 0
    if -len(names) <= number <= len(names) and number:
        return number - 1 if number > 0 else len(names) + number
    listed = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    raise ValueError(
        f"{cells.path}: expected the name of a column as {what}, one of {listed}, "
        f"got {shown(wanted)}{'' if cells.named else '; the first row was not taken as names'}"
    )


def _typed(cells: Cells, at: int, is_text: bool | None) -> npt.NDArray[Any]:
    """A column as floats or as texts; with None as floats if its cells are numbers."""
    name, texts = cells.names[at], [row[at] for row in cells.rows]
    values = ["" if text.lower() in MISSING else text for text in texts]
    if is_text:
        return np.array(values, dtype=str)
    numbers = [_number(value, cells.separator) for value in values]
    wrong = [i for i, number in enumerate(numbers) if number is None and values[i]]
    there = sum(map(bool, values))
    if wrong and (2 * len(wrong) < there or is_text is False):  # a few texts among numbers
        i = wrong[0]
        where = f"{cells.path}, line {cells.lines[i]}: expected a number in column {name!r}, as in"
        if is_text is False:
            raise DataError(f"{where} training, got {shown(values[i])}; correct it")
        raise DataError(
            f"{where} {there - len(wrong)} other rows, got {shown(values[i])}; correct it, or name "
            f"the column as one of texts (text=, --text) or to leave out (ignore=, --ignore)"
        )
    if wrong:
        return np.array(values, dtype=str)
    column = np.array([np.nan if number is None else number for number in numbers])
    if np.isinf(column).any():
        i = int(np.flatnonzero(np.isinf(column))[0])
        raise DataError(
            f"{cells.path}, line {cells.lines[i]}: the number {values[i]} in column {name!r} is "
            f"beyond the largest that a computer's floats hold, 1.8e308; correct it"
        )
    return column


def _number(text: str, separator: str) -> float | None:
    """The number that a cell says; None for a text, and for an empty cell."""
    if NUMBER.fullmatch(text):
        return float(text)
    if separator != "," and DECIMAL_COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    if separator == "," and THOUSANDS.fullmatch(text):
        return float(text.replace(",", ""))
    return None


__all__ = ["Table", "read_csv", "read_like"]
