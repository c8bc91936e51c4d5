"""The classic face's criteria and initial weights."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from mytorch import (
    L2,
    CrossEntropy,
    ProbabilityCrossEntropy,
    SoftmaxCrossEntropy,
    WeightedSoftmaxCrossEntropy,
    initializers,
)
from mytorch.initializers import zeros_bias_init
from tests.fuzz.judge import Entry
from tests.fuzz.kinds import (
    ROWS,
    Numbers,
    Thing,
    Whole,
    one_hot_rows,
    probabilities,
    rows,
)
from tests.fuzz.values import EITHER, REFUSED, SEEDS


def criteria() -> Iterator[Entry]:
    yield Entry(
        "loss.WeightedSoftmaxCrossEntropy",
        lambda weights: WeightedSoftmaxCrossEntropy(weights).weights,
        {"weights": Numbers(((None,),), (3,), make=probabilities, finite=True, takes=_positive)},
        None,
    )
    weighted = partial(WeightedSoftmaxCrossEntropy, [1.0, 2.0, 0.5])
    for cls in (SoftmaxCrossEntropy, CrossEntropy, ProbabilityCrossEntropy, L2, weighted):
        x = rows(3, ROWS)
        if cls in (CrossEntropy, ProbabilityCrossEntropy):
            x = rows(3, ROWS, make=probabilities, takes=_in_unit_interval)
        takes = (lambda plain: True) if cls is L2 else not_negative
        y = rows(3, ROWS, make=one_hot_rows, dtype="float64", takes=takes)
        for method in ("forward", "__call__"):
            yield Entry(
                f"loss.{getattr(cls, 'func', cls).__name__}.{method}",
                partial(_criterion, cls, method),
                {"x": x, "y": y},
                lambda x, y: (ROWS,),
                ("network output", "labels", "network's output", "probabilities"),
            )


def _in_unit_interval(plain: Any) -> Any:
    return True if ((plain >= 0) & (plain <= 1.001)).all() else REFUSED


def not_negative(plain: Any) -> Any:
    """Shares of classes are not; of NaN nothing is said."""
    with np.errstate(invalid="ignore"):
        return EITHER if np.isnan(plain).any() else REFUSED if (plain < 0).any() else True


def _positive(plain: Any) -> Any:
    return True if plain.min() > 0 else REFUSED


def _criterion(cls: Any, method: str, x: Any, y: Any) -> Any:
    criterion = cls()
    return getattr(criterion, method)(x, y), criterion.derivative()


def initial_weights() -> Iterator[Entry]:
    sizes = {"fan_in": Whole(5), "fan_out": Whole(3)}
    seed = Thing(
        lambda: 0,
        {"a negative seed": lambda: -1, "a generator's class": lambda: np.random.Generator},
        {
            "a generator": lambda: np.random.default_rng(0),
            "an old generator": lambda: np.random.RandomState(0),
            "a large seed": lambda: 10**30,
        },
        ("None", *SEEDS),
    )
    for name in ("xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal"):
        yield Entry(
            f"initializers.{name}",
            getattr(initializers, name),
            {**sizes, "rng": seed},
            lambda fan_in, fan_out, rng: (fan_in, fan_out),
        )
    yield Entry(
        "initializers.random_normal_weight_init",
        initializers.random_normal_weight_init,
        sizes,
        lambda fan_in, fan_out: (fan_in, fan_out),
    )
    yield Entry("initializers.zeros_bias_init", zeros_bias_init, {"n": Whole(3)}, lambda n: (1, n))
