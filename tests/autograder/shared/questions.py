"""The questions of a course by its table `POINTS`.

What a course does not grade is asked after what it is about, so that a mistake costs points there
and not in a network that is made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from tests.autograder.course import Question, parts

ABOUT = {
    **{"linear": ("Linear",), "linear_more": ("Linear",)},
    **{"identity": ("Identity",), "sigmoid": ("Sigmoid",), "tanh": ("Tanh",), "relu": ("ReLU",)},
    **{"gelu": ("GELU",), "softmax": ("Softmax",), "softmax_more": ("Softmax",)},
    **{"leaky": ("LeakyReLU",), "leaky_more": ("LeakyReLU",)},
    **{"mse": ("MSELoss",)},
    **dict.fromkeys(("cross_entropy", "cross_entropy_more"), ("CrossEntropyLoss",)),
    **dict.fromkeys(("batchnorm", "batchnorm_more"), ("BatchNorm1d",)),
    **dict.fromkeys(("sgd", "sgd_more"), ("SGD",)),
    **{"mlp0": ("MLP0",), "mlp1": ("MLP1",), "mlp4": ("MLP4",), "networks_more": ("MLP1",)},
    "mlp": ("MLP",),
}
"""The classes that each exercise is about."""
MADE_OF = {
    **dict.fromkeys(("mlp0", "mlp1", "mlp4", "networks_more"), ("linear", "linear_more", "relu")),
    "mlp": ("linear", "linear_more", "leaky", "leaky_more", "softmax"),
}
"""The exercises about what a network is made of."""


def of(course: Any) -> SimpleNamespace:
    """The module of a course."""
    cv = course.conventions
    rows = course.module().POINTS
    known = {exercise for _, _, exercise, _, _ in rows}
    questions = tuple(
        Question(
            id,
            title,
            parts(**points),
            exercise,
            tuple(cv.name(name) for name in ABOUT[exercise]),
            tuple(one for one in MADE_OF.get(exercise, ()) if one in known),
            graded,
        )
        for id, title, exercise, points, graded in rows
    )
    return SimpleNamespace(
        QUESTIONS=questions, TRAINING=None, asked=lambda layout: questions, observed=_observed
    )


def _observed(transcripts: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {}
