"""One change of a syntax tree, which can be made and taken back."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any, NamedTuple

from mytorch.gradcheck.repair.sources import Function

KINDS = {
    "alias": "one array or list has two names, so that a change of one changes the other",
    "average": "an average over the batch is taken too often, too rarely or in the wrong place",
    "axis": "a sum or mean runs over the wrong axis",
    "call": "a function is the wrong one, or is applied too often or too rarely",
    "comparison": "a comparison or a condition is the wrong one",
    "constant": "a number is the wrong one",
    "kept": "a result is not kept, or only under another name",
    "line": "something is wrong there",
    "method": "something is wrong, or in what it calls: with a right one, all is right",
    "name": "one variable or attribute stands in the place of another",
    "operator": "an operator is the wrong one",
    "order": "two things stand in each other's place",
    "overflow": "a formula overflows or underflows for large numbers",
    "parentheses": "parentheses are missing or stand in the wrong place",
    "range": "a loop or an index runs over the wrong range",
    "return": "a result is not returned, or a function is left too early",
    "shape": "a result has the wrong shape or dtype",
    "sign": "a sign is wrong",
    "statement": "a statement is missing, one too many, or in the wrong place",
    "term": "a term or a factor is missing or one too many",
    "transpose": "a matrix is transposed where it should not be, or the other way round",
}
"""What an edit is about, in words that do not tell the solution."""

ALIAS, KEPT = "alias", "kept"
"""The kinds of edits that change no value where they are made."""
PLACE = ("lineno", "col_offset", "end_lineno", "end_col_offset")
ADDING = ("statement", "term")
"""The kinds of edits that may add what was never written."""


class Change(NamedTuple):
    """`getattr(parent, field)`, or its element number `place`, becomes `new`."""

    parent: Any
    field: str
    place: int | None
    new: Any

    def swap(self) -> Change:
        """Makes the change and returns the one that takes it back."""
        if self.place is None:
            old = getattr(self.parent, self.field)
            setattr(self.parent, self.field, self.new)
        else:
            values = getattr(self.parent, self.field)
            old, values[self.place] = values[self.place], self.new
        return self._replace(new=old)


class Edit:
    """Changes of one function that are made together.

    `cost` says how unusual it is, of which `own` is for the change, wherever it is made, and
    `blame` for its function; `kind` is one of `KINDS`, `place` is the part of the tree that is
    pointed at, and `before` and `after` what stands there, in Python.
    """

    def __init__(
        self,
        function: Function,
        changes: Sequence[Change],
        cost: float,
        kind: str,
        place: ast.AST,
        before: ast.AST | Sequence[ast.stmt],
        after: ast.AST | Sequence[ast.stmt],
    ) -> None:
        self.function, self.changes, self.kind = function, changes, kind
        self.cost = self.own = cost
        self.blame = 0.0
        self.place, self._before, self._after = place, before, after

    def make(self) -> list[Change]:
        """Changes the tree; returns what `take_back` needs."""
        for change in self.changes:  # only now, as most edits are never tried
            for node in change.new if isinstance(change.new, list) else [change.new]:
                located(node, self.place)
        return [change.swap() for change in self.changes]

    @staticmethod
    def take_back(undo: Sequence[Change]) -> None:
        """Puts the tree back."""
        for change in reversed(undo):
            change.swap()

    @property
    def adds(self) -> bool:
        """Whether it may add what was never written, elsewhere than in the place of `pass`."""
        return self.kind in ADDING and not isinstance(self.place, ast.Pass)

    @property
    def growth(self) -> int:
        """How many more parts the code has after it."""
        return _parts(self._after) - _parts(self._before)

    @property
    def line(self) -> int:
        """The line that is pointed at."""
        return int(getattr(self.place, "lineno", 0))

    @property
    def before(self) -> str:
        """What stands there."""
        return text(self._before)

    @property
    def after(self) -> str:
        """What would stand there."""
        if isinstance(self._after, ast.expr) and len(self.changes) == 1:
            return text(self._after)
        undo = self.make()
        try:
            return text(self._after)
        finally:
            self.take_back(undo)


def restated(edit: Edit) -> Edit:
    """An edit as it is without one before it: what stands there may be more, then."""
    change, *more = edit.changes or (None,)
    if change is None or more or change.place is not None:
        return edit
    now = getattr(change.parent, change.field)
    if now is edit.place or not isinstance(now, ast.expr) or not isinstance(change.new, ast.expr):
        return edit
    new = Edit(edit.function, edit.changes, edit.cost, edit.kind, now, now, change.new)
    new.own, new.blame = edit.own, edit.blame
    return new


def _parts(nodes: ast.AST | Sequence[ast.stmt]) -> int:
    some = [nodes] if isinstance(nodes, ast.AST) else nodes
    return sum(1 for node in some for _ in ast.walk(node))


def text(nodes: ast.AST | Sequence[ast.stmt]) -> str:
    """Python for a part of a tree, or for several statements."""
    if isinstance(nodes, ast.AST):
        return ast.unparse(nodes)
    return "; ".join(ast.unparse(node) for node in nodes)


def located(new: Any, old: ast.AST) -> Any:
    """A new part of a tree, with the place of an old one wherever it has none of its own.

    Its parts may stand in other edits, too, whose places they had before.
    """
    if not _has_own_place(new):
        for name in PLACE if "lineno" in new._attributes else ():
            setattr(new, name, getattr(old, name, 0))
        new.is_placed = True
    for child in ast.iter_child_nodes(new):
        if not _has_own_place(child):
            located(child, old)
    return new


def _has_own_place(node: ast.AST) -> bool:
    return hasattr(node, "lineno") and not hasattr(node, "is_placed")
