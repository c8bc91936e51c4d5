"""What a repr shows: settings by their names, and a network as a table of its layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mytorch.checks.settings import shown


def size_of(layer: Any) -> int:
    """How many numbers a layer learns."""
    return sum(np.size(getattr(layer, name)) for name in getattr(layer, "parameters", ()))


WIDTH = 80
"""Of a line, in columns."""


def call(name: str, arguments: Sequence[str]) -> str:
    """`name(arguments)`, one in a line where they are too long for one."""
    line = f"{name}({', '.join(arguments)})"
    if len(line) <= WIDTH:
        return line
    indented = ",\n".join(arguments).replace("\n", "\n" + " " * (len(name) + 1))
    return f"{name}({indented})"


def named(settings: Mapping[str, Any]) -> list[str]:
    """`name=value` for each setting; a float with 6 digits, anything long as in a message."""
    return [
        f"{name}={value:g}" if isinstance(value, float | np.floating) else f"{name}={shown(value)}"
        for name, value in settings.items()
    ]


def windows(layer: Any, usual_stride: tuple[int, int]) -> str:
    """Those of a layer on pictures: one number where two are the same, nothing usual."""
    kernel, stride, padding = (
        f"{one[0]}" if one[0] == one[1] else f"{one}"
        for one in (layer.kernel_size, layer.stride, layer.padding)
    )
    stride = f", stride={stride}" if layer.stride != usual_stride else ""
    padding = f", padding={padding}" if layer.padding != (0, 0) else ""
    return f"{kernel}{stride}{padding}"


def table(head: str, rows: Sequence[tuple[str, int]], dtype: np.dtype[Any]) -> str:
    """A network's repr: its head, a row and a number of parameters for each layer, and the sum."""
    rows = [*rows, (f"all, {dtype}", sum(count for _, count in rows))]
    width = max(len(text) for text, _ in rows)
    return "\n".join(
        [head, *(f"  {text:<{width}}  {count:>9,} parameters" for text, count in rows)]
    )
