"""Right solutions of the courses in other styles, from `coursework/NAME.styles.txt`."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import NamedTuple

SOLUTIONS = Path(__file__).with_name("coursework")
NAMES = ("cmu-s23", "cmu-s24", "uva-2019")


class Style(NamedTuple):
    """One way to write a right solution: files that stand in the place of the solution's."""

    course: str
    name: str
    files: dict[str, str]

    def write(self, target: Path) -> None:
        """The hand-in in `target`, a new folder."""
        shutil.copytree(SOLUTIONS / self.course, target)
        for file, text in self.files.items():
            (target / file).write_text(text, encoding="utf-8")


def styles(course: str) -> list[Style]:
    """All styles of a course."""
    text = (SOLUTIONS / f"{course}.styles.txt").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = {}
    _, *blocks = re.split(r"^=== (.+) \| (.+)\n", text, flags=re.M)
    for name, file, code in zip(blocks[::3], blocks[1::3], blocks[2::3], strict=True):
        found.setdefault(name, {})[file] = code
    return [Style(course, name, files) for name, files in found.items()]


STYLES = [style for course in NAMES for style in styles(course)]
