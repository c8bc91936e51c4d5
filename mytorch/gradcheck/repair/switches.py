"""Compiles many edits of one place at once, as to compile takes longer than to run.

In the place stands `a if chosen < 1 else b if chosen < 2 else c`, so that one piece of code is all
of them, and a number says which.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Sequence
from types import CodeType

from mytorch.gradcheck.repair.edit import Edit, located
from mytorch.gradcheck.repair.sources import Function

NAME = "_number_of_the_edit"
"""What the code reads; it is put among the built-in names."""
FEWEST = 3
"""Of how many edits it is worth it."""
Edits = Sequence[Edit]


class Switches:
    """The code of candidates that differ in the last edit only, and that in what is put there."""

    def __init__(self, candidates: Sequence[Edits]) -> None:
        groups: dict[object, list[int]] = {}
        for i, edits in enumerate(candidates):
            if (key := _slot(edits)) is not None:
                groups.setdefault(key, []).append(i)
        self._candidates = candidates
        self._group = {i: g for g in groups.values() if len(g) >= FEWEST for i in g}
        self._codes: dict[int, Sequence[CodeType | None]] = {}

    def chosen(self, index: int) -> Sequence[CodeType | None] | None:
        """The code of the functions of a candidate, which is this one from now on.

        None where it must be compiled by itself.
        """
        group = self._group.get(index)
        if group is None:
            return None
        if group[0] not in self._codes:
            self._codes[group[0]] = self._compiled(group)
        vars(builtins)[NAME] = group.index(index)
        codes = self._codes[group[0]]
        return codes if all(codes) else None

    def _compiled(self, group: Sequence[int]) -> Sequence[CodeType | None]:
        *before, edit = self._candidates[group[0]]
        (change,) = edit.changes
        new = [self._candidates[i][-1].changes[0].new for i in group]
        old = getattr(change.parent, change.field)
        options = [*new, old if change.place is None else old[change.place]]
        undo = [one.make() for one in before]
        switch = change._replace(new=located(_one_of(options, 0), edit.place)).swap()
        try:
            return [function.compiled() for function in functions_of((*before, edit))]
        finally:
            switch.swap()
            for changes in reversed(undo):
                Edit.take_back(changes)


def functions_of(edits: Edits) -> list[Function]:
    """The functions that edits change, each once."""
    return list({id(edit.function): edit.function for edit in edits}.values())


def _slot(edits: Edits) -> object:
    """What candidates have in common that can be compiled together; None where it is nothing."""
    *before, edit = edits
    if len(edit.changes) != 1:
        return None
    (change,) = edit.changes
    if change.parent is edit.function.node.args:
        return None
    if not isinstance(change.new, ast.expr) or isinstance(change.new, ast.Slice | ast.Starred):
        return None
    slot = id(change.parent), change.field, change.place, id(edit.function)
    return slot, tuple(map(id, before))


def _one_of(options: Sequence[ast.expr], first: int) -> ast.expr:
    """The one whose number is chosen, found in as few comparisons as a tree needs."""
    if len(options) == 1:
        return options[0]
    half = len(options) // 2
    test = ast.Compare(ast.Name(NAME, ast.Load()), [ast.Lt()], [ast.Constant(first + half)])
    return ast.IfExp(test, _one_of(options[:half], first), _one_of(options[half:], first + half))
