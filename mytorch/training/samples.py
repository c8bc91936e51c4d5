"""The samples of a training run: checked once, evaluated often."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray, as_batch, title
from mytorch.checks.settings import shown
from mytorch.datasets.pixels import Pixels
from mytorch.mlp import MLP

Samples = tuple[FloatArray | Pixels, FloatArray]
"""`x (N, features)` and one-hot `y (N, classes)`, checked."""

EVALUATION_ROWS = 1000  # rows in one forward pass of `evaluate`: large calls, little memory


def checked_samples(
    mlp: MLP, split: tuple[npt.ArrayLike | Pixels, npt.ArrayLike], what: str
) -> Samples:
    """Both arrays in the network's dtype, with as many rows, and every number finite."""
    for attribute in ("input_size", "train_mode"):
        if isinstance(mlp, type) or not hasattr(mlp, attribute):
            raise TypeError(f"expected a network as mlp, e.g. an MLP object, got {shown(mlp)}")
    x = split[0]
    if isinstance(x, Pixels):
        as_batch(x[:1], mlp.input_size, x.dtype, mlp, f"{what} data")
        x = x.astype(mlp.dtype)
    else:
        x = as_batch(x, mlp.input_size, mlp.dtype, mlp, f"{what} data")
    y = as_batch(split[1], mlp.output_size, mlp.dtype, mlp, f"{what} labels", rows=len(x))
    y = np.ascontiguousarray(y)  # of others, y.take(rows) would copy them all for every batch
    for name, array in ((f"{what} data", x), (f"{what} labels", y)):
        if isinstance(array, Pixels):
            continue  # bytes are finite
        # min and max carry a NaN along and, unlike isfinite, make no second array
        if not (math.isfinite(array.min()) and math.isfinite(array.max())):
            row, column = np.argwhere(~np.isfinite(array))[0]
            raise ValueError(
                f"{title(mlp)}: expected finite numbers as {name}, "
                f"got {array[row, column]} in row {row}, column {column}"
            )
    return x, y


def evaluated(mlp: MLP, data: Samples) -> tuple[float, float]:
    """`evaluate` for data that was checked before, as every epoch's validation is."""
    data_x, data_y = data
    was_training, loss, errors = mlp.train_mode, 0.0, 0
    try:
        mlp.eval()
        with np.errstate(over="ignore", invalid="ignore"):  # shows in the loss that is returned
            for start in range(0, len(data_x), EVALUATION_ROWS):
                labels = data_y[start : start + EVALUATION_ROWS]
                mlp.forward(data_x[start : start + EVALUATION_ROWS])
                loss += mlp.total_loss(labels)
                errors += mlp.error(labels)
    finally:
        mlp.train_mode = was_training
    return loss / len(data_x), errors / len(data_x)


def diverged(mlp: MLP, what: str) -> FloatingPointError:
    """The error for a loss or an output that is no finite number any more."""
    return FloatingPointError(
        f"{title(mlp)}: {what}; a smaller learning rate or other initial weights may help"
    )
