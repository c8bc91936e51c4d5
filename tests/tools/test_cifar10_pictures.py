"""What the script for CIFAR-10 draws, and real pictures that it learns from."""

import importlib
import json
import os
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import matplotlib.text
import numpy as np
import pytest

from mytorch.datasets import cifar10
from mytorch.datasets.pixels import Pixels
from tests.conftest import ROOT
from tests.support import cifar10 as standin


@pytest.mark.slow
def test_pictures_show_the_figures(cifar10_script: Any, tmp_path: Path, monkeypatch: Any) -> None:
    """By what is drawn: means of ten steps, counts in their cells, the most confident first."""
    pictures = importlib.import_module("cifar10_pictures")
    drawn: list[Any] = []
    save = pictures._save

    def noted(figure: Any, path: Path) -> None:
        drawn.append(figure)
        save(figure, path)

    monkeypatch.setattr(pictures, "_save", noted)
    rng = np.random.default_rng(0)
    losses, accuracies = rng.random(105).tolist(), rng.random(105).tolist()
    facts = {
        "training_losses": losses, "training_accuracies": accuracies, "steps": 105,
        "test_steps": [50, 100], "test_losses": [0.5, 0.4], "test_accuracies": [0.25, 0.3125],
    }  # fmt: skip
    pictures.draw_curves(tmp_path / "curves.png", facts, "title")
    for axes, curve in zip(drawn[0].axes, (losses, accuracies), strict=True):
        x, y = axes.lines[0].get_data()
        assert list(x) == list(range(10, 101, 10))
        np.testing.assert_allclose(y, [np.mean(curve[i : i + 10]) for i in range(0, 100, 10)])
        assert list(axes.lines[1].get_xdata()) == [50, 100]
    assert 105 in drawn[0].axes[0].get_xticks()

    confusion = rng.integers(0, 1000, (10, 10))
    pictures.draw_confusion(tmp_path / "confusion.png", confusion, cifar10.CLASSES, "title")
    axes = drawn[1].axes[0]
    texts = {(int(t.get_position()[1]), int(t.get_position()[0])): t for t in axes.texts}
    assert {place: t.get_text() for place, t in texts.items()} == {
        place: str(count) for place, count in np.ndenumerate(confusion)
    }
    assert [t.get_text() for t in axes.get_yticklabels()] == list(cifar10.CLASSES)

    x = Pixels(standin.IMAGES, 1, picture=(32, 32, 3))
    logits = rng.random((len(x), 10)) ** 9
    probabilities = logits / logits.sum(axis=1, keepdims=True)
    pictures.draw_mistakes(
        tmp_path / "mistakes.png", x, standin.LABELS, probabilities, cifar10.CLASSES, "title"
    )
    shown = [axes for axes in drawn[2].axes if axes.images]
    wrong = [i for i in range(len(x)) if probabilities[i].argmax() != standin.LABELS[i]]
    wrong.sort(key=lambda i: -probabilities[i].max())
    assert len(shown) == 24
    for axes, i in zip(shown, wrong, strict=False):
        assert np.array_equal(axes.images[0].get_array(), standin.IMAGES[i])
        names = [cifar10.CLASSES[n] for n in (standin.LABELS[i], probabilities[i].argmax())]
        assert axes.get_title() == f"{names[0]}\ntaken for {names[1]}, {probabilities[i].max():.2f}"
    for figure in drawn:
        no_two_texts_overlap(figure)


@pytest.mark.parametrize("steps", [1, 4, 7])
def test_of_a_few_steps_every_mark_and_no_half_step_is_shown(
    steps: int, cifar10_script: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    pictures = importlib.import_module("cifar10_pictures")
    drawn: list[Any] = []
    monkeypatch.setattr(pictures, "_save", lambda figure, path: drawn.append(figure))
    names = "training_losses", "training_accuracies", "test_losses", "test_accuracies"
    curves = {name: [0.5] * (steps if name.startswith("training") else 1) for name in names}
    facts = {**curves, "steps": steps, "test_steps": [steps]}
    pictures.draw_curves(tmp_path / "curves.png", facts, "title")
    drawn[0].draw_without_rendering()
    for axes in drawn[0].axes:
        assert axes.get_xlim()[1] > steps
        assert all(tick == int(tick) for tick in axes.get_xticks())


def no_two_texts_overlap(figure: Any) -> None:
    figure.draw_without_rendering()
    texts = [figure._suptitle]
    for axes in figure.axes:
        texts += axes.findobj(matplotlib.text.Text) if axes.axison else [axes.title]
    # a box says where a text is, where it is not turned
    texts = [t for t in texts if t.get_text() and t.get_visible() and t.get_rotation() == 0]
    boxes = [t.get_window_extent() for t in texts]
    for (one, a), (other, b) in combinations(zip(texts, boxes, strict=True), 2):
        assert not a.overlaps(b), (one, other)


@pytest.fixture(scope="module")
def sample() -> Path:
    """Real pictures in class folders, a part of CIFAR-10 or all of it."""
    chosen = os.environ.get("MYTORCH_DATA")
    for name in ("cifar10-sample", "cifar10", "."):
        folder = Path(chosen or ".") / name
        if chosen and (folder / "train" / "cat").is_dir():
            return folder
    pytest.skip("real CIFAR-10 is not on this machine; MYTORCH_DATA can name its folder")


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "least"),
    [
        (("--steps", 120, "--eval-every", 120), 0.25),
        (
            (
                "--recipe", "convnet", "--channels", "12", "24", "48", "--lr", 2e-3,
                "--steps", 120, "--eval-every", 120,
            ),
            0.3,
        ),
    ],
    ids=["mlp", "convnet"],
)  # fmt: skip
def test_real_pictures_are_learned_clearly_above_chance(
    options: tuple[object, ...],
    least: float,
    sample: Path,
    train_cifar10: Callable[..., Any],
    tmp_path: Path,
) -> None:
    """Chance is 0.10; a few hundred steps on 2,000 pictures give what is asked for here."""
    code, _, errors = train_cifar10("--data", sample, *options)
    assert (code, errors) == (0, "")
    facts = json.loads((tmp_path / "stats.json").read_text())
    assert facts["test_accuracy"] >= least
    assert np.mean(facts["training_losses"][:5]) > np.mean(facts["training_losses"][-20:]) + 0.4


@pytest.mark.slow
def test_train_py_takes_cifar10_as_rows(python: Callable[..., Any], tmp_path: Path) -> None:
    """And hears that it is a part."""
    standin.pictures(tmp_path / "cifar10", 4, 2)
    script = ROOT / "hw1" / "train.py"
    options = ("--data", "cifar10", "--epochs", 1, "--hiddens", 8, "--normalized")
    result = python(script, *options, "--output", tmp_path / "out", MYTORCH_DATA=str(tmp_path))
    assert result.returncode == 0, result.stderr
    assert "data   cifar10: 36 training, 4 validation, 20 test" in result.stdout
    assert "0: Linear(3072, 8)" in result.stdout
    assert "a part of CIFAR-10: 40 of 50,000 training pictures" in result.stderr


@pytest.mark.data
def test_the_real_sample_is_said_to_be_a_part(sample: Path) -> None:
    data = cifar10.read(sample)
    if data.is_part:
        assert data.about.startswith("a part of CIFAR-10: ")
    colours = data.images.reshape(-1, 3).mean(axis=0) / 255
    np.testing.assert_allclose(colours, [0.4914, 0.4822, 0.4465], atol=0.01)  # as published
