"""The questions and their points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.autograder.course import Question, parts

PARTS = ("subtraction", "multiplication", "division", "graph")
"""The exercises about the automatic differentiation that modules run on."""

# 002 §1.1 to §2.6, in its order and with its points.
QUESTIONS = (
    Question("1.1a", "Subtraction", parts(forward=2, backward=3), "subtraction", ("Tensor",)),
    Question("1.1b", "Multiplication", parts(forward=2, backward=3), "multiplication", ("Tensor",)),
    Question("1.1c", "Division", parts(forward=2, backward=3), "division", ("Tensor",)),
    Question(
        "1.2", "Autograd", parts(backward=15, graph=10), "graph", ("Tensor",), ("multiplication",)
    ),
    Question(
        "2.1",
        "Linear layer",
        parts(forward=4, backward=6),
        "module_linear",
        ("nn.Linear", "Tensor"),
        PARTS,
    ),
    Question(
        "2.2", "ReLU", parts(forward=2, backward=3), "module_relu", ("nn.ReLU", "Tensor"), PARTS
    ),
    Question("2.3", "SGD", parts(step=10), "sgd", ("SGD", "Tensor")),
    Question(
        "2.4",
        "Batch norm",
        parts(forward=3, running=2, eval=2, backward=3),
        "module_batchnorm",
        ("nn.BatchNorm1d", "Tensor"),
        PARTS,
    ),
    Question(
        "2.5",
        "Cross-entropy",
        parts(forward=7, backward=8),
        "cross_entropy",
        ("nn.CrossEntropyLoss", "Tensor"),
        PARTS,
    ),
    Question("2.6", "Momentum", parts(step=10), "sgd_momentum", ("SGD", "Tensor")),
)

TRAINING = Question("3", "MNIST", parts(run=0), "mnist", ("mnist", "Tensor"))
"""002 §3, 10 points: run and drawn here, graded by a person."""


def asked(layout: str) -> tuple[Question, ...]:
    """The questions that a layout is asked: all."""
    return QUESTIONS


def observed(transcripts: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Mistakes that no value shows, by the question that shows them: none."""
    return {}


SOURCES = {
    **{"1.1a": "002 §1.1.1", "1.1b": "002 §1.1.2", "1.1c": "002 §1.1.3", "3": "002 §3"},
    **{id: f"002 §{id}" for id in ("1.2", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6")},
}
"""Where the seeds ask for each question."""
