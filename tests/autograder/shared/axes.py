"""The conventions that courses differ in, in words, and the mistake of following another one."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace
from typing import Any

from tests.autograder.shared.conventions import Conventions

AXES: dict[str, dict[Any, str]] = {
    "mean": {
        "layer": "the mean over the batch is taken in the linear layer",
        "loss": "the mean over the batch is taken in the loss",
    },
    "weight": {"out, in": "W is (out, in)", "in, out": "W is (in, out)"},
    "bias": {"out, 1": "b is (out, 1)", "1, out": "b is (1, out)", "out": "b is (out,)"},
    "activation": {
        "gradient": "an activation's backward takes the gradient for its output",
        "derivative": "an activation's backward takes nothing and returns its derivative",
    },
    "mse": {
        1: "the squared error is divided by 2 N C",
        2: "the squared error is divided by N C",
    },
}
"""By the field of `Conventions`: each value that is a convention, in words."""


def name(axis: str, value: object) -> str:
    """What the mistake is called."""
    return f"convention {axis}: {value}"


def others(cv: Conventions) -> Iterator[tuple[str, Any]]:
    """Every convention that a course does not have, where it has one of its own."""
    for axis, values in AXES.items():
        if getattr(cv, axis) in values:
            yield from ((axis, value) for value in values if value != getattr(cv, axis))


def in_another_convention(cv: Conventions, mistakes: Set[str]) -> Conventions:
    """The conventions that are followed with these mistakes."""
    followed = cv
    for axis, value in others(cv):
        if name(axis, value) in mistakes:
            followed = replace(followed, **{axis: value})
    return followed
