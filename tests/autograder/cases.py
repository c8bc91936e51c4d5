"""The inputs of every question, drawn from a seed: ordinary ones and hard ones."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Case = dict[str, npt.NDArray[Any]]
Cases = dict[str, dict[str, Case]]
"""By the probe's name, then by the case's name."""


def one_hot(labels: npt.NDArray[Any], classes: int) -> npt.NDArray[np.float64]:
    """Rows with a 1 where the label is."""
    return np.eye(classes)[labels]


class _Drawing:
    """Draws cases from one generator."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def normal(self, *shape: int, scale: float = 1.0) -> npt.NDArray[np.float64]:
        return self.rng.normal(size=shape) * scale

    def labels(self, rows: int, classes: int) -> npt.NDArray[np.float64]:
        return one_hot(self.rng.integers(0, classes, rows), classes)

    def criterion(self, rows: int, scale: float = 2.0, spread: float = 0.0) -> Case:
        x = self.normal(rows, 10, scale=scale) + spread * np.arange(rows)[:, None]
        return {"x": x, "y": self.labels(rows, 10)}

    def linear(self, rows: int, inputs: int, outputs: int, scale: float = 1.0) -> Case:
        scales = scale ** np.linspace(-1, 1, inputs)[:, None]
        return {
            "x": self.normal(rows, inputs),
            "W": self.normal(inputs, outputs) * scales,
            "b": self.normal(1, outputs),
            "delta": self.normal(rows, outputs),
            "x2": self.normal(rows + 2, inputs),
            "delta2": self.normal(rows + 2, outputs),
        }

    def activation(self, rows: int, columns: int, scale: float = 1.0, zeros: bool = False) -> Case:
        z = self.normal(rows, columns, scale=scale)
        if zeros:
            z[:, ::2] = 0.0
        return {"z": z}

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

    def batchnorm(self, rows: int, columns: int, kind: str = "ordinary") -> Case:
        case = {
            "gamma": self.normal(1, columns) + 0.5,
            "beta": self.normal(1, columns),
            "delta": self.normal(rows, columns),
        }
        for name in ("x0", "x1", "x_eval"):
            x = self.normal(rows, columns, scale=1.5) + 0.7
            if kind == "constant":
                x[:, 0] = 3.0
            if kind == "tiny":
                x = x * 1e-4
            case[name] = x
        return case

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
    """All cases of both homeworks."""
    d = _Drawing(seed)
    pairs = {"ordinary": d.pair(3, 4), "one entry": d.pair(1, 1), "a row": d.pair(1, 5)}
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
        "subtraction": pairs,
        "multiplication": pairs,
        "division": pairs,
        "graph": {
            "a diamond": d.pair(2, 3),
            "behind a constant": d.pair(3, 2),
            "broadcast": d.pair(3, 4, other=(4,)),
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
