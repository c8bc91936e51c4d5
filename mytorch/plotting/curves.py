"""Learning curves as pictures."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from mytorch.plotting.figures import new_figure, save

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
        figure, (axes,) = new_figure(1, title)
        _draw(axes, what, curve, colour)
        _epochs(axes, 1, len(curve))
        _finish(axes, f"{quantity}, {what}", from_zero=bool(curve.min() >= 0))
        paths.append(save(figure, folder / name))

    figure, panels = new_figure(len(drawn), title)
    for axes, k in zip(panels, drawn, strict=True):
        quantity, train, val = (LOSS, ERROR)[k], curves[k], curves[k + 2]
        _draw(axes, "training", train, TRAINING, mark=False)
        _draw(axes, "validation", val, VALIDATION)
        _epochs(axes, 1, len(train))
        _finish(axes, quantity, from_zero=bool(min(train.min(), val.min()) >= 0))
    paths.append(save(figure, folder / "training_curves.png"))
    return paths


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


def _finish(axes: Any, quantity: str, from_zero: bool, legend: str = "upper right") -> None:
    """What stands around the curves; `legend` is a corner where they seldom are."""
    axes.set_xlabel("epoch")
    axes.set_ylabel(quantity)
    if from_zero:
        _, top = axes.get_ylim()
        axes.set_ylim(0, 1.04 * top)  # all of a mark at the top
    axes.grid(alpha=0.3)
    axes.legend(loc=legend, framealpha=0.85, edgecolor="none")  # readable on a line, too


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
    figure, (axes,) = new_figure(1, title)
    best = int(curve.argmax())
    axes.plot(epochs, curve, "o-", color=VALIDATION, markersize=3, linewidth=1.8)
    label = f"best: {curve[best]:.4f} after {epochs[best]:.2f} epochs"
    axes.plot(epochs[best], curve[best], "o", color=VALIDATION, markersize=7, label=label)
    _epochs(axes, 0, max(1, math.ceil(epochs.max())))
    _finish(axes, "validation accuracy", from_zero=False, legend="lower right")
    return save(figure, Path(folder) / "validation_accuracy.png")


__all__ = ["plot_training_stats", "plot_validation_accuracy"]
