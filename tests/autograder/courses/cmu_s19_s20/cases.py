"""The inputs of every exercise, drawn from a seed: ordinary ones and hard ones."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from tests.autograder.course import Case, Cases
from tests.autograder.drawing import Drawing


class _Drawing(Drawing):
    """Draws networks, too."""

    def mlp(
        self,
        rows: int,
        sizes: tuple[int, ...],
        activations: str,
        batchnorm: int = 0,
        momentum: float = 0.0,
        lr: float = 0.2,
        batches: int = 2,
    ) -> Case:
        """`activations` has a letter for each layer: s, t, r or i."""
        case: Case = {
            "activations": np.frombuffer(activations.encode(), np.uint8),
            "batchnorm": np.array(batchnorm),
            "momentum": np.array(momentum),
            "lr": np.array(lr),
            "sizes": np.array(sizes),
        }
        for i, (a, b) in enumerate(pairwise(sizes)):
            case[f"W{i}"] = self.normal(a, b, scale=0.8)
            case[f"b{i}"] = self.normal(1, b, scale=0.5)
        for i in range(batches):
            case[f"x{i}"] = self.normal(rows + i, sizes[0]) + 0.3
            case[f"y{i}"] = self.labels(rows + i, sizes[-1])
        return case

    def gradients(self, case: Case) -> None:
        """Adds gradients that a step is asked for alone, whatever backward gives."""
        sizes, count = case["sizes"], int(case["batchnorm"])
        for step in range(3):
            for i, (a, b) in enumerate(pairwise(int(n) for n in sizes)):
                case[f"dW{i}.{step}"], case[f"db{i}.{step}"] = self.normal(a, b), self.normal(1, b)
                for name in ("dgamma", "dbeta") if i < count else ():
                    case[f"{name}{i}.{step}"] = self.normal(1, b)

    def statistics(self, case: Case) -> None:
        """Adds running statistics for evaluation alone, and what backward alone needs."""
        columns, x = case["gamma"].shape[1], case["x1"]
        case["running_mean"] = self.normal(1, columns)
        case["running_var"] = self.rng.uniform(0.5, 2.0, size=(1, columns))
        case["mean"], case["var"] = x.mean(axis=0, keepdims=True), x.var(axis=0, keepdims=True)
        case["norm"] = (x - case["mean"]) / np.sqrt(case["var"] + 1e-8)
        case["out"] = case["gamma"] * case["norm"] + case["beta"]


def draw(seed: int) -> Cases:
    """All cases."""
    d = _Drawing(seed)
    cases = _natural(d)
    for exercise in ("classifier", "hidden", "mlp_batchnorm", "momentum"):
        for case in cases[exercise].values():
            d.gradients(case)
    for case in cases["batchnorm"].values():
        d.statistics(case)
    for exercise in ("sigmoid", "tanh", "relu"):
        for case in cases[exercise].values():
            case["state"] = d.rng.uniform(0.1, 0.9, size=case["z"].shape)
            if exercise == "relu":
                case["state"][:, ::3] = 0.0
    return cases


def _natural(d: _Drawing) -> Cases:
    return {
        "softmax_cross_entropy": {
            "ordinary": d.criterion(6),
            "large logits": d.criterion(4, scale=900.0),
            "a batch of 1": d.criterion(1),
            "rows of very different size": d.criterion(4, spread=1500.0),
        },
        "linear": {
            "ordinary": d.linear(20, 6, 4),
            "as many out as in": d.linear(5, 4, 4),
            "a batch of 1": d.linear(1, 5, 3),
            "weights of very different size": d.linear(8, 5, 3, scale=1e4),
        },
        "classifier": {
            "ordinary": d.mlp(20, (8, 5), "i"),
            "as many out as in": d.mlp(7, (6, 6), "i", lr=0.05),
            "a batch of 1": d.mlp(1, (8, 5), "i"),
        },
        "sigmoid": {"ordinary": d.activation(5, 4), "large": d.activation(3, 4, scale=12.0)},
        "tanh": {"ordinary": d.activation(5, 4), "large": d.activation(3, 4, scale=4.0)},
        "relu": {"ordinary": d.activation(5, 4), "zeros": d.activation(4, 5, zeros=True)},
        "hidden": {
            "one hidden layer": d.mlp(12, (7, 6, 4), "si"),
            "three hidden layers": d.mlp(9, (6, 6, 6, 6, 6), "tsri"),
            "an activation at the output": d.mlp(8, (6, 5, 5, 4), "tst"),
            "a batch of 1": d.mlp(1, (7, 6, 4), "ti"),
        },
        "batchnorm": {
            "ordinary": d.batchnorm(7, 4),
            "a constant column": d.batchnorm(6, 3, "constant"),
            "tiny variance": d.batchnorm(5, 3, "tiny"),
        },
        "mlp_batchnorm": {
            "first layer": d.mlp(9, (6, 5, 4), "si", batchnorm=1),
            "two layers": d.mlp(8, (6, 5, 5, 4), "tsi", batchnorm=2),
        },
        "momentum": {
            "linear": d.mlp(9, (6, 4), "i", momentum=0.9, batches=3),
            "hidden": d.mlp(9, (6, 5, 4), "si", momentum=0.7, batches=3),
            "batch norm": d.mlp(9, (6, 5, 4), "ti", momentum=0.8, batches=3, batchnorm=1),
        },
    }
