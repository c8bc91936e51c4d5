"""The networks that are timed, and the data that they are fed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

CLASSES = 10
LEARNING_RATE = 0.01


@dataclass(frozen=True)
class Workload:
    """A network, its batch size and its optimizer."""

    name: str
    sizes: tuple[int, ...]  # from the input to the output
    activation: str  # of the hidden layers: sigmoid, relu or leaky-relu
    batch: int
    momentum: float = 0.9
    batch_norm: bool = False  # between the first linear layer and its activation

    def __str__(self) -> str:
        first, *rest = map(str, self.sizes)
        hidden = "-".join([first, rest[0], "BN", *rest[1:]] if self.batch_norm else [first, *rest])
        return f"{hidden} {self.activation}, batch {self.batch}, momentum {self.momentum:g}"

    @property
    def layers(self) -> Iterator[tuple[int, int]]:
        """Columns in and out of each linear layer."""
        return pairwise(self.sizes)


WORKLOADS = (
    Workload("W1", (784, 64, 64, 32, CLASSES), "sigmoid", 100),
    Workload("W2", (784, 32, 32, 32, CLASSES), "sigmoid", 100, momentum=0.856),
    Workload("W3", (784, 20, CLASSES), "relu", 100, batch_norm=True),
    Workload("W4", (3072, 100, CLASSES), "leaky-relu", 200),
    Workload("W5", (3072, 1000, 1000, CLASSES), "relu", 400),
)


class Data(NamedTuple):
    """Images `(N, features)` as bytes and as floats from 0 to 1, labels `(N,)`, and an order."""

    images: npt.NDArray[np.uint8]
    x: npt.NDArray[Any]
    labels: npt.NDArray[np.int64]
    order: npt.NDArray[np.int64]

    @property
    def one_hot(self) -> npt.NDArray[Any]:
        """`(N, 10)` in the dtype of `x`."""
        return np.eye(CLASSES, dtype=self.x.dtype)[self.labels]


def make_data(workload: Workload, dtype: str, batches: int = 40) -> Data:
    """Random pixels and labels for `batches` batches, shuffled; always the same."""
    rng = np.random.default_rng(0)
    rows = batches * workload.batch
    images = rng.integers(0, 256, (rows, workload.sizes[0]), np.uint8)
    x = np.divide(images, 255, dtype=dtype)
    return Data(images, x, rng.integers(0, CLASSES, rows), rng.permutation(rows))


def initial_weights(workload: Workload, dtype: str) -> list[npt.NDArray[Any]]:
    """`(in, out)` for each linear layer, the same for every contender."""
    rng = np.random.default_rng(1)
    return [
        rng.normal(0, np.sqrt(1 / fan_in), (fan_in, fan_out)).astype(dtype)
        for fan_in, fan_out in workload.layers
    ]
