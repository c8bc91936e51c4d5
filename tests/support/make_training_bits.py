"""Makes data/references/training_bits.npz: fifty steps of training, number for number.

    python -m tests.support.make_training_bits

Run it only where the numbers of a step are meant to change: the file is what they were before.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch import MLP, CrossEntropy, Identity, Sigmoid, Softmax, SoftmaxCrossEntropy, Tanh
from mytorch.datasets import load
from mytorch.initializers import kaiming_normal, zeros_bias_init
from tests.support.grading import ROOT

FILE = ROOT / "data" / "references" / "training_bits.npz"
STEPS, BATCH = 50, 32
CASES = [
    (norms, criterion, dtype)
    for norms in (0, 1, 2)
    for criterion in ("logits", "probabilities")
    for dtype in ("float32", "float64")
]


def trained(norms: int, criterion: str, dtype: str) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a 64-12-10-10 network after fifty steps on the digits, by name."""
    np.random.seed(11785)
    (x, y), _, _ = load("digits", dtype)
    last = (Identity, SoftmaxCrossEntropy) if criterion == "logits" else (Softmax, CrossEntropy)
    mlp = MLP(
        *(64, 10, [12, 10], [Sigmoid(), Tanh(), last[0]()], kaiming_normal, zeros_bias_init),
        *(last[1](), 0.05, 0.9, norms, dtype),
    )
    for step in range(STEPS):
        rows = np.arange(step * BATCH, (step + 1) * BATCH) % len(x)
        mlp.forward(x[rows])
        mlp.backward(y[rows])
        mlp.step()
    arrays = {
        f"{name}{i}": getattr(layer, name)
        for i, layer in enumerate(mlp.linear_layers)
        for name in ("W", "b")
    }
    arrays |= {
        f"{name}{i}": getattr(layer, name)
        for i, layer in enumerate(mlp.bn_layers)
        for name in ("gamma", "beta", "running_mean", "running_var")
    }
    return arrays


def products(dtype: str) -> npt.NDArray[Any]:
    """Products, sums and exponentials, whose last bits tell one processor from another."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(BATCH, 64)).astype(dtype), rng.normal(size=(64, 12)).astype(dtype)
    return np.concatenate(
        [(a @ b).ravel(), np.exp(a).ravel(), np.tanh(a).ravel(), a.dot(b[:, :1])[:, 0]]
    )


def main() -> None:
    """Writes the file."""
    arrays = {f"products {dtype}": products(dtype) for dtype in ("float32", "float64")}
    for case in CASES:
        arrays |= {f"{' '.join(map(str, case))} {n}": a for n, a in trained(*case).items()}
    np.savez_compressed(FILE, **arrays)


if __name__ == "__main__":
    main()
