"""Learning-rate schedules: `step()` after every epoch sets the optimizer's next rate.

A checkpoint of the optimizer keeps its newest schedule: make one of the same kind before `load`.
"""

from __future__ import annotations

import math

from mytorch.checks.settings import check_int, check_real, shown
from mytorch.optim.optimizer import Optimizer
from mytorch.system.summary import call, named


class Schedule:
    """A learning rate that changes with time; a subclass writes `rate`.

    Attributes
    ----------
    optimizer : whose `lr` is set. Of an `MLP` or a `Network` that is `network.optimizer`.
    base : the rate that the schedule begins with, the optimizer's when the schedule is made.
    epoch : how often `step` was called.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        if isinstance(optimizer, type) or not hasattr(optimizer, "lr"):
            raise TypeError(
                f"{type(self).__name__}: expected an optimizer with lr, e.g. SGD(lr=0.1), "
                f"got {shown(optimizer)}"
            )
        self.optimizer = optimizer
        self.base = optimizer.lr
        self.epoch = 0
        optimizer.schedule = self

    def __repr__(self) -> str:
        of_all = ("optimizer", "base", "epoch")
        own = {n: v for n, v in vars(self).items() if n not in of_all and not n.startswith("_")}
        return call(type(self).__name__, [repr(self.optimizer), *named(own)])

    def rate(self) -> float:
        """The learning rate after `epoch` steps."""
        raise NotImplementedError(f"{type(self).__name__} has no rate yet")

    def step(self) -> None:
        """One epoch is over: sets the rate of the next."""
        self.epoch += 1
        self.optimizer.lr = self.rate()


class StepLR(Schedule):
    """`base * gamma^(epoch // step_size)`: a factor `gamma` after every `step_size` epochs."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        super().__init__(optimizer)
        self.step_size = check_int(step_size, "StepLR", "step_size")
        self.gamma = check_real(gamma, "StepLR", "gamma", 0)

    def rate(self) -> float:
        """The learning rate after `epoch` steps."""
        return self.base * self.gamma ** (self.epoch // self.step_size)


class CosineLR(Schedule):
    """From `base` to `least` in `epochs` steps, along half a period of the cosine.

    `least + (base - least) (1 + cos(pi epoch / epochs)) / 2` (Loshchilov and Hutter 2017, eq. 5,
    without restarts); afterwards it stays at `least`.
    """

    def __init__(self, optimizer: Optimizer, epochs: int, least: float = 0.0) -> None:
        super().__init__(optimizer)
        self.epochs = check_int(epochs, "CosineLR", "epochs")
        self.least = check_real(least, "CosineLR", "least", 0)

    def rate(self) -> float:
        """The learning rate after `epoch` steps."""
        share = min(self.epoch / self.epochs, 1)
        return self.least + (self.base - self.least) * (1 + math.cos(math.pi * share)) / 2


__all__ = ["CosineLR", "Schedule", "StepLR"]
