"""The questions of a course by its `course.toml`.

What a course does not grade is asked after what it is about, so that a mistake costs points there
and not in a network that is made of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tests.autograder.description import Question
from tests.autograder.entries import BadCourse

PASSES = "forward", "backward"
ABOUT: dict[str, tuple[str, tuple[str, ...]]] = {
    "linear": ("Linear", PASSES),
    "linear_more": ("Linear", ("start", *PASSES)),
    "identity": ("Identity", PASSES),
    "sigmoid": ("Sigmoid", PASSES),
    "tanh": ("Tanh", PASSES),
    "relu": ("ReLU", PASSES),
    "gelu": ("GELU", PASSES),
    **dict.fromkeys(("softmax", "softmax_more"), ("Softmax", PASSES)),
    **dict.fromkeys(("leaky", "leaky_more"), ("LeakyReLU", PASSES)),
    "mse": ("MSELoss", PASSES),
    **dict.fromkeys(("cross_entropy", "cross_entropy_more"), ("CrossEntropyLoss", PASSES)),
    "batchnorm": ("BatchNorm1d", ("eval", *PASSES)),
    "batchnorm_more": ("BatchNorm1d", ("running", "eval", "backward")),
    **dict.fromkeys(("sgd", "sgd_more"), ("SGD", ("step",))),
    "mlp0": ("MLP0", PASSES),
    **dict.fromkeys(("mlp1", "networks_more"), ("MLP1", PASSES)),
    "mlp4": ("MLP4", PASSES),
    "mlp": ("MLP", PASSES),
    "adam": ("Adam", ("step",)),
    "adamw": ("AdamW", ("step",)),
    "dropout": ("Dropout", PASSES),
    "dropout_more": ("Dropout", ("eval",)),
}
"""The class that each exercise is about, and its parts."""
MAY_USE = ("cross_entropy", "cross_entropy_more")
"""Those about a loss, which may be written without the part that it has in `MADE_OF`."""
MADE_OF = {
    **dict.fromkeys(("mlp0", "mlp1", "mlp4", "networks_more"), ("linear", "linear_more", "relu")),
    "mlp": ("linear", "linear_more", "leaky", "leaky_more", "softmax", "softmax_more"),
    **dict.fromkeys(("sgd", "sgd_more"), ("linear", "linear_more")),
    **dict.fromkeys(MAY_USE, ("softmax",)),
}
"""The exercises about what a network is made of, and what a loss may be."""


def completed(course: Any, listed: Iterable[Question]) -> Iterator[Question]:
    """The questions of a course's file, each with the classes that it is about.

    Raises BadCourse for an exercise or a part that is not known, or a class without a module.
    """
    cv, listed = course.conventions, tuple(listed)
    known = {question.exercise for question in listed}
    for question in listed:
        place = f"{course.name}/course.toml: question {question.id}"
        if question.exercise not in ABOUT:
            exercises = ", ".join(sorted(ABOUT))
            raise BadCourse(f"{place}: no exercise {question.exercise}; there are {exercises}")
        name, names = ABOUT[question.exercise]
        for part in question.parts:
            if part.name not in names:
                about = f"{question.exercise} has no part {part.name}; it has {', '.join(names)}"
                raise BadCourse(f"{place}: {about}")
        if cv.name(name) not in cv.homes:
            raise BadCourse(f"{place}: [homes] lacks {cv.name(name)}, which it is about")
        if name.startswith("MLP") and name != "MLP" and name not in cv.networks:
            raise BadCourse(f"{place}: [conventions.networks] lacks the sizes of {name}")
        uses = tuple(one for one in MADE_OF.get(question.exercise, ()) if one in known)
        yield question._replace(
            needs=(cv.name(name),),
            uses=question.uses or uses,
            uses_are_optional=question.exercise in MAY_USE,
        )
