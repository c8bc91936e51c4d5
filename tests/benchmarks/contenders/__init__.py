"""What is timed against what: each contender makes the training step of a workload.

A contender is a function `make(workload, dtype, data) -> step`; `step(rows)` gathers the batch
`rows`, takes one step of training (forward, loss, backward, momentum update) and returns the loss
where it has one. Where it can't run a workload it raises `Unavailable`, which says why.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy.typing as npt

from tests.benchmarks.workloads import Data, Workload

Step = Callable[[npt.NDArray[Any]], object]
Contender = Callable[[Workload, str, Data], Step]


class Unavailable(Exception):
    """This contender does not run here, or not this workload; the message says why."""


__all__ = ["Contender", "Step", "Unavailable"]
