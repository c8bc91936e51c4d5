"""Which edits are about the condition of a branch or a loop: they make other code run."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from mytorch.gradcheck.repair.edit import Edit
from mytorch.gradcheck.repair.sources import Function


def choosing(edits: Iterable[Edit]) -> list[Edit]:
    """Those that change a condition, or put one of its branches in the place of all."""
    known: dict[int, set[int]] = {}
    found = []
    for edit in edits:
        if id(edit.function) not in known:
            known[id(edit.function)] = _conditions(edit.function)
        whole = isinstance(edit.place, ast.If) and edit.kind == "comparison"
        if whole or id(edit.place) in known[id(edit.function)]:
            found.append(edit)
    return found


def _conditions(function: Function) -> set[int]:
    tests = [n.test for n in ast.walk(function.node) if isinstance(n, ast.If | ast.While)]
    return {id(node) for test in tests for node in ast.walk(test)}
