"""A training run that can stop after any batch and go on later, bit for bit."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from mytorch.checks.labels import check_trainable
from mytorch.checks.network import check_gradients
from mytorch.checks.settings import check_dataset, check_int, check_rng
from mytorch.datasets.loading import Dataset
from mytorch.datasets.pixels import PixelDataset
from mytorch.initializers import Rng
from mytorch.network import Network
from mytorch.system.progress import progress_bar
from mytorch.system.threads import blas_threads, threads_for
from mytorch.training.epoch import Epoch
from mytorch.training.samples import (
    batch_loss,
    checked_samples,
    diverged,
    evaluated,
    has_classes,
)


class Training:
    """A network on its way through its training data.

    Arguments are those of `get_training_stats`. Iterating over `epochs(nepochs)` trains; between
    two epochs, and in `after_batch`, the run may be saved.

    Attributes
    ----------
    finished : the figures of the epochs that are over.
    order : the order of the samples in the epoch at hand, as row numbers `(N,)`.
    batch : how many of its batches are done; 0 between epochs.
    classes : whether the labels are classes, of which samples can be misclassified.
    loss, errors : the sum of their losses and the number of samples misclassified in them.
    """

    unit = "epochs"

    def __init__(
        self,
        mlp: Network,
        dset: Dataset | PixelDataset,
        batch_size: int,
        rng: Rng = None,
        threads: int | None = None,
        owner: str = "Training",
    ) -> None:
        check_dataset(dset, 2, owner)
        self.batch_size = check_int(batch_size, owner, "batch_size")
        self.threads = None if threads is None else check_int(threads, owner, "threads")
        self.rng = check_rng(rng, owner)
        self.mlp = mlp
        self.samples = checked_samples(mlp, dset[0], "training")
        self.validation = checked_samples(mlp, dset[1], "validation")
        for (_, y), what in ((self.samples, "training"), (self.validation, "validation")):
            check_trainable(mlp, y, f"{what} labels")
        self.classes = has_classes(self.samples[1])
        self.finished: list[Epoch] = []
        self.order = np.arange(len(self.samples[0]))
        self.batch = 0
        self.loss = 0.0
        self.errors = 0

    def epochs(
        self, nepochs: int, after_batch: Callable[[Training], object] | None = None
    ) -> Iterator[Epoch]:
        """Trains until `nepochs` epochs are finished and yields each one's figures.

        `after_batch(self)` is called after every batch; what it raises ends the run there.
        """
        nepochs = check_int(nepochs, "Training", "nepochs", 0)
        while len(self.finished) < nepochs:
            if self.batch == 0:
                self.rng.shuffle(self.order)
            with blas_threads(self.threads or threads_for(self.mlp, self.batch_size)):
                self._train_epoch(after_batch)
                val_loss, val_error = evaluated(self.mlp, self.validation)
            number, count = len(self.finished) + 1, len(self.order)
            if not math.isfinite(val_loss):
                raise diverged(self.mlp, f"the validation loss is {val_loss} after epoch {number}")
            error = self.errors / count if self.classes else math.nan
            epoch = Epoch(self.loss / count, error, val_loss, val_error)
            self.finished.append(epoch)
            self.batch, self.loss, self.errors = 0, 0.0, 0
            yield epoch

    def _train_epoch(self, after_batch: Callable[[Training], object] | None) -> None:
        """The rest of a pass over the data."""
        epoch = len(self.finished) + 1
        self.mlp.train()
        starts = range(0, len(self.order), self.batch_size)
        # The loss of every batch is checked, so an overflow on the way needs no warning of its own.
        with (
            progress_bar(len(starts), f"epoch {epoch}", "batch") as bar,
            np.errstate(over="ignore", invalid="ignore"),
        ):
            bar.update(self.batch)
            for batch, start in enumerate(starts[self.batch :], start=self.batch + 1):
                rows = self.order[start : start + self.batch_size]
                batch_loss, errors = self._train_batch(rows, f"in epoch {epoch}, batch {batch}")
                self.loss += batch_loss
                self.errors += errors
                self.batch = batch
                bar.update(1)
                if after_batch is not None:
                    after_batch(self)

    def _train_batch(self, rows: Any, place: str) -> tuple[float, int]:
        """One step; the sum of the losses of its samples and how many were misclassified."""
        mlp, (x, y) = self.mlp, self.samples
        labels = y.take(rows, axis=0)
        mlp.forward(x[rows])
        mlp.backward(labels)
        if not self.begun:
            check_gradients(mlp.layers)
        loss = batch_loss(mlp, labels)
        if not math.isfinite(loss):
            raise diverged(mlp, f"the loss is {loss} {place}", before_a_step=not self.begun)
        mlp.step()
        return loss, mlp.error(labels) if self.classes else 0

    @property
    def begun(self) -> int:
        """How many epochs have begun, at least; `unit` says of what these are a number."""
        return len(self.finished) + (self.batch > 0)

    @property
    def count(self) -> int:
        """How many batches of the epoch at hand are done."""
        return self.batch

    @property
    def place(self) -> str:
        """How far the run has come, in words."""
        epoch = len(self.finished)
        return f"after epoch {epoch}" + (
            f" and batch {self.batch} of epoch {epoch + 1}" if self.batch else ""
        )

    def record(self) -> dict[str, Any]:
        """What else a checkpoint keeps, as JSON has it; of a subclass."""
        return {}

    def fitting_record(self, stored: Mapping[str, Any]) -> Callable[[], None]:
        """Checks what `record` once gave; the result puts it back."""
        return lambda: None

    def save(self, path: str | os.PathLike[str], facts: Mapping[str, Any] | None = None) -> None:
        """Writes the network and all that the rest of the run depends on, in one piece.

        `facts` are the caller's own, whatever JSON can hold, which `load` compares. `MLP.load`
        also reads the file, and takes the network alone. Raises as `MLP.save` does.
        """
        from mytorch.training.checkpoint import save_run  # only who uses it waits for its import

        save_run(self, path, facts or {})

    def load(self, path: str | os.PathLike[str], facts: Mapping[str, Any] | None = None) -> None:
        """Continues from what `save` wrote, of the same data, batch size and facts.

        Raises DataError, and leaves everything as it was, where the file does not fit; the message
        names the facts that differ.
        """
        from mytorch.training.checkpoint import load_run

        load_run(self, path, facts or {})


__all__ = ["Training"]
