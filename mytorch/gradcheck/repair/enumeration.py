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
from mytorch.gradcheck.repair.blocks import Rewrite, blocks
from mytorch.gradcheck.repair.edit import Change, Edit
from mytorch.gradcheck.repair.expressions import variants
from mytorch.gradcheck.repair.formulas import (
    activations,
    called,
    known,
    local_terms,
    normalised,
    of_columns,
    scaled,
    second_path,
)
from mytorch.gradcheck.repair.insertions import insertions
from mytorch.gradcheck.repair.scope import Scope, names_given
from mytorch.gradcheck.repair.sensitivity import NO_EFFECTS, Effects, penalty_inside
from mytorch.gradcheck.repair.sources import Function, is_filled, is_unwritten
from mytorch.gradcheck.repair.statements import moved_in, rewrites
from mytorch.gradcheck.repair.syntax import Variant, is_named, is_reduced
from mytorch.gradcheck.repair.tracing import Trace
from mytorch.gradcheck.repair.twins import by_twins

ASKING = ("getattr", "hasattr", "isinstance", "super")
"""Functions whose arguments are no part of a formula."""
OF_ARRAYS = ("data", "T", "shape", "dtype")
"""Attributes of arrays and tensors that are no methods."""
MOST_SWAPS = 14
"""Of how many expressions of one statement every two are exchanged."""
CHEAPEST, SWAPPED, GIVEN = 0.1, 1.1, 0.5
"""What any edit costs at least, two parts that are exchanged, and a default value besides, which
often is given.
"""
COMPARED = 0.8
"""How much less usual it is that a side of a comparison should be put into something."""
CHEAPEST_TERM, CHEAPEST_OF_MANY, CHEAPEST_INSERTION = 1.1, 1.3, 0.3
"""What edits cost at least of which there are many."""
HANDED_ON = 0.6
"""How much less usual an average is that is missing where a name is handed on."""
Place = tuple[Any, str, int | None, ast.expr, bool]


def edits(
    function: Function,
    trace: Trace,
    modules: dict[str, str],
    effects: Effects = NO_EFFECTS,
    most: float = 9.0,
) -> Iterator[Edit]:
    """The edits of what was executed, in the order of the code; none where nothing is written.

    Kinds of edits that all cost more than `most` are left out.
    """
    if is_unwritten(function.node):
        return
    scope = Scope(function, trace, modules)
    for place in _defaults(function):
        for edit in _of_place(function, place, scope, (), most):
            edit.cost += GIVEN
            yield edit
    for block in blocks(function.node):
        for statement in block.body:
            lines = range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
            if not trace.lines & set(lines):
                continue
            if isinstance(statement, ast.Return) and is_filled(statement.value):
                continue  # it is not written
            most_here = most - penalty_inside(statement, effects)
            if most_here < CHEAPEST:
                continue
            scope.given = names_given(statement)
            kept = _kept_as_given(function, statement)
            places = [p for p in _expressions(statement) if getattr(p[3], "id", "") not in kept]
            near = {ast.unparse(p[3]) for p in places if is_named(p[3])}
            for place in places:
                yield from _of_place(function, place, scope, near, most_here)
            if most_here >= SWAPPED:
                yield from _swaps(function, statement, places, scope)
        rewritten = [*rewrites(block, trace.lines, scope), *moved_in(block, trace.lines)]
        rewritten += by_twins(block, trace.lines)
        if most >= CHEAPEST_INSERTION:
            rewritten += insertions(block, trace.lines, scope, most)
        yield from (_rewriting(function, one) for one in rewritten if one.cost <= most)


def _kept_as_given(function: Function, statement: ast.stmt) -> set[str]:
    """What a new object keeps under its own name: `lr` of `self.lr = lr`.

    Another value there would only make good what is wrong where it is used.
    """
    if function.node.name != "__init__" or not isinstance(statement, ast.Assign):
        return set()
    pairs = [(target, statement.value) for target in statement.targets]
    for target, value in pairs[:]:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs += zip(target.elts, value.elts, strict=False)
    return {
        value.id
        for target, value in pairs
        if isinstance(value, ast.Name) and ast.unparse(target) == f"self.{value.id}"
    }


