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
INCH = 0.68
"""Of one unit of the drawing, across and down; texts have sizes that go with it."""
BOX, LINE = 4.2, 0.32
"""The width of a unit's box, and the height of a line in it."""
WEIGHT, PORT = 1.05, 0.3
"""The room for a weight in front of a box, and between two weights."""
APART = BOX + WEIGHT + 1.9
"""Between the columns."""
LONGEST = 25
"""How many characters of numbers fit into a line of a box."""


def draw_network(
    section: Section, values: Mapping[str, Any], folder: Path, stepped: bool = False
) -> Path:
    """Writes `network_SECTION.png` into `folder` and returns its path.

    `values` are arrays `(batch, units)` by the page's names; a unit's box shows one line for each
    value it has, blue on the way forward, red on the way back. The weights W1, W2 and W3 stand
    at the ends of the arrows; `stepped` says that they are those after a step.
    """
    figure = network_figure(section, values, stepped)
    path = folder / f"network_{section.own_key.replace(' ', '_')}.png"
    with replacing(path) as file:
        figure.savefig(file, format="png")
    return path


def network_figure(section: Section, values: Mapping[str, Any], stepped: bool = False) -> Any:
    """The figure that `draw_network` writes."""
    from matplotlib.figure import Figure  # without pyplot: no window, no global state

    lines = [
        [(name, VALUE) for name in forward if name in values]
        + [(name, GRADIENT) for name in reversed(backward) if name in values]
        for _, forward, backward in COLUMNS
    ]
    height = LINE * max(map(len, lines)) + 0.5
    below = height + 0.5  # from one unit to the next
    centres = [
        [(APART * column, ((units - 1) / 2 - unit) * below) for unit in range(units)]
        for column, units in enumerate(section.network)
    ]
    top = max(y for column in centres for _, y in column) + height / 2
    left, right = -BOX / 2 - 0.3, APART * 3 + BOX / 2 + 0.3
    bottom, ceiling = -top - 1.3, top + 2.0
    figure = Figure(figsize=(INCH * (right - left), INCH * (ceiling - bottom)), dpi=110)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(left, right), ylim=(bottom, ceiling))
    axes.axis("off")
    middle = {"x": (left + right) / 2, "ha": "center", "va": "center"}
    axes.text(y=top + 1.6, s=f"§{section.number}  {section.title}", fontsize=14, **middle)
    axes.text(y=top + 1.1, s=legend(len(values["X"]), stepped), fontsize=10, **middle)
    for column, (title, _, _) in enumerate(COLUMNS):
        axes.text(APART * column, top + 0.4, title, ha="center", fontsize=12, weight="bold")
        if column:
            where = APART * column - BOX / 2 - WEIGHT / 2
            axes.text(where, top + 0.4, f"W{column}", ha="center", fontsize=9)
        for unit, centre in enumerate(centres[column]):
            _box(axes, centre, height, [(n, c, values[n][:, unit]) for n, c in lines[column]])
            if column:
                _edges(axes, centres[column - 1], centre, values[f"W{column}"][:, unit])
    _directions(axes, -top - 0.5, any(c == GRADIENT for column in lines for _, c in column))
    return figure


def legend(samples: int, stepped: bool) -> str:
    """What a box and the numbers in front of it are."""
    rows = f"a line has its numbers for the {samples} samples of the batch, in order; "
    return (
        f"a box is a unit; {rows if samples > 1 else ''}"
        f"in front of it the weights{' after the step' if stepped else ''}, one for each arrow"
    )


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


def _line(numbers: Any, longest: int = LONGEST) -> str:
    """Numbers in a line, with as many digits as there is room for."""
    text = ""
    for digits in (6, 5, 4, 3, 2, 1):
        text = ",  ".join(f"{number:.{digits}g}" for number in numbers)
        if len(text) <= longest:
            break
    return text


def _edges(
    axes: Any,
    sources: list[tuple[float, float]],
    target: tuple[float, float],
    weights: Sequence[float],
) -> None:
    """Arrows from all units of a column to one of the next; each ends at its weight."""
    for number, ((x, y), weight) in enumerate(zip(sources, weights, strict=True)):
        place = target[1] + ((len(sources) - 1) / 2 - number) * PORT
        end = (target[0] - BOX / 2 - WEIGHT, place)
        arrow = {"arrowstyle": "-|>", "color": EDGE, "lw": 0.9, "shrinkA": 0, "shrinkB": 0}
        axes.annotate("", end, (x + BOX / 2, y), arrowprops=arrow)
        axes.text(end[0] + 0.06, place, _line([weight], 8), fontsize=8, va="center")


def _directions(axes: Any, y: float, backward: bool) -> None:
    """Which way the values and the gradients flow."""
    end = APART * 3
    flows = [("values", VALUE, 0.0, end, y)]
    if backward:
        flows.append(("gradients", GRADIENT, end, 0.0, y - 0.4))
    for what, colour, start, stop, height in flows:
        arrow = {"arrowstyle": "-|>", "lw": 2, "color": colour}
        axes.annotate("", (stop, height), (start, height), arrowprops=arrow)
        back = {"fc": "white", "ec": "none", "pad": 1}
        axes.text(
            end / 2, height, what, color=colour, fontsize=11, ha="center", va="center", bbox=back
        )
