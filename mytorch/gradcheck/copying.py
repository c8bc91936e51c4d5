"""Copies of functions with all that they refer to, so that a check leaves no trace in it."""

from __future__ import annotations

import copy
import functools
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

SHARED = (types.ModuleType, type, types.BuiltinFunctionType, np.ufunc, np.ndarray, str, bytes)
"""What a copied function goes on to share: nothing that a call changes, and arrays of data."""

HERE = __name__.partition(".")[0]


def copied(target: Any, memo: dict[int, Any] | None = None) -> Any:
    """A deep copy of a target; of a function, one that refers to copies.

    `copy.deepcopy` takes a function for a constant. A copy of a function refers to copies of what
    it names: variables around it, global ones, defaults, the object of a method. What cannot be
    copied, e.g. an open file, is shared.
    """
    memo = {} if memo is None else memo
    if id(target) in memo:
        return memo[id(target)]
    if isinstance(target, SHARED):
        return target
    if isinstance(target, types.FunctionType):
        return _function(target, memo)
    if isinstance(target, types.MethodType):
        return types.MethodType(target.__func__, copied(target.__self__, memo))
    if type(target) is functools.partial:
        return functools.partial(
            copied(target.func, memo),
            *(copied(value, memo) for value in target.args),
            **{name: copied(value, memo) for name, value in target.keywords.items()},
        )
    try:
        return copy.deepcopy(target, memo)
    except Exception:  # any object may refuse, for any reason
        return target


def _function(function: types.FunctionType, memo: dict[int, Any]) -> Any:
    """A function of the library itself keeps nothing; any other is made anew."""
    if (function.__module__ or "").partition(".")[0] == HERE:
        return function
    cells = tuple(types.CellType() for _ in function.__closure__ or ())
    names = dict(function.__globals__)
    twin = types.FunctionType(function.__code__, names, function.__name__, None, cells or None)
    memo[id(function)] = twin
    memo.setdefault(id(memo), []).append(function)  # which keeps its id
    twin.__dict__.update(function.__dict__)
    twin.__defaults__ = copied_all(function.__defaults__, memo)
    if function.__kwdefaults__:
        twin.__kwdefaults__ = {n: copied(v, memo) for n, v in function.__kwdefaults__.items()}
    for name in set(_names(function.__code__)) & names.keys():
        names[name] = copied(names[name], memo)
    for cell, old in zip(cells, function.__closure__ or (), strict=True):
        try:
            cell.cell_contents = copied(old.cell_contents, memo)
        except ValueError:  # a variable that has no value yet
            continue
    return twin


def copied_all(values: tuple[Any, ...] | None, memo: dict[int, Any]) -> Any:
    """A tuple of copies, or None."""
    return None if values is None else tuple(copied(value, memo) for value in values)


def _names(code: types.CodeType) -> Iterator[str]:
    """The global names in a function's code, and in that of functions inside it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)
