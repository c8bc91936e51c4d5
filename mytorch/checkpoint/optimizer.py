"""What an optimizer keeps from step to step, as arrays and facts."""

from __future__ import annotations

from typing import Any

import numpy as np

from mytorch.checkpoint.fitting import PLAIN, Arrays, Restore, facts_of, fitting_settings
from mytorch.checks.settings import check_int

APART = ("params", "steps", "schedule", "flat", "gathered", "_pieces", "_versions")
"""Attributes of an optimizer that are stored in another way, or not at all."""


def optimizer_arrays(optimizer: Any, prefix: str) -> Arrays:
    """Every array of an optimizer, by name and number; TypeError for what can't be stored."""
    arrays: Arrays = {}
    for name, value in vars(optimizer).items() if optimizer is not None else ():
        if name in APART or isinstance(value, (*PLAIN, np.random.Generator)):  # facts, these
            continue
        values = value if isinstance(value, list) else [value]
        if not all(
            isinstance(array, np.ndarray) and array.dtype.kind in "fiub" for array in values
        ):
            raise TypeError(
                f"{type(optimizer).__name__}: expected numbers, arrays or lists of arrays to "
                f"store, got {type(value).__name__} as {name}"
            )
        arrays |= {f"{prefix}{name}.{i}": array for i, array in enumerate(values)}
    return arrays


def optimizer_facts(optimizer: Any) -> Any:
    """Class, settings, numbers of steps and the schedule; None where there is no optimizer."""
    if optimizer is None:
        return None
    schedule = getattr(optimizer, "schedule", None)
    facts = [] if schedule is None else [facts_of(schedule)]
    return [*facts_of(optimizer), list(optimizer.steps), *facts]


def fitting_optimizer(optimizer: Any, facts: Any) -> Restore:
    """Checks that `facts` are those of such an optimizer; the result restores them."""
    if facts is None:
        raise ValueError("it was saved without an optimizer; load it without one")
    name, settings, steps, *schedules = facts
    restore_settings = fitting_settings(optimizer, [name, settings], "the optimizer")
    restore_schedule = _fitting_schedule(getattr(optimizer, "schedule", None), schedules)
    steps = [check_int(count, "steps", "a number of steps", 0) for count in steps]
    if len(steps) != len(optimizer.steps):
        raise ValueError(f"expected steps of {len(optimizer.steps)} parameters, got {len(steps)}")

    def restore() -> None:
        restore_settings()
        restore_schedule()
        optimizer.steps[:] = steps

    return restore


def _fitting_schedule(schedule: Any, stored: Any) -> Restore:
    """Checks that `stored`, a list of one or none, is such a schedule of the learning rate."""
    if schedule is None and stored:
        raise ValueError(
            f"it was saved with the schedule {stored[0][0]}; make such a one for the optimizer "
            f"before you load"
        )
    if schedule is None:
        return lambda: None
    if not stored:
        raise ValueError(
            f"it was saved without a schedule; load it before you make {type(schedule).__name__}"
        )
    return fitting_settings(schedule, stored[0], "the schedule")
