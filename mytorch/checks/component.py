"""What layers and criteria have in common: how they are shown, what is kept, and their checks."""

from __future__ import annotations

from typing import Any, ClassVar

from mytorch.checks.methods import decorate
from mytorch.checks.settings import Setting


class Component:
    """What layers and criteria have in common: how they are shown, and what passes leave in them.

    Attributes
    ----------
    kept : the names of the arrays that passes and steps leave in it, which are not stored; each is
        None before the first, unless the class or its `__init__` has something else.
    in_repr : the names of the attributes that `repr` shows: those that the class declares as a
        `Setting`, unless it says otherwise.
    checks : by the names of methods, the decorators that put a check in front of each of them.
    keepers : the same for a class without checks: what keeps the results that others ask for.

    A class that is written with `checked=True` has its own methods as formulas of arrays that fit;
    the checks are put in front of them here.
    """

    kept: tuple[str, ...] = ()
    in_repr: tuple[str, ...] = ()
    checks: ClassVar[dict[str, Any]] = {}
    keepers: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls, checked: bool = False) -> None:
        super().__init_subclass__()
        settings = (name for name, value in vars(cls).items() if isinstance(value, Setting))
        cls.in_repr = vars(cls).get("in_repr", (*cls.in_repr, *settings))
        for name in cls.kept:
            if not hasattr(cls, name):
                setattr(cls, name, None)
        decorate(cls, cls.checks if checked else cls.keepers)

    def __repr__(self) -> str:
        values = [getattr(self, name) for name in self.in_repr]
        shown = [f"{value:g}" if isinstance(value, float) else repr(value) for value in values]
        return f"{type(self).__name__}({', '.join(shown)})"
