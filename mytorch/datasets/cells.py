"""The cells of a CSV file as texts."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from mytorch.system.errors import DataError

SEPARATORS = (",", ";", "\t", "|")
PROBE = 50  # rows that the separator is guessed from
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
NUMERIC = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?")


class Cells(NamedTuple):
    """The rows of a file below its header, with the line that each begins in.

    `named` is whether the file has the names; without, they are "1", "2" and so on.
    """

    path: Path
    names: Sequence[str]
    rows: Sequence[Sequence[str]]
    lines: Sequence[int]
    separator: str
    named: bool


def read_cells(path: Path, separator: str | None, header: bool | None) -> Cells:
    """All cells, without the spaces around them; empty lines are left out.

    Raises DataError where this is no text, quotes do not close, there is no row, or one has more or
    fewer cells than the first; ValueError for a separator that is not one character.
    """
    if separator is not None and (len(separator) != 1 or separator in '"\r\n'):
        raise ValueError(f"read_csv: expected one character as separator, got {separator!r}")
    lines = list(io.StringIO(_text(path), newline=""))
    if separator is None:
        separator = _guessed(path, lines)
    rows, starts = _parsed(path, lines, separator, len(lines))
    if not rows:
        raise DataError(f"{path}: no row; expected a line for each sample")
    width = len(rows[0])
    for row, line in zip(rows, starts, strict=True):
        if len(row) != width:
            raise DataError(
                f"{path}, line {line}: expected {width} cells, as in line {starts[0]}, "
                f"got {len(row)}; a cell that has {separator!r} in it needs quotes around it, "
                f"or another separator has to be named"
            )
    named = not any(map(NUMERIC.fullmatch, rows[0])) if header is None else header
    if not named:
        return Cells(path, _numbered([""] * width), rows, starts, separator, False)
    names = _numbered(rows[0])
    twice = [name for i, name in enumerate(names) if name in names[:i]]
    if twice:
        raise DataError(
            f"{path}, line {starts[0]}: two columns are called {twice[0]!r}; rename one of them, "
            f"or say that the first row has no names"
        )
    if len(rows) == 1:
        raise DataError(f"{path}: no row below the names; expected a line for each sample")
    return Cells(path, names, rows[1:], starts[1:], separator, True)


def _text(path: Path) -> str:
    """A file's text; DataError where it has none."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from error
    try:
        text = content.decode("utf-16" if content.startswith(UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        text = "\0"
        if content[:4] != b"PK\3\4" and b"\0" not in content:
            raise DataError(
                f"{path}: not encoded in UTF-8, for byte {error.start} is "
                f"0x{content[error.start]:02x}; save it again as CSV in UTF-8"
            ) from error
    if "\0" in text:
        raise DataError(
            f"{path}: not a text; a spreadsheet, e.g. .xlsx, can be exported as CSV in UTF-8"
        )
    return text


def _guessed(path: Path, lines: Sequence[str]) -> str:
    """The separator that cuts the first rows into the most cells, as many in each."""
    best, most = ",", 1
    for separator in SEPARATORS:
        try:
            rows, _ = _parsed(path, lines, separator, PROBE)
        except DataError:
            continue
        widths = set(map(len, rows))
        if len(widths) == 1 and max(widths) > most:
            best, most = separator, max(widths)
    if most == 1:  # rows of different lengths; whoever reads on says where
        counts = {separator: "".join(lines[:PROBE]).count(separator) for separator in SEPARATORS}
        best = max(SEPARATORS, key=counts.__getitem__)
    return best


def _parsed(
    path: Path, lines: Sequence[str], separator: str, most: int
) -> tuple[list[list[str]], list[int]]:
    """At most so many rows, with the line that each begins in."""
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=separator != " ", strict=True)
    rows: list[list[str]] = []
    starts: list[int] = []
    start = 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if len(cells) > 1 or any(cells):
                rows.append(cells)
                starts.append(start)
            start = reader.line_num + 1
            if len(rows) >= most:
                break
    except csv.Error as error:
        raise DataError(
            f"{path}, line {start}: this row cannot be read ({error}); a cell in quotes ends "
            f'with a quote, and a quote in it is written twice: "5 ""inches"""'
        ) from error
    while rows and not any(rows[-1]):  # as spreadsheets leave them at the end
        rows.pop()
        starts.pop()
    return rows, starts


def _numbered(names: Sequence[str]) -> list[str]:
    """The names, and for each that is empty its number from 1."""
    return [name or str(i) for i, name in enumerate(names, start=1)]
