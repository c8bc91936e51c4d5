"""A network as a table: a row for each layer, with the numbers that it learns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def size_of(layer: Any) -> int:
    """How many numbers a layer learns."""
    return sum(np.size(getattr(layer, name)) for name in getattr(layer, "parameters", ()))


WIDTH = 80
"""Of a line, in columns."""


def heading(name: str, settings: Sequence[object]) -> str:
    """`name(settings)`, one in a line where they are too long for one."""
    line = f"{name}({', '.join(map(repr, settings))})"
    if len(line) <= WIDTH:
        return line
    between = ",\n" + " " * (len(name) + 1)
    return f"{name}({between.join(map(repr, settings))})"


def table(head: str, rows: Sequence[tuple[str, int]], dtype: np.dtype[Any]) -> str:
    """A network's repr: its head, a row and a number of parameters for each layer, and the sum."""
    rows = [*rows, (f"all, {dtype}", sum(count for _, count in rows))]
    width = max(len(text) for text, _ in rows)
    return "\n".join(
        [head, *(f"  {text:<{width}}  {count:>9,} parameters" for text, count in rows)]
    )
