"""A small network to train, its data, figures by plain expressions; `train.py` without plots."""

from pathlib import Path
from typing import Any

import numpy as np

from mytorch import MLP, Identity, Sigmoid, SoftmaxCrossEntropy
from mytorch.initializers import zeros_bias_init
from tests.support.layers import xavier

ROOT = Path(__file__).resolve().parents[2]
WITHOUT_PLOTS = f"""
import os, pathlib, signal, sys
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "hw1")!r}]
import train
train.plot_training_stats = lambda *_: [pathlib.Path("curves.png")]  # they take half a second
"""
RUNS = "\nsys.exit(train.main(sys.argv[1:]))\n"
UNDRAWN = WITHOUT_PLOTS + RUNS
"""A program that is `train.py` but for its plots, where another test looks at those."""


def network(lr: float = 0.1, bn: int = 0, seed: int = 0, **changes: Any) -> MLP:
    return MLP(
        4, 3, [5], [Sigmoid(), Identity()], xavier(seed), zeros_bias_init,
        SoftmaxCrossEntropy(), lr, 0.9, bn, **changes,
    )  # fmt: skip


def dataset(rows: int = 23, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)

    def part(n: int) -> Any:
        labels = rng.integers(0, 3, n)
        return np.eye(4)[labels] + 0.3 * rng.normal(size=(n, 4)), np.eye(3)[labels]

    return part(rows), part(10), part(7)


def plain_figures(mlp: MLP, x: Any, y: Any) -> tuple[float, float]:
    """Mean loss and error fraction of a network without batch norm, by NumPy expressions."""
    logits = 1 / (1 + np.exp(-(x @ mlp.W[0] + mlp.b[0]))) @ mlp.W[1] + mlp.b[1]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    loss = -np.log((p * y).sum(axis=1)).mean()
    return loss, float((p.argmax(axis=1) != y.argmax(axis=1)).mean())
