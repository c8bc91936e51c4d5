"""Draws inputs of the kinds that several editions ask for."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tests.autograder.course import Case


def one_hot(labels: npt.NDArray[Any], classes: int) -> npt.NDArray[np.float64]:
    """Rows with a 1 where the label is."""
    return np.eye(classes)[labels]


class Drawing:
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
