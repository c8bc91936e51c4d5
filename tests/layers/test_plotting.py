"""Plots: the right files with the right curves in them, and nothing half written."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from mytorch.plotting import curves, plot_training_stats
from mytorch.plotting.figures import save
from tests.support.quick import first_is_quick

STATS = (
    [2.0, 1.0, 0.6, 0.5],
    [0.8, 0.4, 0.3, 0.2],
    [1.5, 0.9, 0.7, 0.8],
    [0.6, 0.3, 0.25, 0.26],
)
NAMES = (
    "train_loss.png",
    "train_error.png",
    "val_loss.png",
    "val_error.png",
    "training_curves.png",
)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> dict[str, Figure]:
    """The figures that were saved, by file name."""
    figures: dict[str, Figure] = {}

    def spy(figure: Figure, path: Path) -> Path:
        figures[path.name] = figure
        return save(figure, path)

    monkeypatch.setattr(curves, "save", spy)
    return figures


def test_the_pictures_have_the_handouts_names(tmp_path: Path) -> None:
    folder = tmp_path / "not yet there"
    paths = plot_training_stats(STATS, folder)
    assert [path.name for path in paths] == list(NAMES)
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)
    for path in paths:
        content = path.read_bytes()
        assert content[:8] == b"\x89PNG\r\n\x1a\n"
        assert len(content) > 5000


@pytest.mark.parametrize("index", first_is_quick(range(4)))
def test_each_picture_shows_its_curve_and_marks_the_best_epoch(
    index: int, tmp_path: Path, drawn: dict[str, Figure]
) -> None:
    plot_training_stats(STATS, tmp_path)
    (axes,) = drawn[NAMES[index]].axes
    curve, mark, *_ = axes.get_lines()
    assert np.array_equal(curve.get_xdata(), [1, 2, 3, 4])
    assert np.array_equal(curve.get_ydata(), STATS[index])
    best = (4, 4, 3, 3)[index]
    assert mark.get_xdata() == [best]
    assert mark.get_ydata() == [min(STATS[index])]
    assert f"best: {min(STATS[index]):.4f} in epoch {best}" in str(mark.get_label())
    assert axes.get_xlabel() == "epoch"
    quantity = ("mean loss per sample", "fraction misclassified")[index % 2]
    assert axes.get_ylabel() == f"{quantity}, {('training', 'validation')[index // 2]}"


def test_one_picture_shows_all_curves(tmp_path: Path, drawn: dict[str, Figure]) -> None:
    plot_training_stats(STATS, tmp_path, title="mnist, recipe 2019")
    figure = drawn["training_curves.png"]
    for axes, train, val in zip(figure.axes, STATS[:2], STATS[2:], strict=True):
        curves = {line.get_label(): line.get_ydata() for line in axes.get_lines()}
        assert np.array_equal(curves["training"], train)
        assert np.array_equal(curves["validation"], val)
        assert any(str(label).startswith("best: ") for label in curves)
    assert figure.get_suptitle() == "mnist, recipe 2019"


@pytest.mark.parametrize("epochs", [1, 4])
def test_every_mark_is_inside_its_picture(
    epochs: int, tmp_path: Path, drawn: dict[str, Figure]
) -> None:
    """One that the edge cuts is hardly seen: of an only epoch it is all that there is."""
    plot_training_stats([curve[:epochs] for curve in STATS], tmp_path)
    for axes in (axes for figure in drawn.values() for axes in figure.axes):
        (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
        for line in axes.get_lines():
            if line.get_marker() == "o":
                x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
                assert (left < x).all()
                assert (x < right).all()
                assert (y < high - 0.03 * (high - low)).all()


@pytest.mark.parametrize(
    "stats",
    [
        [[1.0]] * 4,
        [[math.nan, 1.0], [0.5, 0.4], [math.inf, math.nan], [0.1, 0.2]],
        [[math.nan]] * 4,
        np.ones((4, 300)),
    ],
)
def test_unusual_curves_are_drawn_too(stats: Any, tmp_path: Path) -> None:
    assert len(plot_training_stats(stats, tmp_path)) == 5


@pytest.mark.parametrize("stats", [[[]] * 4, [[1.0]] * 3, [[1.0], [1.0], [1.0, 2.0], [1.0]]])
def test_curves_that_do_not_belong_together_are_refused(stats: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected four curves of the same number of epochs"):
        plot_training_stats(stats, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_plot_that_fails_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "train_loss.png"
    old.write_bytes(b"the old picture")

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Figure, "savefig", interrupted)
    with pytest.raises(KeyboardInterrupt):
        plot_training_stats(STATS, tmp_path)
    assert old.read_bytes() == b"the old picture"
    assert list(tmp_path.iterdir()) == [old]
