"""Training an MLP and measuring it, epoch by epoch; saving its weights."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray
from mytorch.checks.settings import check_int, check_path, shown
from mytorch.datasets.loading import Dataset
from mytorch.datasets.pixels import PixelDataset, Pixels
from mytorch.initializers import Rng
from mytorch.network import Network
from mytorch.system.atomic import replacing
from mytorch.system.errors import DataError
from mytorch.training.epoch import Epoch
from mytorch.training.run import Training
from mytorch.training.samples import checked_samples, evaluated

TrainingStats = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
"""Training losses, training errors, validation losses, validation errors, each `(nepochs,)`."""


def get_training_stats(
    mlp: Network,
    dset: Dataset | PixelDataset,
    nepochs: int,
    batch_size: int,
    rng: Rng = None,
    threads: int | None = None,
) -> TrainingStats:
    """Trains `mlp`, an `MLP` or another `Network`, and returns its four learning curves (000 §3.7).

    `dset` is `((x, y), (x, y), (x, y))` for training, validation and test (which is not used),
    `x (N, input_size)`, `y` one-hot `(N, output_size)`. The result is four arrays `(nepochs,)`:
    training losses, training errors, validation losses, validation errors; losses are means over
    the samples, errors the fraction misclassified, or NaN where the labels are no classes (rows
    that sum to one) but numbers to fit. The training figures are gathered from the
    batches while the network learns. The order of the samples is drawn anew for every epoch, by
    `np.random` or by `rng`, a seed or a generator; a last, smaller batch is used. `x` may also be
    `Pixels`. `threads` is how many threads matrix products use, by default what suits the size of
    the network and the batch (`mytorch.system.threads`).

    Raises ValueError for data of another shape, NaN or infinite data and a batch size below 1,
    FloatingPointError naming epoch and batch where the loss stops being finite.
    """
    epochs = np.array(list(train_epochs(mlp, dset, nepochs, batch_size, rng, threads)))
    columns = epochs.reshape(nepochs, len(Epoch._fields)).T.copy()
    return columns[0], columns[1], columns[2], columns[3]


def train_epochs(
    mlp: Network,
    dset: Dataset | PixelDataset,
    nepochs: int,
    batch_size: int,
    rng: Rng = None,
    threads: int | None = None,
) -> Iterator[Epoch]:
    """As `get_training_stats`, but yields each epoch's figures when the epoch is over.

    Arguments are checked at once, before the first epoch is asked for.
    """
    owner = "get_training_stats"
    training = Training(mlp, dset, batch_size, rng, threads, owner)
    return training.epochs(check_int(nepochs, owner, "nepochs", 0))


def evaluate(mlp: Network, x: npt.ArrayLike | Pixels, y: npt.ArrayLike) -> tuple[float, float]:
    """Mean loss per sample and fraction misclassified on `x (N, input_size)`, `y` one-hot.

    The fraction is NaN where `y` are no classes but numbers to fit.
    The network is in evaluation mode meanwhile and returns to the mode that it was in.
    """
    return evaluated(mlp, checked_samples(mlp, (x, y), "evaluation"))


def save_weights(model: Any, path: str | os.PathLike[str]) -> None:
    """Writes `model.state_dict()`, of an MLP or a module, as `.npz`, in one piece."""
    state = _method(model, "state_dict")()
    place = check_path(path, "save_weights")
    buffer = io.BytesIO()  # a full disk, in the middle of an archive, makes older NumPy complain
    np.savez(buffer, **state)
    with replacing(place) as file:
        file.write(buffer.getbuffer())


def _method(model: Any, name: str) -> Any:
    """A method of a network; TypeError for what has none."""
    if isinstance(model, type) or not hasattr(model, name):
        raise TypeError(f"expected a network as model, an MLP or a module, got {shown(model)}")
    return getattr(model, name)


def load_weights(model: Any, path: str | os.PathLike[str]) -> None:
    """Reads what `save_weights` wrote into a network of the same structure.

    Raises DataError, and leaves the network as it was, where the file is missing, damaged, or of
    another network.
    """
    load_state_dict = _method(model, "load_state_dict")
    path = check_path(path, "load_weights")
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            stored = {name: archive[name] for name in archive.files}
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from error
    except Exception as error:  # whatever zipfile and NumPy make of any other file
        raise DataError(
            f"{path}: damaged ({error}); expected weights written by save_weights"
        ) from error
    try:
        load_state_dict(stored)
    except (ValueError, TypeError) as error:
        raise DataError(f"{path}: weights of another network: {error}") from error
