"""Training an MLP and measuring it, epoch by epoch; saving its weights."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mytorch._arrays import FloatArray, as_batch, title
from mytorch._settings import checked_parts, generator, shown, whole
from mytorch.datasets import DataError, Dataset, PixelDataset
from mytorch.files import replacing
from mytorch.initializers import Rng
from mytorch.mlp import MLP
from mytorch.pixels import Pixels
from mytorch.progress import progress_bar
from mytorch.threads import blas_threads, threads_for

TrainingStats = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
"""Training losses, training errors, validation losses, validation errors, each `(nepochs,)`."""

Samples = tuple[FloatArray | Pixels, FloatArray]
"""`x (N, features)` and one-hot `y (N, classes)`, checked."""

EVALUATION_ROWS = 1000  # rows in one forward pass of `evaluate`: large calls, little memory


class Epoch(NamedTuple):
    """The figures of one epoch: mean loss per sample and fraction of samples misclassified."""

    training_loss: float
    training_error: float
    validation_loss: float
    validation_error: float


def get_training_stats(
    mlp: MLP,
    dset: Dataset | PixelDataset,
    nepochs: int,
    batch_size: int,
    rng: Rng = None,
    threads: int | None = None,
) -> TrainingStats:
    """Trains `mlp` and returns its four learning curves (000 §3.7).

    `dset` is `((x, y), (x, y), (x, y))` for training, validation and test (which is not used),
    `x (N, input_size)`, `y` one-hot `(N, output_size)`. The result is four arrays `(nepochs,)`:
    training losses, training errors, validation losses, validation errors; losses are means over
    the samples, errors the fraction misclassified. The training figures are gathered from the
    batches while the network learns. The order of the samples is drawn anew for every epoch, by
    `np.random` or by `rng`, a seed or a generator; a last, smaller batch is used. `x` may also be
    `Pixels`. `threads` is how many threads matrix products use, by default what suits the size of
    the network and the batch (`mytorch.threads`).

    Raises ValueError for data of another shape, NaN or infinite data and a batch size below 1,
    FloatingPointError naming epoch and batch where the loss stops being finite.
    """
    epochs = np.array(list(train_epochs(mlp, dset, nepochs, batch_size, rng, threads)))
    columns = epochs.reshape(nepochs, len(Epoch._fields)).T.copy()
    return columns[0], columns[1], columns[2], columns[3]


def train_epochs(
    mlp: MLP,
    dset: Dataset | PixelDataset,
    nepochs: int,
    batch_size: int,
    rng: Rng = None,
    threads: int | None = None,
) -> Iterator[Epoch]:
    """As `get_training_stats`, but hands out each epoch's figures when the epoch is over.

    Arguments are checked at once, before the first epoch is asked for.
    """
    owner = "get_training_stats"
    checked_parts(dset, 2, owner)
    nepochs = whole(nepochs, owner, "nepochs", 0)
    batch_size = whole(batch_size, owner, "batch_size")
    if threads is not None:
        threads = whole(threads, owner, "threads")
    shuffle = generator(rng, owner).shuffle
    train_x, train_y = _checked(mlp, dset[0], "training")
    validation = _checked(mlp, dset[1], "validation")
    order = np.arange(len(train_x))

    def epochs() -> Iterator[Epoch]:
        for epoch in range(1, nepochs + 1):
            shuffle(order)
            with blas_threads(threads or threads_for(mlp, batch_size)):
                loss, error = _train_epoch(mlp, train_x, train_y, order, batch_size, epoch)
                val_loss, val_error = _evaluate(mlp, validation)
            if not math.isfinite(val_loss):
                raise _diverged(mlp, f"the validation loss is {val_loss} after epoch {epoch}")
            yield Epoch(loss, error, val_loss, val_error)

    return epochs()


def evaluate(mlp: MLP, x: npt.ArrayLike | Pixels, y: npt.ArrayLike) -> tuple[float, float]:
    """Mean loss per sample and fraction misclassified on `x (N, input_size)`, `y` one-hot.

    The network is in evaluation mode meanwhile and returns to the mode that it was in.
    """
    return _evaluate(mlp, _checked(mlp, (x, y), "evaluation"))


def _evaluate(mlp: MLP, data: Samples) -> tuple[float, float]:
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


def _train_epoch(
    mlp: MLP,
    x: FloatArray | Pixels,
    y: FloatArray,
    order: npt.NDArray[np.intp],
    batch_size: int,
    epoch: int,
) -> tuple[float, float]:
    """One pass over the data in the given order; mean loss and error fraction on the way."""
    loss, errors = 0.0, 0
    mlp.train()
    starts = range(0, len(order), batch_size)
    # The loss of every batch is checked, so an overflow on the way needs no warning of its own.
    with (
        progress_bar(len(starts), f"epoch {epoch}", "batch") as bar,
        np.errstate(over="ignore", invalid="ignore"),
    ):
        for batch, start in enumerate(starts, start=1):
            rows = order[start : start + batch_size]
            labels = y[rows]
            mlp.forward(x[rows])
            mlp.backward(labels)
            batch_loss = float(mlp.criterion.loss.sum())  # type: ignore[union-attr]
            if not math.isfinite(batch_loss):
                raise _diverged(mlp, f"the loss is {batch_loss} in epoch {epoch}, batch {batch}")
            mlp.step()
            loss += batch_loss
            errors += mlp.error(labels)
            bar.update(1)
    return loss / len(order), errors / len(order)


def _diverged(mlp: MLP, what: str) -> FloatingPointError:
    return FloatingPointError(
        f"{title(mlp)}: {what}; a smaller learning rate or other initial weights may help"
    )


def _checked(mlp: MLP, split: tuple[npt.ArrayLike | Pixels, npt.ArrayLike], what: str) -> Samples:
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


def save_weights(model: Any, path: str | os.PathLike[str]) -> None:
    """Writes `model.state_dict()`, of an MLP or a module, as `.npz`, in one piece."""
    state = _method(model, "state_dict")()
    with replacing(_path(path, "save_weights")) as file:
        np.savez(file, **state)


def _method(model: Any, name: str) -> Any:
    """A method of a network; TypeError for what has none."""
    if isinstance(model, type) or not hasattr(model, name):
        raise TypeError(f"expected a network as model, an MLP or a module, got {shown(model)}")
    return getattr(model, name)


def _path(path: Any, owner: str) -> Path:
    """A path that names a file; TypeError for what is none, ValueError for an empty one."""
    try:
        place = Path(path)
    except TypeError:
        raise TypeError(f"{owner}: expected a file's name as path, got {shown(path)}") from None
    if not place.name:
        raise ValueError(f"{owner}: expected a file's name as path, got {shown(path)}")
    return place


def load_weights(model: Any, path: str | os.PathLike[str]) -> None:
    """Reads what `save_weights` wrote into a network of the same structure.

    Raises DataError, and leaves the network as it was, where the file is missing, damaged, or of
    another network.
    """
    load_state_dict = _method(model, "load_state_dict")
    path = _path(path, "load_weights")
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            stored = {name: archive[name] for name in archive.files}
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from error
    except Exception as error:  # whatever zipfile and NumPy make of a stranger's file
        raise DataError(
            f"{path}: damaged ({error}); expected weights written by save_weights"
        ) from error
    try:
        load_state_dict(stored)
    except (ValueError, TypeError) as error:
        raise DataError(f"{path}: weights of another network: {error}") from error
