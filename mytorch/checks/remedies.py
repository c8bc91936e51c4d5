"""What makes an array fit that was refused, where that can be told; "" where it cannot."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def labels_remedy(given: Array, rows: int, columns: int) -> str:
    """How class numbers, or one column, become labels `(rows, columns)`; "" for anything else."""
    if given.shape not in ((rows,), (rows, 1)) or given.dtype.kind not in "biuf" or not rows:
        return ""
    if columns == 1:
        return "; for one column use np.reshape(labels, (-1, 1))"
    numbers = given.astype(np.float64)
    if not (numbers == np.trunc(numbers)).all():
        return ""
    if not (numbers.min() >= 0 and numbers.max() < columns):
        return f"; class numbers are from 0 to {columns - 1}"
    first = "" if given.dtype.kind in "iu" else " after labels = np.asarray(labels, int)"
    return f"; for class numbers use datasets.one_hot(labels, {columns}){first}"


def integers_remedy(labels: Array) -> str:
    """How labels of another kind become integers; "" where they do not."""
    kind = labels.dtype.kind
    if labels.ndim == 1 and (kind in "US" or (kind == "O" and _is_text(labels))):
        return "; texts become class numbers by np.unique(labels, return_inverse=True)[1]"
    if kind in "bf" and (labels == np.trunc(labels.astype(float))).all():
        return "; whole numbers become integers by np.asarray(labels, int)"
    return ""


def _is_text(array: Array) -> bool:
    return array.size > 0 and all(isinstance(one, str) for one in array)


def shape_remedy(array: Array, features: int, what: str, rows: int | None) -> str:
    """How another shape becomes a batch `(rows, features)`, of any number of rows for None."""
    if "labels" in what:
        if rows is None:
            rows = len(array) if array.ndim else 0
        return labels_remedy(array, rows, features)
    if what == "gradient":
        return ""
    if array.shape == (features,):
        return "; a single sample is a batch of one, e.g. x.reshape(1, -1)"
    if array.ndim == features == 1:
        return "; samples of one number are a column, np.reshape(x, (-1, 1))"
    if array.ndim > 2 and np.prod(array.shape[1:]) == features:
        return "; flatten images first, e.g. x.reshape(len(x), -1)"
    if array.ndim == 2 and array.shape[0] == features:
        return "; samples are rows, so perhaps x.T is what you mean"
    return ""


def rate_remedy(params: Any, name: str) -> str:
    """Where the optimizer called `name` was given a learning rate in place of parameters."""
    is_number = isinstance(params, int | float | np.integer | np.floating)
    if isinstance(params, bool) or not (is_number and 0 <= params <= sys.float_info.max):
        return ""
    return f"; write {name}(lr={float(params)!r}) for a network"


def parameters_remedy(params: Any) -> str:
    """What is passed in place of a network or a module."""
    return "; pass model.parameters(), of the whole model" if _has_parameters(params) else ""


def parameter_remedy(parameter: Any) -> str:
    """What stands in a list in place of `parameter`, which is none."""
    if isinstance(parameter, tuple) and len(parameter) == 2 and isinstance(parameter[0], str):
        return "; write model.parameters(), which has no names"  # of named_parameters()
    if _has_parameters(parameter):
        return "; in a list write *model.parameters() in its place"
    return ""


def _has_parameters(thing: Any) -> bool:
    """Whether `thing.parameters()` can be called: not that of a class, nor a layer's names."""
    return not isinstance(thing, type) and callable(getattr(thing, "parameters", None))
