"""State dictionaries: a network's arrays by name, and whether some fit it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import is_masked, title

State = dict[str, npt.NDArray[Any]]

IGNORED = "num_batches_tracked"  # PyTorch counts training batches; nothing here asks for it


RUNNING = ("running_mean", "running_var")


def layer_views(mlp: Any) -> State:
    """An MLP's own arrays, as `MLP.state_dict` names them and lays them out."""
    views: State = {}
    position = 0
    for i, linear in enumerate(mlp.linear_layers):
        views |= {f"{position}.weight": linear.W.T, f"{position}.bias": linear.b[0]}
        position += 1
        for bn in mlp.bn_layers[i : i + 1]:
            views |= {f"{position}.weight": bn.gamma[0], f"{position}.bias": bn.beta[0]}
            views |= {f"{position}.{n}": getattr(bn, n)[0] for n in RUNNING}
            position += 1
        position += 1  # the activation
    return views


def fitting(own: Mapping[str, npt.NDArray[Any]], state: Mapping[str, Any], owner: object) -> State:
    """Copies of the arrays in `state`, in the dtypes of `own`, whose names and shapes they have.

    Raises ValueError for a name that is missing or too much and for another shape, TypeError for
    what is no array of numbers.
    """
    if not isinstance(state, Mapping) or not all(isinstance(name, str) for name in state):
        raise TypeError(
            f"{title(owner)}: expected a dictionary of arrays by name as state, "
            f"got {type(state).__name__}"
        )
    given = {name: value for name, value in state.items() if name.split(".")[-1] != IGNORED}
    for what, names in (("is missing", own.keys() - given), ("is unknown", given.keys() - own)):
        if names:
            raise ValueError(f"{title(owner)}: {', '.join(sorted(names))} {what} in the state")
    arrays = {name: _array(given[name]) for name in own}
    for name, array in arrays.items():
        if array.dtype.kind not in "fiub":
            raise TypeError(
                f"{title(owner)}: expected an array of numbers as {name}, got dtype {array.dtype}"
            )
        if array.shape != own[name].shape:
            raise ValueError(
                f"{title(owner)}: expected {name} {own[name].shape}, got {array.shape}"
            )
    return {name: array.astype(own[name].dtype) for name, array in arrays.items()}


def _array(value: Any) -> npt.NDArray[Any]:
    """An array of anything; of None where a value makes no array, or hides numbers by a mask."""
    try:
        return np.asarray(None if is_masked(value) else value)
    except Exception:  # whatever a stranger's __array__ raises
        return np.asarray(None)
