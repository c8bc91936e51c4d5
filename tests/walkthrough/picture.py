"""Draws the network of a section: values flow forward, gradients flow back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mytorch.system.atomic import replacing
from tests.walkthrough.steps import Section

VALUE, GRADIENT, EDGE = "#1f5fa8", "#b3261e", "#9aa0a6"
COLUMNS = (
    ("input", ("X",), ("gradX",)),
    ("first hidden layer", ("Y1lin", "Y1bn", "Y1"), ("gradY1", "gradY1bn", "gradY1lin")),
    ("second hidden layer", ("Y2lin", "Y2bn", "Y2"), ("gradY2", "gradY2bn", "gradY2lin")),
    ("output", ("Y3lin", "Y3"), ("gradY3lin",)),
)
APART, BOX, LINE = 5.9, 3.7, 0.32
"""Between the columns, and the width of a unit's box and the height of a line in it."""
LONGEST = 25
"""How many characters of numbers fit into a line of a box."""


def draw_network(
    section: Section,
    values: Mapping[str, Any],
    folder: Path,
    weights: Sequence[str] = (),
) -> Path:
    """Writes `network_SECTION.png` into `folder` and returns its path.

    `values` are arrays `(batch, units)` by the page's names; a unit's box shows one line for each
    value it has, blue on the way forward, red on the way back. `weights` are the names of weights
    that shall stand at the arrows.
    """
    from matplotlib.figure import Figure  # without pyplot: no window, no global state

    lines = [
        [(name, VALUE) for name in forward if name in values]
        + [(name, GRADIENT) for name in reversed(backward) if name in values]
        for _, forward, backward in COLUMNS
    ]
    height = LINE * max(map(len, lines)) + 0.5
    figure = Figure(figsize=(16, 2.0 + 3 * (height + 0.5) * 0.62), dpi=110, layout="constrained")
    axes = figure.subplots()
    below = height + 0.5  # from one unit to the next
    centres = [
        [(APART * column, ((units - 1) / 2 - unit) * below) for unit in range(units)]
        for column, units in enumerate(section.network)
    ]
    top = max(y for column in centres for _, y in column) + height / 2
    for column, (title, _, _) in enumerate(COLUMNS):
        axes.text(APART * column, top + 0.5, title, ha="center", fontsize=12, weight="bold")
        for unit, centre in enumerate(centres[column]):
            _box(axes, centre, height, [(n, c, values[n][:, unit]) for n, c in lines[column]])
            if column:
                at_arrows = [values[name][:, unit] for name in weights[column - 1 : column]]
                _edges(axes, centres[column - 1], centre, unit, at_arrows)
    _directions(axes, -top - 0.7, any(c == GRADIENT for column in lines for _, c in column))
    note = "; at the arrows the weights after the step" if weights else ""
    axes.set_title(f"§{section.number}  {section.title}{note}", fontsize=14)
    axes.set_xlim(-BOX / 2 - 0.3, APART * 3 + BOX / 2 + 0.3)
    axes.set_ylim(-top - 1.1, top + 1.0)
    axes.axis("off")
    path = folder / f"network_{section.own_key.replace(' ', '_')}.png"
    with replacing(path) as file:
        figure.savefig(file, format="png")
    return path


def _box(axes: Any, centre: tuple[float, float], height: float, lines: list[Any]) -> None:
    from matplotlib.patches import FancyBboxPatch

    x, y = centre
    corner = (x - BOX / 2, y - height / 2)
    style = "round,pad=0,rounding_size=0.15"
    axes.add_patch(
        FancyBboxPatch(corner, BOX, height, boxstyle=style, fc="white", ec="#3c4043", zorder=2)
    )
    for row, (name, colour, numbers) in enumerate(lines):
        place = y + ((len(lines) - 1) / 2 - row) * LINE
        text = _line(np.where(numbers == 0, 0, numbers))
        text_at = {"y": place, "color": colour, "va": "center", "zorder": 3}
        axes.text(x - BOX / 2 + 0.12, s=name, fontsize=9, **text_at)
        axes.text(x + BOX / 2 - 0.12, s=text, fontsize=9.5, ha="right", **text_at)


def _line(numbers: Any) -> str:
    """Numbers in a line that leaves room for a name in front of it."""
    for digits in (5, 4, 3):
        text = ",  ".join(f"{number:.{digits}g}" for number in numbers)
        if len(text) <= LONGEST:
            break
    return text


def _edges(
    axes: Any,
    sources: list[tuple[float, float]],
    target: tuple[float, float],
    unit: int,
    weights: Sequence[Any],
) -> None:
    """Arrows from all units of a column to one of the next, with the weights where asked for."""
    for number, (x, y) in enumerate(sources):
        start, end = (x + BOX / 2, y), (target[0] - BOX / 2, target[1])
        axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": EDGE, "lw": 0.9})
        for column in weights:
            share = (0.2, 0.4, 0.74)[unit]  # where few arrows cross
            place = [a + share * (b - a) for a, b in zip(start, end, strict=True)]
            label = f"{column[number]:.6g}"
            back = {"fc": "white", "ec": "none", "pad": 0.6}
            axes.text(*place, label, fontsize=7.5, ha="center", va="center", bbox=back)


def _directions(axes: Any, y: float, backward: bool) -> None:
    """Which way the values and the gradients flow."""
    end = APART * 3
    flows = [("values", VALUE, 0.0, end, y)]
    if backward:
        flows.append(("gradients", GRADIENT, end, 0.0, y - 0.3))
    for what, colour, start, stop, height in flows:
        arrow = {"arrowstyle": "-|>", "lw": 2, "color": colour}
        axes.annotate("", (stop, height), (start, height), arrowprops=arrow)
        back = {"fc": "white", "ec": "none", "pad": 2}
        axes.text(
            end / 2, height, what, color=colour, fontsize=11, ha="center", va="center", bbox=back
        )
