"""What stands in for the parts of a network that failed, so that they cost points once.

A network is graded with the submission's own parts as far as they passed their own questions, and
with these in the place of the others. Used in the child.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from types import ModuleType
from typing import Any

import numpy as np

from tests.autograder.replacing import replaced
from tests.autograder.shared.conventions import Conventions
from tests.autograder.shared.exam import ACTIVATIONS
from tests.autograder.shared.model_layers import activation, linear

ABOUT = {"linear": "Linear", "linear_more": "Linear", **ACTIVATIONS}
"""The class that an exercise about a part is about."""


def of(course: Any) -> Standins:
    """The module of a course."""
    return Standins(course.conventions)


class Standins:
    """Right classes by the course's names.

    `MODULES` has what a file that Python cannot read has instead.
    """

    def __init__(self, cv: Conventions) -> None:
        self.cv = cv
        right = {"Linear": linear(cv, frozenset())}
        right |= {name: activation(cv, frozenset(), name) for name in set(ACTIVATIONS.values())}
        self.kinds = {
            cv.name(name): _standin(kind, cv)
            for name, kind in right.items()
            if cv.name(name) in cv.homes
        }
        self.MODULES: dict[str, dict[str, Any]] = {}
        for name, kind in self.kinds.items():
            for home in cv.homes[name]:
                # students lean on the `np` of a file that they import everything from
                self.MODULES.setdefault(home.rpartition(".")[2], {"np": np})[name] = kind

    def installed(
        self, failed: Iterable[str], classes: dict[str, Any], modules: Iterable[ModuleType]
    ) -> dict[str, Any]:
        """The classes with stand-ins for those that failed, which the modules use from now on."""
        modules, found = list(modules), dict(classes)
        for name in sorted({self.cv.name(ABOUT[exercise]) for exercise in failed}):
            found[name] = replaced(name, self.kinds[name], classes.get(name), modules)
        return found


def _standin(kind: Any, cv: Conventions) -> Any:
    """Is made as the class that it replaces, if that can be made, and keeps what that keeps."""

    class Standin(kind):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            with suppress(Exception):
                super(kind, self).__init__(*arguments, **options)
            kind.__init__(self, *arguments, **options)

        def __call__(self, x: Any) -> Any:
            return self.forward(x)

        def forward(self, x: Any) -> Any:
            out = super().forward(x)
            cv.put(self, "out", out)
            return out

    return Standin
