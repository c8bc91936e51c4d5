"""The ten points that a person gives, in a file that a person writes.

The file is a table, comma- or semicolon-separated as a spreadsheet saves it, with a line for each
hand-in: its name, the points, and a comment if there is one. A file with nothing but a number
holds the points of the hand-in at hand.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import NamedTuple

from tests.autograder.session import WrongUse
from tests.submission.archives import SUFFIXES

MOST = 10.0
HEADER = ("submission", "name", "student", "file", "hand-in", "handin")


class Manual(NamedTuple):
    """Points of a person, from 0 to `MOST`, and a comment."""

    points: float
    comment: str


def read_manual(file: Path, submission: str) -> Manual | None:
    """The points of a submission, found by its name with or without .zip, .tar ...; None where the
    file has no line for it.

    Raises WrongUse where the file cannot be read or understood.
    """
    rows = manual_rows(file)
    if len(rows) == 1 and not rows[0][0]:
        return rows[0][1]
    found = [manual for name, manual in rows if _bare(name) == _bare(submission)]
    if len(found) > 1:
        raise WrongUse(f"--manual {file} has {len(found)} lines for {submission}; expected one")
    return found[0] if found else None


def manual_rows(file: Path) -> list[tuple[str, Manual]]:
    """The names and points of all lines; raises as `read_manual`."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise WrongUse(f"--manual {file}: {reason}") from None
    return list(_rows(file, text))


def _rows(file: Path, text: str) -> Iterator[tuple[str, Manual]]:
    separator = ";" if text.count(";") > text.count(",") else ","
    for number, row in enumerate(csv.reader(text.splitlines(), delimiter=separator), start=1):
        fields = [field.strip() for field in row]
        if not any(fields) or (number == 1 and fields[0].lower() in HEADER):
            continue
        if len(fields) == 1:
            fields = ["", *fields]
        points = _points(fields[1])
        if points is None:
            raise WrongUse(
                f"--manual {file}, line {number}: expected a name, points from 0 to {MOST:g} "
                f"and a comment, or nothing but points; got {','.join(row)[:60]!r}"
            )
        yield fields[0], Manual(points, " ".join(" ".join(fields[2:]).split()))


def _points(text: str) -> float | None:
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        return None
    return points if 0 <= points <= MOST else None


def _bare(name: str) -> str:
    """A file's name without what says that it is an archive or a Python file."""
    path = PurePath(name)
    while path.suffix.lower() in {*SUFFIXES, ".py"}:
        path = path.with_suffix("")
    return path.name
