"""The gradient check."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from mytorch import Sigmoid
from mytorch.gradcheck import gradcheck
from mytorch.initializers import zeros_bias_init
from mytorch.linear import Linear
from tests.fuzz.judge import Entry
from tests.fuzz.kinds import Real, Thing, Whole, rows
from tests.fuzz.table_classic import linear, network
from tests.fuzz.values import SEEDS
from tests.support.layers import xavier


def gradient_checks() -> Iterator[Entry]:
    yield Entry(
        "gradcheck.gradcheck",
        lambda target, x, rng, sample, tolerance, averaged: (
            gradcheck(
                target, x, rng=rng, sample=sample, tolerance=tolerance, averaged=averaged
            ).checked
        ),
        {
            "target": Thing(
                linear,
                {
                    "a class": lambda: Sigmoid,
                    "a float32 layer": _float32_layer,
                    "a network, without labels": network,
                },
                {"a function of tensors": lambda: lambda a: a * a},
            ),
            "x": rows(5, dtype="float64", finite=True),
            "rng": Thing(
                lambda: 0,
                {"a negative seed": lambda: -1},
                {},
                SEEDS,
            ),
            "sample": Whole(2, 1, also=(None,)),
            "tolerance": Real(1e-7, 0),
            "averaged": Thing(
                lambda: ("W", "b"), {}, {"one name": lambda: ["W"]}, ("a set", "a dictionary")
            ),
        },
        lambda **_: (),
        ("input",),
    )


def _float32_layer() -> Any:
    return Linear(5, 3, xavier(0), zeros_bias_init, dtype=np.float32)
