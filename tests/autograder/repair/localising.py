"""In the child: which method must be replaced by a right one for a question to come right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import copy
from itertools import combinations
from typing import Any

import numpy as np

CALLED = {"forward", "backward", "derivative"}


def right_classes(task: dict[str, Any], standins: Any) -> dict[str, Any]:
    """By exercise a right class, whose methods are tried in the place of wrong ones."""
    if not task["conventions"]:
        return getattr(standins, "EXERCISES", {})
    from tests.autograder.shared.conventions import Conventions
    from tests.autograder.shared.model import classes

    made = classes(Conventions(**task["conventions"]), frozenset(), frozenset())
    return {question["exercise"]: made[question["needs"][0]] for question in task["questions"]}


def localised(theirs: Any, right: Any, is_right: Callable[[Any], bool]) -> Sequence[str]:
    """The fewest methods of a class that must be those of the right one; none where none suffice.

    `is_right` asks the question of a class. Everything else stays the submission's.
    """
    if not isinstance(theirs, type) or right is None or is_right(theirs):
        return ()
    names = [name for name in sorted(CALLED) if hasattr(theirs, name) and hasattr(right, name)]
    for count in (1, 2):
        for chosen in combinations(names, count):
            with suppress(TypeError):  # a class that cannot be derived from
                if is_right(mixed(theirs, right, chosen)):
                    return chosen
    return ()


def mixed(theirs: Any, right: Any, chosen: Sequence[str]) -> Any:
    """The class of a submission, with the results of the right one for the methods `chosen`.

    A right object is carried along: it gets the same calls, and what the question sets.
    """

    def start(self: Any, *arguments: Any, **options: Any) -> None:
        vars(self)["right one"] = right(*arguments, **options)
        theirs.__init__(self, *arguments, **options)
        vars(self)["seen"] = {}

    def method(name: str) -> Callable[..., Any]:
        def run(self: Any, *arguments: Any, **options: Any) -> Any:
            one, seen = vars(self)["right one"], vars(self)["seen"]
            for key in vars(one):  # what the question has set since the last call
                value = getattr(self, key, None)
                if value is not None and value is not seen.get(key):
                    setattr(one, key, copy(value))
            before = dict(vars(one))
            expected = getattr(one, name)(*map(_copied, arguments), **options)
            given = None
            try:
                given = getattr(theirs, name)(self, *arguments, **options)
            except Exception:
                if name not in chosen:
                    raise
            if name in chosen:
                given = expected
                for key, value in vars(one).items():
                    if value is not before.get(key):
                        setattr(self, key, copy(value))
            seen.update({key: getattr(self, key, None) for key in vars(one)})
            return given

        return run

    methods = {name: method(name) for name in CALLED if hasattr(right, name)}
    call = {"__call__": lambda self, *a, **k: self.forward(*a, **k)}
    return type(theirs.__name__, (theirs,), {"__init__": start, **call, **methods})


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value
