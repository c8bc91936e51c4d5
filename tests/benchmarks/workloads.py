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
ADAM_RATE = 1e-4
CHANNELS, SIDE = 3, 32
POOL = "pool"  # 3x3 by 2 with a padding of 1
TABLE_1 = (64, POOL, 128, POOL, 256, 256, POOL, 512, 512, POOL, 512, 512, POOL)  # 003 §4


@dataclass(frozen=True)
class Workload:
    """A network, its batch size and its optimizer."""

    name: str
    sizes: tuple[int, ...]  # from the input to the output
    activation: str  # of the hidden layers: sigmoid, relu or leaky-relu
    batch: int
    momentum: float = 0.9
    batch_norm: bool = False  # between the first linear layer and its activation
    # Before the linear layers: 3x3 convolutions of so many channels, each with batch norm and ReLU,
    # and max pools. The optimizer is Adam then, and the input are pictures of 3 x 32 x 32.
    convolutions: tuple[int | str, ...] = ()

    def __str__(self) -> str:
        if self.convolutions:
            return f"{'-'.join(map(str, self.convolutions))}, batch {self.batch}, Adam"
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
    Workload("W6", (512, CLASSES), "relu", 32, convolutions=TABLE_1),
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
    features = CHANNELS * SIDE * SIDE if workload.convolutions else workload.sizes[0]
    images = rng.integers(0, 256, (rows, features), np.uint8)
    x = np.divide(images, 255, dtype=dtype)
    return Data(images, x, rng.integers(0, CLASSES, rows), rng.permutation(rows))


def initial_weights(workload: Workload, dtype: str) -> list[npt.NDArray[Any]]:
    """`(in, out)` for each linear layer, the same for every contender."""
    rng = np.random.default_rng(1)
    return [
        rng.normal(0, np.sqrt(1 / fan_in), (fan_in, fan_out)).astype(dtype)
        for fan_in, fan_out in workload.layers
    ]


def initial_filters(workload: Workload, dtype: str) -> list[npt.NDArray[Any]]:
    """`(out, in, 3, 3)` for each convolution, the same for every contender."""
    rng, channels, filters = np.random.default_rng(2), CHANNELS, []
    for out in workload.convolutions:
        if isinstance(out, int):
            deviation = np.sqrt(2 / (9 * channels))
            filters.append(rng.normal(0, deviation, (out, channels, 3, 3)).astype(dtype))
            channels = out
    return filters
