"""Checkpoints of `train.py`: saved on the way and on a signal, continued with `--resume`."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from mytorch.training.run import Training

STOPPING = (signal.SIGINT, signal.SIGTERM)


class Stopped(Exception):
    """A signal asked for the end, and the run was saved; `code` is the exit code for it."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class Keeper:
    """Keeps a training run in a file.

    Parameters
    ----------
    path : the file; None keeps nothing.
    every : how many batches lie between two saves, counted in each epoch; None for none.
    facts : the options that the rest of the run depends on.
    """

    def __init__(self, path: Path | None, every: int | None, facts: dict[str, Any]) -> None:
        self.path = path
        self.every = every
        self.facts = facts
        self._signal: int | None = None

    def begin(self, training: Training, resume: bool, limit: int) -> str:
        """Loads the file or, better an error now than later, writes a first one.

        Returns a sentence on where the run begins. Raises FileExistsError rather than replace a
        file without `resume`, ValueError where the file has come further than `limit`
        epochs or steps, whatever the run counts.
        """
        if self.path is None:
            return ""
        if not resume and self.path.exists():
            raise FileExistsError(
                0, "exists already; continue it with --resume, or choose another name", self.path
            )
        if not self.path.exists():
            training.save(self.path, self.facts)
            return f"{self.path} is not there yet: a new run" if resume else ""
        training.load(self.path, self.facts)
        if training.begun > limit:
            raise ValueError(
                f"{self.path} is {training.place} already; "
                f"ask for at least {training.begun} {training.unit}"
            )
        return f"going on {training.place}, from {self.path}"

    def after_batch(self, training: Training) -> None:
        """Saves where it is time to, and stops where a signal came during the batch."""
        if self.path is None:
            return
        if self._signal is not None or (self.every and training.count % self.every == 0):
            training.save(self.path, self.facts)
        self._stop(training)

    def after_epoch(self, training: Training) -> None:
        """Saves, and stops where a signal came meanwhile."""
        if self.path is None:
            return
        training.save(self.path, self.facts)
        self._stop(training)

    def _stop(self, training: Training) -> None:
        """Also for a signal that came during a save: nothing has happened since."""
        if self._signal is not None:
            raise Stopped(
                f"stopped {training.place}; to go on, add --resume to the same command",
                128 + self._signal,
            )

    @contextmanager
    def minding_signals(self, training: Training) -> Iterator[None]:
        """Inside, SIGINT and SIGTERM wait for the end of the batch, so that no half step is kept.

        Whoever started this process and had it ignore a signal still has it ignored.
        """
        if self.path is None:
            yield
            return
        before = {number: signal.getsignal(number) for number in STOPPING}
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, self._note)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        self._stop(training)  # for a signal after the last save

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._signal = number
