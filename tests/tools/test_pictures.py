"""Every picture that the project makes: no two texts overlap, none is cut off, and what is said."""

import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mytorch.datasets import Pixels
from mytorch.graph import graph_of
from mytorch.plotting import plot_graph, plot_training_stats, plot_validation_accuracy
from mytorch.plotting.curves import _epochs
from mytorch.tensor import Tensor
from tests.support import architecture
from tests.walkthrough.library import LIBRARY, worked_example
from tests.walkthrough.picture import network_figure
from tests.walkthrough.sections import SECTIONS
from tests.walkthrough.session import Session, network_values, of_library, plot

sys.path.append(str(architecture.ROOT / "hw1"))
cifar10_pictures = import_module("cifar10_pictures")


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures that were saved; no file is written."""
    figures: list[Figure] = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: figures.append(figure))
    return figures


@pytest.fixture(scope="module")
def session() -> Session:
    return of_library(list(SECTIONS), LIBRARY)


def texts(figure: Figure) -> list["Placed"]:
    """Every text that is seen, with its place in pixels."""
    FigureCanvasAgg(figure)
    figure.draw_without_rendering()
    found = [*figure.texts]  # a title of the whole figure is one of them
    for axes in figure.axes:
        found += [*axes.texts, axes.title]
        legend = axes.get_legend()
        found += legend.get_texts() if legend else []
        for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            if axes.axison:
                found += [axis.label, axis.get_offset_text()]
                ticks = [t for t in axis.get_major_ticks() if within(t.get_loc(), limits)]
                found += [tick.label1 for tick in ticks]
    return [Placed(text) for text in found if text.get_visible() and text.get_text().strip()]


class Placed:
    """A text with the middle and the size, in pixels, of the rectangle that it fills.

    `angle` is the way that the rectangle lies, for names at an axis that are written askew.
    """

    def __init__(self, text: Any) -> None:
        self.text = text.get_text()
        self.box = text.get_window_extent()
        self.angle = text.get_rotation() % 90
        if self.angle:
            whole = text.get_rotation()
            text.set_rotation(0)
            level = text.get_window_extent()
            text.set_rotation(whole)
        else:
            level = self.box
        self.width, self.height = level.width, level.height
        self.middle = np.array([self.box.x0 + self.box.x1, self.box.y0 + self.box.y1]) / 2

    def overlaps(self, other: "Placed") -> bool:
        """Whether more than half a pixel is in both."""
        if self.angle != other.angle:
            x = min(self.box.x1, other.box.x1) - max(self.box.x0, other.box.x0)
            y = min(self.box.y1, other.box.y1) - max(self.box.y0, other.box.y0)
            return bool(min(x, y) > 0.5)
        turn = np.deg2rad(self.angle)
        along = np.array([np.cos(turn), np.sin(turn)])
        apart = self.middle - other.middle
        x = (self.width + other.width) / 2 - abs(apart @ along)
        y = (self.height + other.height) / 2 - abs(apart @ [-along[1], along[0]])
        return bool(min(x, y) > 0.5)


def within(place: float, limits: tuple[float, float]) -> bool:
    """Whether a tick is between the ends of its axis."""
    return min(limits) <= place <= max(limits)


def check(figure: Figure) -> None:
    places = texts(figure)
    assert places
    for one, other in combinations(places, 2):
        assert not one.overlaps(other), f"{one.text!r} and {other.text!r} overlap"
    page = figure.bbox
    for one in places:
        across = page.x0 <= one.box.x0 and one.box.x1 <= page.x1
        down = page.y0 <= one.box.y0 and one.box.y1 <= page.y1
        assert across, f"{one.text!r} is cut"
        assert down, f"{one.text!r} is cut"


def network_sections() -> Iterator[Any]:
    return (section for section in SECTIONS if section.network)


@pytest.mark.slow
@pytest.mark.parametrize("section", network_sections(), ids=lambda section: section.own_key)
def test_networks(section: Any, session: Session) -> None:
    values = network_values(session)[section.own_key]
    for stepped in (False, True):
        check(network_figure(section, values, stepped))
    huge = {name: np.full_like(value, -1.23456e-100, float) for name, value in values.items()}
    check(network_figure(section, huge))


def test_a_network_shows_its_weights_and_what_a_line_is(session: Session) -> None:
    section = next(section for section in SECTIONS if section.own_key == "3.7 batch")
    values = network_values(session)["3.7 batch"]
    said = [one.text for one in texts(network_figure(section, values, stepped=True))]
    for weight in ("W1", "W2", "W3"):
        assert weight in said
        assert {f"{number:.6g}" for number in np.ravel(values[weight])} <= set(said)
    assert any("a box is a unit; a line has its numbers for the 3 samples" in text for text in said)
    one = next(section for section in SECTIONS if section.own_key == "3.5")
    said = [one.text for one in texts(network_figure(one, network_values(session)["3.5"]))]
    assert not any("samples" in text for text in said)


@pytest.mark.slow
def test_the_session_draws_these_figures(
    session: Session, saved: list[Figure], tmp_path: Path
) -> None:
    paths = list(plot(session, tmp_path))
    assert len(paths) == len(saved) == len(list(network_sections()))
    for figure in saved:
        check(figure)


def test_the_worked_example_names_every_value(saved: list[Figure], tmp_path: Path) -> None:
    plot_graph(worked_example(values=True), tmp_path / "worked_example.png")
    (figure,) = saved
    check(figure)
    said = {one.text for one in texts(figure)}
    right = {"a = 1", "b = 2", "c = 3", "3", "a * b = Mul\n2", "d = Add\n3", "d + c = Add\n6"}
    assert said == {*right, "e = Add\n9"}


def test_graphs(saved: list[Figure], tmp_path: Path) -> None:
    x, w = Tensor(np.ones((4, 3)), requires_grad=True), Tensor(np.ones((3, 2)), requires_grad=True)
    out = ((x @ w).exp() + (x @ w) * 2).sum() * 3
    plot_graph(graph_of(out, {"a long name of inputs": x, "w": w}), tmp_path / "graph.png")
    check(saved[0])


def curves(epochs: int) -> Any:
    return [np.geomspace(scale, scale / 50, epochs) for scale in (2.3, 0.9, 2.2, 0.8)]


STRANGE: dict[str, Any] = {
    **{f"{epochs} epochs": curves(epochs) for epochs in (1, 2, 7, 10, 19, 21, 30, 101, 997)},
    "large": [curve * 1e12 for curve in curves(30)],
    "tiny": [curve * 1e-12 for curve in curves(30)],
    "numbers that were fitted": [
        curves(9)[0],
        np.full(9, np.nan),
        curves(9)[2],
        np.full(9, np.nan),
    ],
    "rising": [curve[::-1] for curve in curves(30)],
    "negative": [curve - 1 for curve in curves(30)],
    "nothing": [np.full(3, np.nan)] * 4,
}


MANY = [f"{epochs} epochs" for epochs in (2, 7, 10, 21, 30, 101)]


@pytest.mark.parametrize(
    "case", [pytest.param(c, marks=pytest.mark.slow) if c in MANY else c for c in STRANGE]
)
def test_learning_curves(case: str, saved: list[Figure], tmp_path: Path) -> None:
    title = "fashion-mnist, recipe strong, test error 0.0904"
    plot_training_stats(STRANGE[case], tmp_path, title)
    assert len(saved) == (3 if case == "numbers that were fitted" else 5)
    last = len(STRANGE[case][0])
    for figure in saved:
        check(figure)
        assert all((t[0], t[-1]) == (1, last) for t in (axes.get_xticks() for axes in figure.axes))


@pytest.mark.parametrize("last", [*range(1, 120), 997, 10_000])
def test_ticks_are_whole_epochs_with_room_between(last: int) -> None:
    axes = Figure().add_subplot()
    _epochs(axes, 1, last)
    ticks = axes.get_xticks()
    assert (ticks[0], ticks[-1]) == (1, last)
    assert all(tick == int(tick) for tick in ticks)
    assert len(ticks) <= 10
    assert last == 1 or min(np.diff(ticks)) >= (last - 1) / 16


@pytest.mark.parametrize("last", [0.18, 1, 3, 10, 57.5])
def test_accuracies(last: float, saved: list[Figure], tmp_path: Path) -> None:
    epochs = np.linspace(last / 20, last, 20)
    plot_validation_accuracy(epochs, np.linspace(0.2, 0.957, 20), tmp_path, "mnist, seed 0")
    check(saved[0])
    ticks = saved[0].axes[0].get_xticks()
    assert ticks[0] == 0
    assert ticks[-1] == np.ceil(last)


@pytest.mark.parametrize("steps", [1, 7, 10, 100, 1500, 10_000])
def test_curves_of_steps(steps: int, saved: list[Figure], tmp_path: Path) -> None:
    curve = np.geomspace(2.3, 0.6, steps)
    tested = sorted({1, max(1, steps // 2), steps})
    facts = {
        "steps": steps, "training_losses": curve, "training_accuracies": 1 - curve / 2.4,
        "test_steps": tested, "test_losses": curve[np.array(tested) - 1],
        "test_accuracies": 1 - curve[np.array(tested) - 1] / 2.4,
    }  # fmt: skip
    cifar10_pictures.draw_curves(tmp_path / "curves.png", facts, "cifar10, convnet-report")
    check(saved[0])
    for axes in saved[0].axes:
        shown = [tick for tick in axes.get_xticks() if tick <= axes.get_xlim()[1]]
        assert (shown[0], shown[-1]) == (0, steps)


CIFAR = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def test_the_confusion_of_classes(saved: list[Figure], tmp_path: Path) -> None:
    counts = np.full((10, 10), 1234)
    cifar10_pictures.draw_confusion(tmp_path / "c.png", counts, CIFAR, "test accuracy 0.7695")
    check(saved[0])


@pytest.mark.parametrize("count", [0, 1, 9, 24])
def test_the_most_confident_mistakes(count: int, saved: list[Figure], tmp_path: Path) -> None:
    x = Pixels(np.zeros((30, 32 * 32 * 3), np.uint8), 255, np.float32, picture=(32, 32, 3))
    labels = np.ones(30, int)
    taken = np.eye(10)[np.where(np.arange(30) < count, 0, 1)]
    names = ["automobile", "automobile", *CIFAR[2:]]
    title = "cifar10, recipe convnet-report, test accuracy 0.7695"
    cifar10_pictures.draw_mistakes(tmp_path / "m.png", x, labels, taken, names, title)
    check(saved[0])


def test_the_architecture(saved: list[Figure], tmp_path: Path) -> None:
    architecture.draw(tmp_path / "architecture.png")
    check(saved[0])


@pytest.mark.parametrize("apart", [0.0, 0.05])
def test_what_overlaps_is_found(apart: float) -> None:
    figure = Figure()
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    for x in (0.3, 0.3 + apart):
        axes.text(x, 0.5, "1667.8")
    with pytest.raises(AssertionError, match=r"'1667\.8' and '1667\.8' overlap"):
        check(figure)
    axes.texts[1].set_x(0.98)
    with pytest.raises(AssertionError, match="is cut"):
        check(figure)