def _defaults(function: Function) -> Iterator[Place]:
    for field in ("defaults", "kw_defaults"):
        for i, value in enumerate(getattr(function.node.args, field)):
            if isinstance(value, ast.Constant):
                yield function.node.args, field, i, value, False


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
    function: Function, place: Place, scope: Scope, near: Collection[str], most: float
) -> Iterator[Edit]:
    parent, field, index, node, _ = place
    for cost, kind, new in _variants(place, scope, near, most):
        # of a result that is made for it, a length would be a number in another form
        wrong = _is_measured(parent) and (not is_named(new) or scope.is_single(new))
        if cost <= most and not wrong:
            change = Change(parent, field, index, new)
            yield Edit(function, (change,), cost, kind, node, node, new)


def _is_measured(parent: object) -> bool:
    """Whether it is `len(...)`, or the `shape` of what stands in it."""
    return getattr(parent, "attr", getattr(getattr(parent, "func", None), "id", "")) in (
        "len",
        "shape",
    )


def _variants(place: Place, scope: Scope, near: Collection[str], most: float) -> Iterator[Variant]:
    """What could stand in a place, as far as it may cost no more than `most`."""
    parent, _, _, node, root = place
    yield from variants(node, scope)
    if root and isinstance(node, ast.Constant | ast.Name):
        yield from activations(scope)
    if not scope.is_numeric(node) or isinstance(node, ast.Constant):
        return
    if isinstance(parent, ast.Attribute) and parent.attr in OF_ARRAYS:
        return  # a calculation stands around it, if anywhere
    compared = COMPARED * isinstance(parent, ast.Compare)
    handed_on = HANDED_ON * (isinstance(parent, ast.Call) and is_named(node))
    for cost, kind, new in wrapped(node, scope, root):
        yield cost + compared + handed_on * (kind == "average"), kind, new
    yield from inside(node, scope, root)
    # what goes into a call is shifted there, if anywhere
    yield from stable(node, scope, root and not isinstance(parent, ast.Call))
    yield from through(node, scope)
    if root or isinstance(parent, ast.BinOp):
        yield from normalised(node, scope)
    if root:
        yield from known(node, scope, near)
        yield from scaled(node, scope, near)
        yield from second_path(node, scope)
        yield from of_columns(node, scope)
    if root or isinstance(parent, ast.Call):
        yield from called(node, scope)
    if most >= CHEAPEST_TERM and (
        root or isinstance(node, ast.BinOp) or isinstance(parent, ast.BinOp) or is_reduced(parent)
    ):
        yield from with_term(node, scope, near)
    if isinstance(node, ast.BinOp):
        yield from local_terms(node, scope)
    if most < CHEAPEST_OF_MANY:
        return
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        yield from with_power(node, scope, near)
    if root:
        yield from with_product(node, scope, near)
    if root or isinstance(parent, ast.Call):
        yield from averaged(node, scope)


def _swaps(
    function: Function, statement: ast.stmt, places: list[Place], scope: Scope
) -> Iterator[Edit]:
    """Every two expressions of a statement, exchanged."""
    numeric = [p for p in places if not isinstance(p[3], ast.Constant) and scope.is_numeric(p[3])]
    for one, two in combinations(numeric[:MOST_SWAPS], 2):
        a, b = one[3], two[3]
        if a in ast.walk(b) or b in ast.walk(a) or ast.dump(a) == ast.dump(b):
            continue
        if one[0] is two[0] and isinstance(one[0], ast.BinOp):
            continue
        changes = Change(one[0], one[1], one[2], b), Change(two[0], two[1], two[2], a)
        yield Edit(function, changes, SWAPPED, "order", a, statement, statement)


def _rewriting(function: Function, rewrite: Rewrite) -> Edit:
    changes = tuple(Change(b.parent, b.field, None, body) for b, body in rewrite.blocks)
    return Edit(
        function, changes, rewrite.cost, rewrite.kind, rewrite.place, rewrite.before, rewrite.after
    )
