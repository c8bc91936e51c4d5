"""The questions and their points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.autograder.course import NOT_WRITTEN, Question, parts

PARTS = ("softmax_cross_entropy", "linear", "sigmoid", "tanh", "relu", "batchnorm")
"""The exercises about what an MLP is made of."""

# The points are those of 000. It says that 90 of 100 points are graded automatically, but its
# questions 2.1 to 3.6 add up to 91, and with 3.7 to 101. `Linear` on its own belongs to the 2020
# layout; no seed gives it points, so it has 5 here, and is not asked of a 2019 submission.
QUESTIONS = (
    Question(
        "2.1",
        "Softmax cross-entropy",
        parts(forward=3, backward=2),
        "softmax_cross_entropy",
        ("SoftmaxCrossEntropy",),
    ),
    Question("linear", "Linear layer", parts(forward=1, backward=4), "linear", ("Linear",)),
    Question(
        "3.2",
        "Linear classifier",
        parts(forward=3, backward=3, step=3),
        "classifier",
        ("MLP",),
        ("softmax_cross_entropy", "linear"),
    ),
    Question("3.3a", "Sigmoid", parts(forward=2, backward=2), "sigmoid", ("Sigmoid",)),
    Question("3.3b", "Tanh", parts(forward=2, backward=2), "tanh", ("Tanh",)),
    Question("3.3c", "ReLU", parts(forward=2, backward=2), "relu", ("ReLU",)),
    Question(
        "3.4",
        "Hidden layers",
        parts(forward=10, backward=20, step=10),
        "hidden",
        ("MLP",),
        PARTS[:-1],
    ),
    Question(
        "3.5a",
        "Batch norm layer",
        parts(forward=3, running=2, eval=2, backward=4),
        "batchnorm",
        ("BatchNorm",),
    ),
    Question(
        "3.5b",
        "Batch norm in the MLP",
        parts(forward=1, eval=1, backward=1, step=1),
        "mlp_batchnorm",
        ("MLP",),
        PARTS,
    ),
    Question("3.6", "Momentum", parts(step=10), "momentum", ("MLP",), PARTS),
)

TRAINING = Question(
    "3.7", "Training statistics", parts(run=0), "training", ("get_training_stats", "MLP")
)
"""000 §3.7, 10 points: run and drawn here, graded by a person."""


def asked(layout: str) -> tuple[Question, ...]:
    """The questions that a layout is asked; 2019 had no class `Linear`."""
    return tuple(q for q in QUESTIONS if not (q.id == "linear" and layout == "2019"))


def observed(transcripts: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Mistakes that no value shows, by the question that shows them.

    An MLP without hidden layers raises something in forward, and with hidden layers it does not.
    """
    flat, deep = transcripts.get("3.2"), transcripts.get("3.4")
    if flat is None or deep is None or any(part == "forward/out" for _, part in flat.given):
        return {}
    raised = [why for (_, part), why in flat.failures.items() if part in ("", "forward")]
    works = deep.given and not any(part in ("", "forward") for _, part in deep.failures)
    written = not any(why.startswith(NOT_WRITTEN) for why in raised)
    return {"3.2": ("hiddens=[] crashes",)} if raised and works and written else {}


SOURCES = {
    **{"2.1": "000 §2.1", "linear": "001 §2.1.1", "3.2": "000 §3.2", "3.4": "000 §3.4"},
    **dict.fromkeys(("3.3a", "3.3b", "3.3c"), "000 §3.3"),
    **dict.fromkeys(("3.5a", "3.5b"), "000 §3.5"),
    **{"3.6": "000 §3.6", "3.7": "000 §3.7"},
}
"""Where the seeds ask for each question."""
