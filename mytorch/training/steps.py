"""A training run that is counted in steps, as 003 counts: measured every so many of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from mytorch.checks.settings import check_int, check_real
from mytorch.system.progress import progress_bar
from mytorch.system.threads import blas_threads, threads_for
from mytorch.training.run import Training
from mytorch.training.samples import diverged, evaluated


class Evaluation(NamedTuple):
    """After how many steps, mean loss per sample and fraction misclassified of other data."""

    step: int
    loss: float
    error: float


class StepTraining(Training):
    """A `Training` whose `steps(nsteps, eval_every)` takes the place of `epochs`.

    The first split of `dset` is trained on, the second measured. The first pass over the training
    data is in their order, each other one in a new order, as in the course of 003; what is less
    than a batch at the end of a pass is left out.

    Attributes
    ----------
    losses, batch_errors : of each step's batch before it, mean loss and fraction misclassified.
    evaluations : what was measured on the way.
    """

    unit = "steps"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.losses: list[float] = []
        self.batch_errors: list[float] = []
        self.evaluations: list[Evaluation] = []

    def steps(
        self,
        nsteps: int,
        eval_every: int,
        after_step: Callable[[Training], object] | None = None,
    ) -> Iterator[Evaluation]:
        """Trains until `nsteps` steps are done; measures after every `eval_every` and the last.

        `after_step(self)` is called after every step, and after its measurement; what it raises
        ends the run there. Raises FloatingPointError where a loss stops being finite.
        """
        nsteps = check_int(nsteps, "StepTraining", "nsteps", 0)
        eval_every = check_int(eval_every, "StepTraining", "eval_every")
        while self.begun < nsteps:
            due = min(nsteps, (self.begun // eval_every + 1) * eval_every)
            with blas_threads(self.threads or threads_for(self.mlp, self.batch_size)):
                evaluation = self._until(due, nsteps, after_step)
            yield evaluation

    def _until(
        self, due: int, nsteps: int, after_step: Callable[[Training], object] | None
    ) -> Evaluation:
        """The steps up to number `due`, and the measurement after it."""
        self.mlp.train()
        with (
            progress_bar(nsteps, "training", "step", done=self.begun) as bar,
            np.errstate(over="ignore", invalid="ignore"),  # shows in the loss, which is checked
        ):
            while self.begun < due:
                self._step()
                bar.set_postfix_str(f"loss {self.losses[-1]:.3f}", refresh=False)
                bar.update(1)
                if after_step is not None and self.begun < due:
                    after_step(self)
        loss, error = evaluated(self.mlp, self.validation)
        if not math.isfinite(loss):
            raise diverged(self.mlp, f"the test loss is {loss} after step {due}")
        self.evaluations.append(Evaluation(due, loss, error))
        if after_step is not None:
            after_step(self)
        return self.evaluations[-1]

    def _step(self) -> None:
        size = min(self.batch_size, len(self.order))
        if self.batch == len(self.order) // size:
            self.batch = 0
            self.rng.shuffle(self.order)
        rows = self.order[self.batch * size : (self.batch + 1) * size]
        loss, errors = self._train_batch(rows, f"in step {self.begun + 1}")
        self.batch += 1
        self.batch_errors.append(errors / size)
        self.losses.append(loss / size)  # last: its length is the number of steps

    @property
    def begun(self) -> int:
        """How many steps are done."""
        return len(self.losses)

    @property
    def count(self) -> int:
        """How many steps are done."""
        return len(self.losses)

    @property
    def place(self) -> str:
        """How far the run has come, in words."""
        return f"after step {self.begun}"

    def record(self) -> dict[str, Any]:
        """The figures of all steps, and the evaluations."""
        return {
            "losses": self.losses,
            "batch_errors": self.batch_errors,
            "evaluations": [list(evaluation) for evaluation in self.evaluations],
        }

    def fitting_record(self, stored: Mapping[str, Any]) -> Callable[[], None]:
        """Checks what `record` once gave; the result puts it back."""
        names = ("losses", "batch_errors")
        curves = [[check_real(n, self, name) for n in stored[name]] for name in names]
        if len(curves[0]) != len(curves[1]):
            raise ValueError("it has not as many losses as errors")
        evaluations = [
            Evaluation(
                check_int(n, self, "step"),
                check_real(a, self, "loss"),
                check_real(b, self, "error"),
            )
            for n, a, b in stored["evaluations"]
        ]

        def restore() -> None:
            self.losses[:], self.batch_errors[:] = curves
            self.evaluations[:] = evaluations

        return restore


__all__ = ["Evaluation", "StepTraining"]
