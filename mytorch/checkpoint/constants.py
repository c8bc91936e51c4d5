"""Settings of layers and criteria that are arrays, e.g. a mask or weights of classes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt


def note_constants(things: Iterable[Any]) -> None:
    """Notes in every layer or criterion, as `constants`, which of its arrays are settings.

    So are tuples of whole numbers, e.g. a stride. Those are the ones that are there before it first
    runs and that it neither learns nor changes; so a network notes them when it first has a layer.
    A class may name them itself.
    """
    for thing in things:
        if hasattr(thing, "__dict__") and not hasattr(thing, "constants"):
            known = _known_arrays(thing)
            thing.constants = tuple(
                name
                for name, value in vars(thing).items()
                if (isinstance(value, np.ndarray) or _is_size(value)) and name not in known
            )


def constants_of(thing: Any) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """The arrays of numbers among its settings, by name."""
    for name in getattr(thing, "constants", ()):
        value = vars(thing).get(name)
        if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
            yield name, value


def _is_size(value: Any) -> bool:
    return isinstance(value, tuple) and value != () and all(type(n) is int for n in value)


def _known_arrays(thing: Any) -> set[str]:
    """Parameters, gradients, momentums, buffers, and what passes and steps leave in a layer."""
    learned = getattr(thing, "parameters", ())
    others = (*getattr(thing, "buffers", ()), *getattr(thing, "kept", ()))
    return {*others, *(start + name for start in ("", "d", "momentum_") for name in learned)}
