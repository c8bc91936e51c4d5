"""Puts right classes in the place of those of a submission; used in the child."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any


def replaced(
    name: str, kind: Any, theirs: Any, modules: Sequence[ModuleType], base: Any = None
) -> Any:
    """The class that stands in for `theirs`, which the modules use from now on.

    It is derived from theirs, so that it is of the type, and has the further methods, that the rest
    of the submission expects. Where they have none, it is derived from `base`.
    """
    made = derived(kind, theirs or base)
    for module in modules:
        names = {key for key, value in vars(module).items() if value is theirs is not None}
        if theirs is None and name not in vars(module):
            names = {name}
        vars(module).update(dict.fromkeys(names, made))
    return made


def derived(kind: Any, theirs: Any) -> Any:
    """`kind` as a subclass of `theirs`, where that can be."""
    if not isinstance(theirs, type):
        return kind
    try:
        return type(kind.__name__, (kind, theirs), {})
    except TypeError:  # a class that cannot be derived from
        return kind
