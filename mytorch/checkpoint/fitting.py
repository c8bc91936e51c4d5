"""What all checkpoints have in common: plain settings, and arrays that must fit exactly."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checkpoint.random_state import check_state, plain_state
from mytorch.checks.settings import shown
from mytorch.system.errors import DataError

Arrays = dict[str, npt.NDArray[Any]]

Restore = Callable[[], None]
"""Puts back what was checked before; nothing that can fail is left for it."""


PLAIN = (bool, int, float, str, np.bool_, np.integer, np.floating)


def settings_of(thing: Any) -> dict[str, Any]:
    """The attributes that are flags, numbers or text, and the states of random generators.

    Tuples of whole numbers that are `constants`, e.g. a stride, are lists here, as JSON has them.
    """
    return (
        {
            name: value.item() if isinstance(value, np.generic) else value
            for name, value in vars(thing).items()
            if isinstance(value, PLAIN)
        }
        | {
            name: list(vars(thing)[name])
            for name in getattr(thing, "constants", ())
            if isinstance(vars(thing).get(name), tuple)
        }
        | {
            name: plain_state(value)
            for name, value in vars(thing).items()
            if isinstance(value, np.random.Generator)
        }
    )


def facts_of(thing: Any) -> list[Any]:
    """The class of a layer, criterion, module or optimizer, and its settings."""
    return [type(thing).__name__, settings_of(thing)]


def fitting_settings(thing: Any, stored: Any, what: str) -> Restore:
    """Checks that `stored` are the settings of such an object; the result restores them.

    ValueError where the class or the names differ or a value is of another type.
    """
    name, values = stored
    if name != type(thing).__name__:
        raise ValueError(f"expected {what} {type(thing).__name__}, got {name}")
    own = settings_of(thing)
    if own.keys() != values.keys():
        raise ValueError(
            f"expected {what} {name} with the settings {', '.join(own) or '(none)'}, "
            f"got {', '.join(values) or '(none)'}"
        )
    generators = {k: v for k, v in vars(thing).items() if isinstance(v, np.random.Generator)}
    for key, value in own.items():
        new = values[key]
        if key in generators:
            check_state(generators[key], new)
            continue
        kinds = (int, float) if type(value) in (int, float) else (type(value),)
        whole = not isinstance(new, list) or (
            len(new) == len(value) and all(type(n) is int for n in new)
        )
        if type(new) not in kinds or not whole or (type(new) is float and not math.isfinite(new)):
            raise ValueError(f"expected {what} {name} with {key} like {value}, got {shown(new)}")

    def restore() -> None:
        for key, value in values.items():
            if key in generators:
                generators[key].bit_generator.state = value
            elif own[key] != value or type(own[key]) is not type(value):
                setattr(thing, key, tuple(value) if isinstance(value, list) else value)

    return restore


def fitting_arrays(own: Mapping[str, npt.NDArray[Any]], stored: Mapping[str, Any]) -> None:
    """ValueError where names, shapes or dtypes differ."""
    for what, names in (("missing", own.keys() - stored), ("unknown", stored.keys() - own)):
        if names:
            raise ValueError(
                f"{', '.join(sorted(names))} {'is' if len(names) == 1 else 'are'} {what}"
            )
    for name, array in own.items():
        new = stored[name]
        if (new.shape, new.dtype) != (array.shape, array.dtype):
            raise ValueError(
                f"expected {name} {array.shape} of {array.dtype}, got {new.shape} of {new.dtype}"
            )


def refused(path: Any, owner: str, error: Exception) -> DataError:
    """The error for a checkpoint that does not fit."""
    why = error if isinstance(error, ValueError) else f"its facts are incomplete ({error!r})"
    return DataError(f"{path}: a checkpoint of another network than this {owner}: {why}")
