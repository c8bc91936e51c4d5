"""The classes of a course by NumPy, right or with mistakes: what a submission would answer.

Inside, a batch has rows of samples, `W` is `(out, in)` and `b` `(1, out)`.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from functools import partial
from types import SimpleNamespace
from typing import Any

from tests.autograder.shared import model_batchnorm, model_bonus, model_layers, model_networks
from tests.autograder.shared.axes import in_another_convention
from tests.autograder.shared.conventions import Conventions

Mistakes = Set[str]


def of(course: Any) -> SimpleNamespace:
    """The module of a course."""
    return SimpleNamespace(classes=partial(classes, course.conventions))


def classes(conventions: Conventions, mistakes: Mistakes, clean: frozenset[str]) -> dict[str, Any]:
    """All classes by the course's names; those in `clean` make no mistakes."""
    made: dict[str, Any] = {}
    for name, make in MAKERS.items():
        called = conventions.name(name)
        if called not in conventions.homes:
            continue
        own: Mistakes = frozenset() if called in clean else mistakes
        made[called] = make(in_another_convention(conventions, own), own, made)
    return made


def _activation(name: str) -> Callable[..., Any]:
    return lambda cv, m, made: model_layers.activation(cv, m, name)


def _network(name: str) -> Callable[..., Any]:
    return lambda cv, m, made: model_networks.network(cv, m, made, name)


MAKERS: dict[str, Callable[..., Any]] = {
    "Linear": lambda cv, m, made: model_layers.linear(cv, m),
    **{name: _activation(name) for name in model_layers.ACTIVATIONS},
    "MSELoss": lambda cv, m, made: model_layers.mse(cv, m),
    "CrossEntropyLoss": lambda cv, m, made: model_layers.cross_entropy(cv, m),
    "BatchNorm1d": lambda cv, m, made: model_batchnorm.batchnorm(cv, m),
    "SGD": lambda cv, m, made: model_networks.sgd(cv, m),
    **{name: _network(name) for name in ("MLP0", "MLP1", "MLP4")},
    "MLP": lambda cv, m, made: model_networks.mlp(cv, m, made),
    "Adam": lambda cv, m, made: model_bonus.adam(cv, m),
    "AdamW": lambda cv, m, made: model_bonus.adamw(cv, m),
    "Dropout": lambda cv, m, made: model_bonus.dropout(cv, m),
}
