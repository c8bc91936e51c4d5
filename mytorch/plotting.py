"""Learning curves as pictures. matplotlib is imported when a picture is drawn, not before."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mytorch.system.atomic import replacing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from mytorch.graph import Graph

LOSS, ERROR = "mean loss per sample", "fraction misclassified"
TRAINING, VALIDATION = "C0", "C1"  # colours


def plot_training_stats(
    stats: Iterable[Any], folder: str | os.PathLike[str], title: str = ""
) -> list[Path]:
    """Draws what `get_training_stats` returned and returns the paths of the pictures.

    `stats` are four arrays `(nepochs,)` with at least one epoch. Into `folder`, which is made if
    need be, go `train_loss.png`, `train_error.png`, `val_loss.png` and `val_error.png` (000 §3.7),
    one curve each, and `training_curves.png` with all of them. The best epoch is marked. Errors
    that are NaN, of numbers that were fitted, are not drawn.
    Raises ValueError where the arrays are empty or of different lengths.
    """
    curves = [np.asarray(curve, dtype=float) for curve in stats]
    if len(curves) != 4 or curves[0].size == 0 or any(c.shape != curves[0].shape for c in curves):
        raise ValueError(
            f"plot_training_stats: expected four curves of the same number of epochs, "
            f"at least one, got shapes {[c.shape for c in curves]}"
        )
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    singles = (
        ("train_loss.png", "training", LOSS, curves[0], TRAINING),
        ("train_error.png", "training", ERROR, curves[1], TRAINING),
        ("val_loss.png", "validation", LOSS, curves[2], VALIDATION),
        ("val_error.png", "validation", ERROR, curves[3], VALIDATION),
    )
    paths = []
    numbers = np.isnan([curves[1], curves[3]]).all() and not np.isnan(curves[0]).all()
    drawn = [0] if numbers else [0, 1]
    for name, what, quantity, curve, colour in singles:
        if quantity == ERROR and 1 not in drawn:
            continue
        figure, (axes,) = _figure(1, title)
        _draw(axes, what, curve, colour)
        _epochs(axes, 1, len(curve))
        _finish(axes, f"{quantity}, {what}", bottom_only=bool(curve.min() >= 0))
        paths.append(_save(figure, folder / name))

    figure, panels = _figure(len(drawn), title)
    for axes, k in zip(panels, drawn, strict=True):
        quantity, train, val = (LOSS, ERROR)[k], curves[k], curves[k + 2]
        _draw(axes, "training", train, TRAINING, mark=False)
        _draw(axes, "validation", val, VALIDATION)
        _epochs(axes, 1, len(train))
        _finish(axes, quantity, bottom_only=bool(min(train.min(), val.min()) >= 0))
    paths.append(_save(figure, folder / "training_curves.png"))
    return paths


def _figure(panels: int, title: str) -> tuple[Figure, list[Any]]:
    from matplotlib.figure import Figure  # without pyplot: no window, no global state

    figure = Figure(figsize=(6 * panels, 4.2), dpi=110)
    axes = figure.subplots(1, panels, squeeze=False)
    # Fixed margins: matplotlib's own layouts draw everything twice to find them.
    side = 0.145 / panels
    figure.subplots_adjust(side, 0.12, 1 - side / 3, 0.91 if title else 0.96, wspace=0.22)
    if title:
        figure.suptitle(title, fontsize=10)
    return figure, list(axes[0])


def _draw(axes: Any, what: str, curve: Any, colour: str, mark: bool = True) -> None:
    epochs = np.arange(1, len(curve) + 1)
    style = "o" if len(curve) == 1 else "-"
    axes.plot(epochs, curve, style, color=colour, label=what, linewidth=1.8)
    if not mark or np.isnan(curve).all():
        return
    best = int(np.nanargmin(curve))
    label = f"best: {curve[best]:.4f} in epoch {epochs[best]}"
    axes.plot(epochs[best], curve[best], "o", color=colour, markersize=7, label=label)
    axes.axvline(epochs[best], color=colour, linewidth=0.8, linestyle=":")


def _epochs(axes: Any, first: int, last: int) -> None:
    """An axis of epochs with a tick at the first, one at the last, and round ones between."""
    steps = (step * 10**power for power in range(10) for step in (1, 2, 5))
    step = next(step for step in steps if last - first <= 8 * step)
    between = range(step * (first // step + 1), last, step)
    far = [n for n in between if n - first > 0.6 * step and last - n > 0.6 * step]
    axes.set_xticks(sorted({first, *far, last}))
    room = 0.03 * (last - first) or 0.5
    axes.set_xlim(first - room, last + room)


def _finish(axes: Any, quantity: str, bottom_only: bool) -> None:
    axes.set_xlabel("epoch")
    axes.set_ylabel(quantity)
    if bottom_only:
        axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, loc="upper right")


def _save(figure: Figure, path: Path) -> Path:
    with replacing(path) as file:
        figure.savefig(file, format="png")
    return path


def plot_validation_accuracy(
    epochs: Iterable[float],
    accuracies: Iterable[float],
    folder: str | os.PathLike[str],
    title: str = "",
) -> Path:
    """Draws `validation_accuracy.png` (002 §3.3) into `folder` and returns its path.

    `accuracies` are fractions, `epochs` the times at which they were measured, as many.
    """
    epochs, curve = np.asarray(list(epochs), float), np.asarray(list(accuracies), float)
    if curve.size == 0 or curve.shape != epochs.shape:
        raise ValueError(
            f"plot_validation_accuracy: expected a time for each accuracy, at least one, "
            f"got {epochs.size} and {curve.size}"
        )
    figure, (axes,) = _figure(1, title)
    best = int(curve.argmax())
    axes.plot(epochs, curve, "o-", color=VALIDATION, markersize=3, linewidth=1.8)
    label = f"best: {curve[best]:.4f} after {epochs[best]:.2f} epochs"
    axes.plot(epochs[best], curve[best], "o", color=VALIDATION, markersize=7, label=label)
    _epochs(axes, 0, max(1, math.ceil(epochs.max())))
    _finish(axes, "validation accuracy", bottom_only=False)
    return _save(figure, Path(folder) / "validation_accuracy.png")


def plot_graph(graph: Graph, path: str | os.PathLike[str]) -> Path:
    """Draws a graph, leaves on the left and the output on the right, and returns `path`.

    An arrow goes from an operation to an input, the way that a gradient takes.
    """
    depth = [0] * len(graph.labels)
    for _ in graph.labels:  # as often as the longest path has nodes, at the most
        for output, source in graph.edges:
            depth[source] = max(depth[source], depth[output] + 1)
    columns = [[n for n, d in enumerate(depth) if d == column] for column in range(max(depth) + 1)]
    place = {
        node: (-2.2 * column, (len(nodes) - 1) / 2 - row)
        for column, nodes in enumerate(columns)
        for row, node in enumerate(nodes)
    }
    figure, (axes,) = _figure(1, "")
    height = max(map(len, columns))
    figure.set_size_inches(1.6 * len(columns) + 1, 0.9 * height + 0.8)
    figure.subplots_adjust(0, 0, 1, 1)
    texts = []
    for node, label in enumerate(graph.labels):
        leaf = not any(node == output for output, _ in graph.edges)
        box = {"boxstyle": "round,pad=0.4", "fc": "#fdebd8" if leaf else "#dbe9f6", "ec": "0.4"}
        texts.append(axes.text(*place[node], label, ha="center", va="center", fontsize=9, bbox=box))
    axes.set_xlim(-2.2 * len(columns) + 1.1, 1.1)
    axes.set_ylim(-height / 2, height / 2)
    axes.axis("off")
    figure.draw_without_rendering()  # now the boxes know their sizes, and arrows can end there
    for output, source in graph.edges:
        boxes = texts[output].get_bbox_patch(), texts[source].get_bbox_patch()
        arrow = {"arrowstyle": "->", "color": "0.5", "patchA": boxes[0], "patchB": boxes[1]}
        axes.annotate("", place[source], place[output], arrowprops={**arrow, "shrinkB": 3})
    return _save(figure, Path(path))
