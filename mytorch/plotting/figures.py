"""Figures of matplotlib, which is imported when a picture is drawn, not before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mytorch.system.atomic import replacing

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def new_figure(panels: int, title: str) -> tuple[Figure, list[Any]]:
    """A figure with `panels` side by side, and these."""
    from matplotlib.figure import Figure  # without pyplot: no window, no global state

    figure = Figure(figsize=(6 * panels, 4.2), dpi=110)
    axes = figure.subplots(1, panels, squeeze=False)
    # Fixed margins: matplotlib's own layouts draw everything twice to find them.
    side = 0.145 / panels
    figure.subplots_adjust(side, 0.12, 1 - side / 3, 0.91 if title else 0.96, wspace=0.22)
    if title:
        figure.suptitle(title, fontsize=10)
    return figure, list(axes[0])


def save(figure: Figure, path: Path) -> Path:
    """Writes a figure as PNG, whole or not at all, and returns `path`."""
    with replacing(path) as file:
        figure.savefig(file, format="png")
    return path


__all__ = ["new_figure", "save"]
