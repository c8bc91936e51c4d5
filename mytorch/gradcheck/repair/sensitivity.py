"""Which statements the wrong result depends on, and which of them results that are right, too.

The value of each statement is changed a little, one after the other. Where the wrong result stays
as it was, no other expression there makes it right; where a right one gets wrong, one that makes
the wrong one right most likely breaks the right one.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from mytorch.gradcheck.repair.blocks import blocks
from mytorch.gradcheck.repair.cases import Asked, Case, nothing, quietly
from mytorch.gradcheck.repair.edit import ALIAS, KEPT, Change, Edit
from mytorch.gradcheck.repair.sources import Function
from mytorch.gradcheck.repair.tracing import Trace, key_of
from mytorch.gradcheck.repair.trying import NOTHING, Score

NAME = "_changed_a_little"
"""What the changed code calls; it is put among the built-in names."""
MOST = 250
"""How many statements are changed."""
RELATIVE, ABSOLUTE = 0.1, 0.01
NO_EFFECT, BREAKS_OTHERS, MOVED = 1.2, 0.8, 0.3
"""How much less usual a mistake is in a statement that changes nothing, or what is right, and that
a statement of the last kind is one too many or stands in the wrong place.
"""


class Effect(NamedTuple):
    """Whether a wrong result changes with a statement, and whether a right one gets wrong."""

    changes: bool
    breaks: bool


Effects = Mapping[int, Effect]
"""By the identity of each part of a statement."""
NO_EFFECTS: Effects = MappingProxyType({})


class Changer:
    """Changes numbers a little, and knows whether there were any."""

    def __init__(self) -> None:
        self.touched = False
        vars(builtins)[NAME] = self.changed

    def changed(self, value: Any) -> Any:
        """Another value of the same kind, shape and dtype, or the same where it has no floats."""
        if isinstance(value, tuple):
            return tuple(map(self.changed, value))
        if isinstance(value, np.ndarray | np.floating) and value.dtype.kind == "f" and value.size:
            self.touched = True
            pattern = np.linspace(0.5, 1.5, value.size).reshape(value.shape)
            shift = ABSOLUTE if value.ndim or not value else 0.0  # of 1e-8 it would be too much
            new = value * (1 + RELATIVE * pattern) + shift * pattern
            return new.astype(value.dtype)
        if isinstance(value, float):
            self.touched = True
            return value * (1 + RELATIVE) if value else ABSOLUTE
        data = getattr(value, "data", None)
        if isinstance(data, np.ndarray) and data.dtype.kind == "f":
            value.data = self.changed(data)
        return value


def probes(functions: Sequence[Function], ran: Mapping[str, Trace]) -> list[Edit]:
    """For each statement that ran and has a value the edit that changes it a little."""
    found = [
        Edit(function, (change,), 0.0, "term", statement, statement, statement)
        for function in functions
        if key_of(function) in ran
        for statement, change in _of_function(function.node, ran[key_of(function)].lines)
    ]
    return found[:MOST]


def effects_of(
    likely: Sequence[Edit],
    case: Case,
    base: Asked,
    scored: Callable[[Callable[[], Score]], Iterator[tuple[tuple[Edit, ...], Score]]],
) -> Effects:
    """What the first wrong result and the right ones depend on; nothing where it is not given.

    `base` is what the case gives as it is, and `scored` tries the edits `likely`.
    """
    wrong = next((i for i, s in enumerate(base.sums) if s and not base.which >> i & 1), None)
    if wrong is None or not all(base.sums[: wrong + 1]):
        return {}
    changer = Changer()

    def judge() -> Score:
        changer.touched = False
        asked = quietly(case, nothing, True)
        changes = len(asked.sums) <= wrong or asked.sums[wrong] != base.sums[wrong]
        breaks = bool(base.which & ~asked.which)
        return (int(changes), int(breaks)) if changer.touched else NOTHING

    found: dict[int, Effect] = {}
    for (edit,), (changes, breaks) in scored(judge):
        if changes >= 0:
            effect = Effect(changes == 1, breaks == 1)
            found |= dict.fromkeys(map(id, ast.walk(edit.place)), effect)
    return found


def _of_function(node: ast.AST, lines: set[int]) -> Iterator[tuple[ast.stmt, Change]]:
    for block in blocks(node):
        for statement in block.body:
            last = statement.end_lineno or statement.lineno
            value = getattr(statement, "value", None)
            if value is None or not lines & set(range(statement.lineno, last + 1)):
                continue
            if isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return):
                yield statement, Change(statement, "value", None, _changed(value))
            elif isinstance(value, ast.Call) and value.args:
                yield statement, Change(value, "args", 0, _changed(value.args[0]))


def _changed(value: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(NAME, ast.Load()), [value], [])


def penalty(edit: Edit, effects: Effects) -> float:
    """How much less usual a mistake is at a place, by the effect of its statement."""
    if edit.kind in (ALIAS, KEPT):
        return 0.0
    if not isinstance(edit.place, ast.stmt):
        return penalty_inside(edit.place, effects)
    effect = effects.get(id(edit.place))
    return MOVED * effect.breaks if effect else 0.0


def penalty_inside(node: ast.AST, effects: Effects) -> float:
    """How much less usual a mistake is inside of a statement or an expression."""
    effect = effects.get(id(node))
    return NO_EFFECT * (not effect.changes) + BREAKS_OTHERS * effect.breaks if effect else 0.0
