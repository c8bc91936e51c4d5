"""Pictures that `cifar10.py` leaves: curves, a confusion matrix, the most confident mistakes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mytorch.datasets import Pixels
from mytorch.system.atomic import replacing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SMOOTHED = 10  # steps that a point of a training curve is the mean of
ROWS, COLUMNS = 3, 8  # of the sheet of mistakes


def draw_curves(path: Path, facts: Mapping[str, Any], title: str) -> None:
    """Loss, and accuracy in training and on the test data, over the steps."""
    figure = _figure(12, 4.2, title)
    axes = figure.subplots(1, 2)
    figure.subplots_adjust(0.06, 0.12, 0.98, 0.9, wspace=0.18)
    points, losses = smoothed(facts["training_losses"])
    axes[0].plot(points, losses, color="C0", linewidth=1, label=f"training, {_means(points)}")
    axes[0].plot(facts["test_steps"], facts["test_losses"], "o-", color="C1", ms=3, label="test")
    axes[0].set_ylabel("mean loss per picture")
    usual = 1.1 * max(np.percentile(losses, 97), *facts["test_losses"])
    if max(losses) > 3 * usual:  # a few first steps would press all others flat
        axes[0].set_ylim(0, usual)
        axes[0].set_ylabel(f"mean loss per picture (at first {losses[0]:.0f})")
    points, accuracies = smoothed(facts["training_accuracies"])
    axes[1].plot(points, accuracies, color="C0", linewidth=1, label=f"training, {_means(points)}")
    tested = facts["test_accuracies"]
    last = f"test, {tested[-1]:.4f} at the end"
    axes[1].plot(facts["test_steps"], tested, "o-", color="C1", ms=3, label=last)
    axes[1].set_ylabel("accuracy")
    for one in axes:
        one.set_xlim(0, 1.02 * facts["steps"])  # all of the last mark
        one.xaxis.get_major_locator().set_params(integer=True)
        if facts["steps"] % 5 == 0:  # so that the last step has a tick
            one.set_xticks(range(0, facts["steps"] + 1, facts["steps"] // 5))
        one.set_xlabel("step")
        one.grid(alpha=0.3)
        one.legend(frameon=False, loc="upper right" if one is axes[0] else "lower right")
    _save(figure, path)


def smoothed(curve: Sequence[float]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Steps, and the mean of each ten values up to them; of a short curve each value."""
    width = SMOOTHED if len(curve) >= 2 * SMOOTHED else 1
    count = len(curve) // width
    means = np.array(curve[: count * width]).reshape(count, width).mean(axis=1)
    return np.arange(1, count + 1) * width, means


def _means(points: npt.NDArray[Any]) -> str:
    return f"means of {points[0]} steps" if points[0] > 1 else "each step"


def draw_confusion(
    path: Path, confusion: npt.NDArray[Any], classes: Sequence[str], title: str
) -> None:
    """How many pictures of each class, a row, were taken for each class, a column."""
    figure = _figure(7.2, 6.6, title)
    axes = figure.subplots()
    figure.subplots_adjust(0.16, 0.17, 0.98, 0.92)
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(confusion):
        color = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, str(count), ha="center", va="center", color=color, fontsize=9)
    axes.set_xticks(range(len(classes)), classes, rotation=45, ha="right")
    axes.set_yticks(range(len(classes)), classes)
    axes.set_xlabel("taken for")
    axes.set_ylabel("is")
    _save(figure, path)


def draw_mistakes(
    path: Path,
    x: Pixels,
    labels: npt.NDArray[Any],
    probabilities: npt.NDArray[Any],
    classes: Sequence[str],
    title: str,
) -> None:
    """The pictures that got the largest probability of a wrong class, largest first."""
    taken = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(taken != labels)
    wrong = wrong[np.argsort(-probabilities[wrong, taken[wrong]], kind="stable")]
    rows = -(-max(1, min(len(wrong), ROWS * COLUMNS)) // COLUMNS)
    height = 0.5 + 1.7 * rows
    what = "the most confident mistakes" if len(wrong) else "no mistakes"
    figure = _figure(12, height, f"{title}: {what}")
    panels = figure.subplots(rows, COLUMNS, squeeze=False)
    figure.subplots_adjust(0.01, 0.01, 0.99, 1 - 0.8 / height, wspace=0.08, hspace=0.42)
    assert x.picture is not None
    for axes in panels.flat:
        axes.axis("off")
    for axes, row in zip(panels.flat, wrong, strict=False):
        picture = x.bytes[row].reshape(x.picture)
        if x.picture[2] == 1:
            axes.imshow(picture[:, :, 0], cmap="gray_r")
        else:
            axes.imshow(picture)
        sure = probabilities[row, taken[row]]
        axes.set_title(
            f"{classes[labels[row]]}\ntaken for {classes[taken[row]]}, {sure:.2f}", fontsize=7
        )
    _save(figure, path)


def _figure(width: float, height: float, title: str) -> "Figure":
    from matplotlib.figure import Figure  # without pyplot: no window, no global state

    figure = Figure(figsize=(width, height), dpi=110)
    figure.suptitle(title, fontsize=10)
    return figure


def _save(figure: "Figure", path: Path) -> None:
    with replacing(path) as file:
        figure.savefig(file, format="png")
