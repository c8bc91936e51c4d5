"""CMU 11-785, homework 1 part 1 of spring 2019 (one `hw1.py`) and spring 2020 (000 and 001)."""

from collections.abc import Iterable
from typing import Any

COMMAND = "1"
TITLE = "classic"
DESCRIPTION = "Grades the classic homework (000 §2.1 to §3.6, and Linear of the 2020 layout)."
HOMES = {
    **dict.fromkeys(("Identity", "Sigmoid", "Tanh", "ReLU"), ("activation", "hw1")),
    "SoftmaxCrossEntropy": ("loss", "hw1"),
    "Linear": ("linear", "hw1"),
    "BatchNorm": ("batchnorm", "hw1"),
    "MLP": ("hw1",),
    "get_training_stats": ("hw1",),
}
"""The classes, and in which module each is looked for first."""

SPELLING = {"weight": "in, out", "bias": "1, out", "mean": "layer"}
"""How arrays are shaped, and where the mean over the batch is; see `Conventions`."""


def objection(submission: Any) -> str:
    """Why a submission is not of this edition; empty if it is."""
    return "" if submission.is_classic else "no classic homework, only the autograd one"


def modules(submission: Any, names: Iterable[str]) -> list[str]:
    """What is imported for the classes `names`: all of it."""
    return list(submission.modules)
