"""The samples of a training run: checked once, evaluated often."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray, as_batch, as_floats, title
from mytorch.checks.network import check_classes
from mytorch.checks.settings import shown
from mytorch.datasets.pixels import Pixels
from mytorch.network import Network

Samples = tuple[FloatArray | Pixels, FloatArray]
"""`x (N, features)`, or pictures `(N, ...)`, and one-hot `y (N, classes)`, checked."""

EVALUATION_ROWS = 1000  # rows in one forward pass of evaluation: large calls, little memory
EVALUATION_PICTURES = 100  # likewise, where convolutions make many numbers of each


def checked_network(network: Any, what: str = "network") -> Any:
    """The network; TypeError for anything else, a class of networks too."""
    if isinstance(network, type) or not hasattr(network, "train_mode"):
        raise TypeError(f"expected a network as {what}, e.g. an MLP object, got {shown(network)}")
    return network


def checked_samples(
    network: Network, split: tuple[npt.ArrayLike | Pixels, npt.ArrayLike], what: str
) -> Samples:
    """Both arrays in the network's dtype, with as many rows, and every number finite."""
    checked_network(network, "mlp")
    x, dtype = split[0], network.dtype
    if isinstance(x, Pixels):
        _inputs(x[:1], network, f"{what} data")
        x = x.astype(dtype)
    else:
        x = _inputs(x, network, f"{what} data")
    y = as_floats(split[1], network, f"{what} labels")
    columns = getattr(network, "output_size", y.shape[-1] if y.ndim == 2 else 1)
    y = as_batch(split[1], columns, dtype, network, f"{what} labels", rows=len(x))
    check_classes(network, columns)
    y = np.ascontiguousarray(y)  # of others, y.take(rows) would copy them all for every batch
    for name, array in ((f"{what} data", x), (f"{what} labels", y)):
        if isinstance(array, Pixels):
            continue  # bytes are finite
        # min and max carry a NaN along and, unlike isfinite, make no second array
        if not (math.isfinite(array.min()) and math.isfinite(array.max())):
            row, *place = map(int, np.argwhere(~np.isfinite(array))[0])
            column = place[0] if len(place) == 1 else place
            raise ValueError(
                f"{title(network)}: expected finite numbers as {name}, "
                f"got {array[(row, *place)]} in row {row}, column {column}"
            )
    return x, y


def _inputs(x: npt.ArrayLike, network: Network, what: str) -> FloatArray:
    """`x` in the network's dtype; ValueError where it has no rows, or an MLP takes other ones."""
    if hasattr(network, "input_size"):
        return as_batch(x, network.input_size, network.dtype, network, what)
    array = as_floats(x, network, what)
    if array.ndim < 2 or not len(array):
        raise ValueError(
            f"{title(network)}: expected {what} (samples, ...) with at least one sample, "
            f"got {array.shape}"
        )
    return array.astype(network.dtype, copy=False)


def has_classes(labels: FloatArray) -> bool:
    """Whether labels `(N, n)` say which class a row is of: several columns, in each row of sum 1.

    The rows of others, e.g. of numbers that `L2` fits, cannot be misclassified.
    """
    if labels.shape[1] < 2 or labels.min() < 0:
        return False
    return bool(np.abs(labels.sum(axis=1) - 1).max() < 1e-3)


def evaluated(network: Network, data: Samples) -> tuple[float, float]:
    """`evaluate` for data that was checked before, as every epoch's validation is."""
    x, y = data
    classes = has_classes(y)
    loss, errors = 0.0, 0
    with (
        _evaluation_mode(network),
        np.errstate(over="ignore", invalid="ignore"),  # shows in the loss that is returned
    ):
        for part in _parts(x):
            network.forward(x[part])
            loss += network.total_loss(y[part])
            errors += network.error(y[part]) if classes else 0
    return loss / len(x), errors / len(x) if classes else math.nan


@contextmanager
def _evaluation_mode(network: Network) -> Iterator[None]:
    """Inside the block the network evaluates; afterwards it is in the mode that it was in."""
    was_training = network.train_mode
    try:
        network.eval()
        yield
    finally:
        network.train_mode = was_training


def _parts(x: FloatArray | Pixels) -> Iterator[slice]:
    """Samples that go through the network together in evaluation."""
    rows = EVALUATION_ROWS if x.ndim == 2 else EVALUATION_PICTURES
    for start in range(0, len(x), rows):
        yield slice(start, start + rows)


def outputs(network: Network, x: npt.ArrayLike | Pixels) -> FloatArray:
    """The network's output for samples, in evaluation mode; it returns to the mode it was in."""
    checked_network(network)
    samples = x.astype(network.dtype) if isinstance(x, Pixels) else _inputs(x, network, "input")
    with _evaluation_mode(network):
        return np.concatenate([network.forward(samples[part]) for part in _parts(samples)])


def batch_loss(network: Network, labels: FloatArray) -> float:
    """The sum of the losses of the last pass, whose labels were `labels (batch, n)`.

    ValueError where there is not one loss for each row.
    """
    losses = network.losses
    if np.shape(losses) != (len(labels),):
        raise ValueError(
            f"{network.criterion!r}: expected one loss for each row, ({len(labels)},), from its "
            f"forward, got {'None' if losses is None else np.shape(losses)}; sum over axis=1 alone"
        )
    return float(losses.sum())


def diverged(network: Network, what: str, before_a_step: bool = False) -> FloatingPointError:
    """The error for a loss or an output that is no finite number any more, if it ever was."""
    remedy = (
        "before any step; scale the inputs, e.g. by datasets.normalize_columns, or the numbers "
        "that are fitted, or take other initial weights"
        if before_a_step
        else "a smaller learning rate or other initial weights may help"
    )
    return FloatingPointError(f"{title(network)}: {what}{', ' if before_a_step else '; '}{remedy}")
