"""One way to write a hand-in: a base of `hand_ins/` with edits."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

HAND_INS = Path(__file__).with_name("hand_ins")
ALL = "*"
"""In the place of an old text: the whole file."""
COPY = "@"
"""Before a path: the new text is that file's, as it is in the base."""
Edit = tuple[str, str, str]
"""A file, the old text and the new one; or a whole new file, where there is no old text."""


class Style(NamedTuple):
    """One way to write a right solution."""

    name: str
    base: str
    edits: tuple[Edit, ...]


def write(style: Style, target: Path) -> None:
    """The hand-in of a style in `target`."""
    base = HAND_INS / style.base
    shutil.copytree(base, target)
    for file, old, new in style.edits:
        place = target / file
        if new.startswith(COPY):
            new = (base / new[len(COPY) :]).read_text()
        text = "" if old in ("", ALL) else place.read_text()
        if old not in text and old != ALL:
            raise ValueError(f"{style.name}: {file} has no {old!r}")
        place.write_text(text.replace(old, new) if text else new)
