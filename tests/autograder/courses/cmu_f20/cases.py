"""The inputs of every exercise, drawn from a seed: ordinary ones and hard ones."""

from __future__ import annotations

import numpy as np

from tests.autograder.course import Case, Cases
from tests.autograder.drawing import Drawing


class _Drawing(Drawing):
    """Draws pairs of tensors and steps, too."""

    def pair(self, *shape: int, other: tuple[int, ...] | None = None) -> Case:
        return {
            "a": self.normal(*shape) + 3.0,
            "b": self.normal(*(shape if other is None else other)) + 3.0,
        }

    def sgd(self, momentum: float, lr: float = 0.2) -> Case:
        case: Case = {"W": self.normal(3, 4), "b": self.normal(4), "lr": np.array(lr)}
        case["momentum"] = np.array(momentum)
        for step in range(3):
            case[f"gW{step}"], case[f"gb{step}"] = self.normal(3, 4), self.normal(4)
        return case


def draw(seed: int) -> Cases:
    """All cases."""
    d = _Drawing(seed)
    pairs = {"ordinary": d.pair(3, 4), "one entry": d.pair(1, 1), "a row": d.pair(1, 5)}
    return {
        "subtraction": pairs,
        "multiplication": pairs,
        "division": pairs,
        "graph": {
            "a diamond": {**d.pair(2, 3), "behind": np.array(0)},
            "behind a constant": {**d.pair(3, 2), "behind": np.array(1)},
            "broadcast": {**d.pair(3, 4, other=(4,)), "behind": np.array(0)},
        },
        "module_linear": {"ordinary": d.linear(8, 5, 3), "a batch of 1": d.linear(1, 4, 4)},
        "module_relu": {"ordinary": d.activation(5, 4), "zeros": d.activation(4, 5, zeros=True)},
        "sgd": {"ordinary": d.sgd(0.0), "a large rate": d.sgd(0.0, 30.0)},
        "module_batchnorm": {
            "ordinary": d.batchnorm(7, 4),
            "a constant column": d.batchnorm(6, 3, "constant"),
        },
        "cross_entropy": {
            "ordinary": d.criterion(6),
            "large logits": d.criterion(4, scale=900.0),
            "a batch of 1": d.criterion(1),
        },
        "sgd_momentum": {"ordinary": d.sgd(0.9), "a large rate": d.sgd(0.5, 30.0)},
    }
