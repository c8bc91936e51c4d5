"""A longer search than the tests' for the worst error of each function.

`python -m tests.numerics.search 2000` prints the table for 2000 rounds of random input.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.numerics.bounds import bound
from tests.numerics.checking import Errors, criterion_errors, errors
from tests.numerics.faces import FACES

Array = npt.NDArray[Any]

KINDS = ("small", "logits", "large", "wide", "wide", "close", "constant", "special")


def numbers(rng: np.random.Generator, kind: str, shape: tuple[int, ...], dtype: Any) -> Array:
    """Random finite numbers; each column of a kind of its own size where the kind has one."""
    limits = np.finfo(dtype)
    with np.errstate(over="ignore", under="ignore"):
        if kind == "wide":  # every power of ten of the dtype alike
            low, high = np.log2(limits.smallest_subnormal), np.log2(limits.max)
            x = np.exp2(rng.uniform(low, high, shape)) * rng.choice([-1, 1], shape)
        elif kind in ("close", "constant"):
            column = numbers(rng, "wide", shape[-1:], np.float64 if rng.random() < 0.3 else dtype)
            steps = rng.integers(-3, 4, shape) * (kind == "close")
            x = column * (1 + steps * float(limits.eps) * 2.0 ** rng.integers(0, 20))
        elif kind == "special":
            few = [0, 1, limits.max, limits.tiny, limits.smallest_subnormal, limits.eps]
            x = rng.choice(np.array(few, float), shape) * rng.choice([-1, 1], shape)
        else:
            x = rng.normal(0, {"small": 0.1, "logits": 5, "large": 150}[kind], shape)
        return np.clip(x, limits.min, limits.max).astype(dtype)


def round_of(seed: int, face: str, dtype: Any) -> Iterator[Errors]:
    """The errors of every function for one random input each."""
    rng = np.random.default_rng(seed)
    kind = KINDS[seed % len(KINDS)]
    m, n = rng.integers(1, 8), rng.integers(1, 6)
    x = numbers(rng, kind, (m, n), dtype)
    grad = rng.normal(size=(m, n)).astype(dtype)
    gamma, beta = rng.normal(size=(2, n)).astype(dtype)
    for name in FACES[face].elementwise_names:
        z = np.abs(x) + np.finfo(dtype).tiny if name == "log" else x
        if name == "exp":
            z = np.clip(x, -80, 80)
        g = np.ones_like(grad) if name in ("exp", "log") else grad
        yield errors(face, "elementwise", name, np.minimum(z, np.finfo(dtype).max / 2), g)
    yield errors(face, "rows", x, grad, rng.integers(0, n, m))
    yield errors(face, "batch_norm", x, gamma, beta, grad, 1e-5)
    mean, var = numbers(rng, kind, (2, n), dtype)
    yield errors(face, "evaluation", x, gamma, beta, mean, np.abs(var), 1e-5)
    if face == "classic":
        yield criterion_errors(x, numbers(rng, kind, (m, n), dtype), False)
        p = rng.dirichlet(np.full(n, 0.1), m).astype(dtype)
        y = np.eye(n)[rng.integers(0, n, m)] if seed % 2 else rng.dirichlet(np.ones(n), m)
        yield criterion_errors(p + np.finfo(dtype).tiny, y.astype(dtype), True)


def main(rounds: int, first: int = 0) -> None:
    """Prints the worst error of each function, face and dtype."""
    worst: dict[str, dict[tuple[str, str], tuple[float, int]]] = {}
    columns = [(face, dtype) for face in FACES for dtype in ("float64", "float32")]
    for face, dtype in columns:
        for seed in range(first, first + rounds):
            for found in round_of(seed, face, np.dtype(dtype).type):
                for name, error in found.items():
                    row = worst.setdefault(name, {})
                    row[face, dtype] = max(row.get((face, dtype), (0.0, 0)), (error, seed))
    print(f"{'ulp (seed)':32}" + "".join(f"{face:>10} {dtype}" for face, dtype in columns))
    for name, row in worst.items():
        cells = (row.get(column) for column in columns)
        text = "".join(f"{c[0]:10.2f} {c[1]:>7}" if c else f"{'-':>10} {'':>7}" for c in cells)
        print(f"{name:32}{text}   bound {bound(name, 'float64')}, {bound(name, 'float32')}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
