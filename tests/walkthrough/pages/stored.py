"""The sections of a handout: calls and numbers, no formulas. They are read from a file of data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.walkthrough.steps import Section, Step

FILE = Path(__file__).resolve().parents[3] / "data" / "walkthrough.json"


def _section(row: dict[str, Any]) -> Section:
    return Section(**{**row, "steps": tuple(Step(**step) for step in row["steps"])})


_STORED = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}
CLASSIC, AUTOGRAD = (
    [_section(row) for row in _STORED.get(name, ())] for name in ("classic", "autograd")
)
DERIVATIONS = ()
COURSES = {
    name: [_section(row) for row in rows]
    for name, rows in _STORED.items()
    if name not in ("classic", "autograd")
}
