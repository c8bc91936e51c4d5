"""Trains for many steps and prints what memory that took, as JSON; test_memory runs it.

    python -m tests.support.memory classic 100000 784 64 64 32 10

The first number is how many steps, the others are the sizes of the layers. Resident memory is
printed in KiB, after a warm-up of a fifth of the steps at most and then ten times.
With `traced` instead of a number at the end, it is what Python and NumPy hold, in bytes.
"""

from __future__ import annotations

import gc
import json
import sys
import tracemalloc
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch import MLP, Identity, Sigmoid, SoftmaxCrossEntropy, nn, optim
from mytorch.initializers import xavier_normal, zeros_bias_init
from mytorch.nn import functional as F
from mytorch.tensor import Tensor

Array = npt.NDArray[Any]
Step = Callable[[Array], None]

BATCH = 100
STATUS = Path("/proc/self/status")


def main(face: str, steps: int, sizes: list[int], traced: bool) -> list[int]:
    """The memory after the warm-up, and after every tenth of the steps that follow."""
    rng = np.random.default_rng(0)
    x = rng.random((1000, sizes[0]), np.float32)
    labels = rng.integers(0, sizes[-1], len(x))
    step = {"classic": classic, "autograd": autograd}[face](sizes, x, labels)
    measure = _traced if traced else _resident
    warm_up = min(steps // 5, 5000)
    every = (steps - warm_up) // 10
    if traced:
        tracemalloc.start()
    found: list[int] = []
    for number in range(1, steps + 1):
        step(rng.integers(0, len(x), BATCH))
        if number == warm_up or (number > warm_up and (number - warm_up) % every == 0):
            found.append(measure())
    return found


def classic(sizes: list[int], x: Array, labels: Array) -> Step:
    """One step of an MLP for the rows of a batch."""
    functions = [*(Sigmoid() for _ in sizes[2:]), Identity()]
    init = partial(xavier_normal, rng=rng_of_weights())
    mlp = MLP(sizes[0], sizes[-1], sizes[1:-1], functions, init, zeros_bias_init,
              SoftmaxCrossEntropy(), 0.01, 0.9, dtype=np.float32)  # fmt: skip
    one_hot = np.eye(sizes[-1], dtype=np.float32)[labels]

    def step(rows: Array) -> None:
        mlp.zero_grads()
        mlp.forward(x[rows])
        mlp.backward(one_hot[rows])
        mlp.step()
        mlp.error(one_hot[rows])

    return step


def autograd(sizes: list[int], x: Array, labels: Array) -> Step:
    """One step of a Sequential for the rows of a batch."""
    layers: list[nn.Module] = []
    for fan_in, fan_out in pairwise(sizes):
        layers += [nn.Linear(fan_in, fan_out, np.float32), nn.Sigmoid()]
    network = nn.Sequential(*layers[:-1])
    optimizer = optim.SGD(network.parameters(), lr=0.01, momentum=0.9)

    def step(rows: Array) -> None:
        optimizer.zero_grad()
        F.cross_entropy(network(Tensor(x[rows])), Tensor(labels[rows])).backward()
        optimizer.step()

    return step


def rng_of_weights() -> np.random.Generator:
    return np.random.default_rng(1)


def _resident() -> int:
    line = next(part for part in STATUS.read_text().splitlines() if part.startswith("VmRSS"))
    return int(line.split()[1])


def _traced() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


if __name__ == "__main__":
    chosen, count, *rest = sys.argv[1:]
    sizes = [int(size) for size in rest if size != "traced"]
    print(json.dumps(main(chosen, int(count), sizes, "traced" in rest)))
