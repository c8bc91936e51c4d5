"""State dictionaries: a network's arrays by name, and whether some fit it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy.typing as npt

from mytorch.checks.arrays import array_or_none, title

State = dict[str, npt.NDArray[Any]]

IGNORED = "num_batches_tracked"  # PyTorch counts training batches; nothing here asks for it


def views_of(layers: Sequence[Any]) -> State:
    """The layers' own arrays, as `Network.state_dict` names them and lays them out."""
    views: State = {}
    for i, layer in enumerate(layers):
        if hasattr(layer, "named_arrays"):
            arrays = layer.named_arrays()
        else:
            names = (*getattr(layer, "parameters", ()), *getattr(layer, "buffers", ()))
            arrays = {name: getattr(layer, name) for name in names}
        views |= {f"{i}.{name}": array for name, array in arrays.items()}
    return views


class Differences(NamedTuple):
    """Names in which a state and what it was loaded into differ."""

    missing_keys: list[str]
    unexpected_keys: list[str]


def fitting(
    own: Mapping[str, npt.NDArray[Any]],
    state: Mapping[str, Any],
    owner: object,
    strict: bool = True,
) -> tuple[State, Differences]:
    """Copies of the arrays in `state`, in the dtypes of `own`, whose names and shapes they have.

    Raises ValueError for another shape and, if strict, for a name that is missing or too much;
    TypeError for anything but arrays of numbers.
    """
    if not isinstance(state, Mapping) or not all(isinstance(name, str) for name in state):
        raise TypeError(
            f"{title(owner)}: expected a dictionary of arrays by name as state, "
            f"got {type(state).__name__}"
        )
    given = {name: value for name, value in state.items() if name.split(".")[-1] != IGNORED}
    differences = Differences(sorted(own.keys() - given), sorted(given.keys() - own))
    for what, names in zip(("missing", "unknown"), differences, strict=True):
        if names and strict:
            are = "is" if len(names) == 1 else "are"
            raise ValueError(f"{title(owner)}: {', '.join(names)} {are} {what} in the state")
    arrays = {name: array_or_none(given[name]) for name in own if name in given}
    for name, array in arrays.items():
        if array.dtype.kind not in "fiub":
            raise TypeError(
                f"{title(owner)}: expected an array of numbers as {name}, got dtype {array.dtype}"
            )
        if array.shape != own[name].shape:
            raise ValueError(
                f"{title(owner)}: expected {name} {own[name].shape}, got {array.shape}"
            )
    return {name: array.astype(own[name].dtype) for name, array in arrays.items()}, differences
