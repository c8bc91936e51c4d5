"""The part that a person grades: the submission's training, run on small data and drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mytorch.datasets import load
from mytorch.plotting import plot_training_stats, plot_validation_accuracy
from tests.autograder.cases import Case
from tests.autograder.grading import Transcript

EPOCHS = 10


class Training(NamedTuple):
    """What came of the training: a sentence, and the pictures."""

    summary: str
    pictures: list[Path]


def cases(homework: str) -> dict[str, Case]:
    """The embedded digits: as they are for the classic homework, in 784 pixels for the other."""
    rng = np.random.default_rng(0)
    if homework == "classic":
        case: Case = {
            "activations": np.frombuffer(b"ssi", np.uint8),
            "sizes": np.array([64, 32, 32, 10]),
        }
        for i, (a, b) in enumerate(((64, 32), (32, 32), (32, 10))):
            case[f"W{i}"] = rng.normal(size=(a, b)) * np.sqrt(2 / (a + b))
            case[f"b{i}"] = np.zeros((1, b))
        numbers = {"lr": 0.3, "momentum": 0.9, "batchnorm": 0, "epochs": EPOCHS}
        case |= {name: np.array(value) for name, value in numbers.items()}
        for i, (x, y) in enumerate(load("digits", normalized=True)):
            case[f"x{i}"], case[f"y{i}"] = x, y
        return {"digits": case}
    (x, y), (val_x, val_y), _ = load("digits")
    return {
        "digits": {
            "train_x": _enlarged(np.tile(x, (4, 1))),
            "train_y": np.tile(y.argmax(axis=1), 4),
            "val_x": _enlarged(val_x),
            "val_y": val_y.argmax(axis=1),
        }
    }


def _enlarged(images: np.ndarray) -> np.ndarray:
    """Images of 8x8 pixels as 28x28, each pixel three times and a border of 2."""
    large = images.reshape(-1, 8, 8).repeat(3, axis=1).repeat(3, axis=2)
    return np.pad(large, ((0, 0), (2, 2), (2, 2))).reshape(len(images), 784)


def summarize(homework: str, transcript: Transcript, folder: Path | None) -> Training:
    """What the training reached, drawn into `folder` if there is one."""
    reason = transcript.missing or transcript.ended or "; ".join(transcript.failures.values())
    if reason:
        return Training(f"did not run: {reason}", [])
    curves = [given.value for given in transcript.given.values()]
    wanted = 4 if homework == "classic" else 1
    if len(curves) != wanted or any(c is None or c.ndim != 1 or not len(c) for c in curves):
        shapes = ", ".join("nothing" if c is None else f"an array {c.shape}" for c in curves)
        return Training(f"did not return what was asked for, but {shapes}", [])
    if homework == "classic":
        return _statistics(curves, folder)
    accuracies = np.asarray(curves[0])
    epochs = np.arange(1, len(accuracies) + 1)
    pictures = [plot_validation_accuracy(epochs, accuracies, folder)] if folder else []
    return Training(f"validation accuracy {accuracies[0]:.3f} to {accuracies[-1]:.3f}", pictures)


def _statistics(curves: list[Any], folder: Path | None) -> Training:
    losses, errors = curves[2], curves[3]
    if len({len(curve) for curve in curves}) > 1:
        return Training("returned curves of different lengths", [])
    return Training(
        f"validation loss {losses[0]:.3f} to {losses[-1]:.3f}, "
        f"error {errors[0]:.3f} to {errors[-1]:.3f} in {len(losses)} epochs",
        plot_training_stats(curves, folder, "the submission on digits") if folder else [],
    )
