"""All edits of a function that are tried, the most usual first."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from itertools import combinations
from typing import Any

from mytorch.gradcheck.repair.additions import (
    averaged,
    inside,
    stable,
    through,
    with_power,
    with_product,
    with_term,
    wrapped,
)
from mytorch.gradcheck.repair.edit import Change, Edit
from mytorch.gradcheck.repair.expressions import variants
from mytorch.gradcheck.repair.scope import Scope
from mytorch.gradcheck.repair.sources import Function, is_unwritten
from mytorch.gradcheck.repair.statements import Rewrite, blocks, moved_in, rewrites
from mytorch.gradcheck.repair.tracing import Trace

ASKING = ("getattr", "hasattr", "isinstance", "super")
"""Functions whose arguments are no part of a formula."""
MOST_SWAPS = 14
"""Of how many expressions of one statement every two are exchanged."""
Place = tuple[Any, str, int | None, ast.expr, bool]


def edits(function: Function, trace: Trace, modules: dict[str, str]) -> Iterator[Edit]:
    """The edits of what was executed, in the order of the code; none where nothing is written."""
    if is_unwritten(function.node):
        return
    scope = Scope(function, trace, modules)
    for place in _defaults(function):
        yield from _of_place(function, place, scope)
    for block in blocks(function.node):
        for statement in block.body:
            lines = range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
            if not trace.lines & set(lines):
                continue
            places = list(_expressions(statement))
            near = {ast.unparse(p[3]) for p in places if isinstance(p[3], ast.Name | ast.Attribute)}
            for place in places:
                yield from _of_place(function, place, scope, near)
            yield from _swaps(function, statement, places, scope)
        rewritten = [*rewrites(block, trace.lines, scope), *moved_in(block, trace.lines)]
        yield from (_rewriting(function, rewrite) for rewrite in rewritten)


def _defaults(function: Function) -> Iterator[Place]:
    for i, value in enumerate(function.node.args.defaults):
        if isinstance(value, ast.Constant):
            yield function.node.args, "defaults", i, value, False


def _expressions(statement: ast.stmt) -> Iterator[Place]:
    """The expressions of a statement, without those of statements inside of it."""
    for field, value in ast.iter_fields(statement):
        if isinstance(value, ast.expr) and field not in ("target", "annotation"):
            root = field == "value"
            yield from _below(statement, field, None, value, root)
        elif isinstance(value, list):
            for i, one in enumerate(value):
                if isinstance(one, ast.expr) and field not in ("targets", "decorator_list"):
                    yield from _below(statement, field, i, one, False)
                elif isinstance(one, ast.withitem):
                    yield from _below(one, "context_expr", None, one.context_expr, False)
        if field in ("target", "targets"):
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, ast.Subscript):
                    yield from _below(one, "slice", None, one.slice, False)


def _below(
    parent: Any, field: str, index: int | None, node: ast.expr, root: bool
) -> Iterator[Place]:
    if isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    ):
        return
    yield parent, field, index, node, root
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ASKING:
        return
    for name, value in ast.iter_fields(node):
        if isinstance(node, ast.Call) and name == "func":
            if isinstance(value, ast.Attribute):
                yield from _below(value, "value", None, value.value, False)
            elif not isinstance(value, ast.Name):
                yield from _below(node, name, None, value, False)
            continue
        argument = (root and isinstance(node, ast.Tuple)) or isinstance(node, ast.Call)
        if isinstance(value, ast.expr):
            yield from _below(node, name, None, value, False)
        elif isinstance(value, list):
            for i, one in enumerate(value):
                if isinstance(one, ast.expr):
                    yield from _below(node, name, i, one, argument)
                elif isinstance(one, ast.keyword):
                    yield from _below(one, "value", None, one.value, False)
                elif isinstance(one, ast.comprehension):
                    yield from _below(one, "iter", None, one.iter, False)
                    for k, test in enumerate(one.ifs):
                        yield from _below(one, "ifs", k, test, False)


def _of_place(
    function: Function, place: Place, scope: Scope, near: Collection[str] = ()
) -> Iterator[Edit]:
    parent, field, index, node, root = place
    found = list(variants(node, scope))
    if scope.is_numeric(node) and not isinstance(node, ast.Constant):
        found += wrapped(node, scope, root)
        found += [*inside(node, scope), *stable(node, scope), *through(node, scope)]
        if root or isinstance(node, ast.BinOp) or isinstance(parent, ast.BinOp):
            found += with_term(node, scope, near)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
            found += with_power(node, scope, near)
        if root:
            found += with_product(node, scope, near)
        if root or isinstance(parent, ast.Call):
            found += averaged(node, scope)
    for cost, kind, new in found:
        change = Change(parent, field, index, new)
        yield Edit(function, (change,), cost, kind, node, node, new, new)


def _swaps(
    function: Function, statement: ast.stmt, places: list[Place], scope: Scope
) -> Iterator[Edit]:
    """Every two expressions of a statement, exchanged."""
    known = [p for p in places if not isinstance(p[3], ast.Constant) and scope.is_numeric(p[3])]
    for one, two in combinations(known[:MOST_SWAPS], 2):
        a, b = one[3], two[3]
        if a in ast.walk(b) or b in ast.walk(a) or ast.dump(a) == ast.dump(b):
            continue
        if one[0] is two[0] and isinstance(one[0], ast.BinOp):
            continue
        changes = Change(one[0], one[1], one[2], b), Change(two[0], two[1], two[2], a)
        yield Edit(function, changes, 1.1, "order", a, statement, statement)


def _rewriting(function: Function, rewrite: Rewrite) -> Edit:
    changes = tuple(Change(b.parent, b.field, None, body) for b, body in rewrite.blocks)
    return Edit(
        function, changes, rewrite.cost, rewrite.kind, rewrite.place, rewrite.before, rewrite.after
    )
