"""Usual mistakes in one expression: what could stand in its place.

Costs below 1 are the mistakes that are made every day.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import combinations

from mytorch.gradcheck.repair.calls import of_call
from mytorch.gradcheck.repair.edit import ALIAS
from mytorch.gradcheck.repair.parentheses import regrouped
from mytorch.gradcheck.repair.scope import Scope
from mytorch.gradcheck.repair.syntax import (
    Variant,
    apart,
    binary,
    call,
    is_named,
    method,
    negative,
    parse,
)
from mytorch.gradcheck.repair.tracing import TRUTH
from mytorch.gradcheck.repair.twins import twins

OPERATORS: tuple[type[ast.operator], ...] = (ast.Add, ast.Sub, ast.Mult, ast.Div)
COMPARISONS: tuple[tuple[type[ast.cmpop], ...], ...] = (
    (ast.Lt, ast.LtE, ast.Gt, ast.GtE),
    (ast.Eq, ast.NotEq),
    (ast.Is, ast.IsNot),
)
USUAL = {ast.Add, ast.Sub}, {ast.Mult, ast.Div}, {ast.FloorDiv, ast.Div}
"""Operators that are often taken for each other."""
MOST_ELEMENTS = 6
TINY, SHARES = (1e-8, 1e-5, 1e-3, 1e-12), (0.9, 0.1, 0.99, 0.999)
"""Numbers that are taken for each other: what is added to a variance, and shares."""


def variants(node: ast.expr, scope: Scope) -> Iterator[Variant]:
    """What could stand in the place of a node by its own kind."""
    if isinstance(node, ast.BinOp):
        yield from _of_operation(node, scope)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield 0.1, "sign" if isinstance(node.op, ast.USub) else "comparison", node.operand
        if isinstance(inner := node.operand, ast.BinOp):
            first = ast.UnaryOp(node.op, inner.left)
            yield 0.5, "parentheses", binary(first, inner.op, inner.right)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield from _of_comparison(node, scope)
    elif isinstance(node, ast.BoolOp):
        joined = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield 0.4, "comparison", ast.BoolOp(joined, node.values)
        for value in node.values:
            yield 0.8, "comparison", value
    elif isinstance(node, ast.IfExp):
        yield 0.4, "comparison", ast.IfExp(node.test, node.orelse, node.body)
        yield 0.8, "comparison", node.body
        yield 0.8, "comparison", node.orelse
    elif isinstance(node, ast.Call):
        yield from of_call(node, scope)
    elif isinstance(node, ast.List | ast.Tuple) and isinstance(node.ctx, ast.Load):
        yield from _of_list(node)
    elif isinstance(node, ast.Constant):
        yield from _of_constant(node.value)
        if isinstance(node.value, bool):
            for name in scope.arrays:
                for known in ("is not None", "is None"):
                    yield 0.8 + scope.rarity(name), "comparison", parse(f"{name} {known}")
            for name in scope.truths:
                for truth in (name, f"not {name}"):
                    yield 0.5, "constant", parse(truth)
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            for name in scope.numbers:
                usual = 0.6 if name in scope.unused else 0.9 if name in scope.forgotten else 1.2
                yield usual, "constant", parse(name)
            for size in scope.sizes if node.value == 1 else ():
                yield 0.9, "average", parse(f"1 / {size}")
                yield 0.9, "average", parse(f"{size} / ({size} - 1)")
            for name in scope.arrays if node.value == 1 else ():
                near = name in scope.forgotten or (name in scope.read and "." not in name)
                usual = 1.2 if near else 2.2
                yield usual, "term", parse(name)
    elif isinstance(node, ast.Subscript):
        yield 0.7 if isinstance(node.slice, ast.Slice) else 1.2, "range", node.value
        if isinstance(node.slice, ast.Slice):
            yield from _of_slice(node, node.slice)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield 0.2, "transpose", node.value
    if is_named(node):
        if scope.kinds.get(ast.unparse(node)) == TRUTH:
            yield 0.5, "comparison", ast.UnaryOp(ast.Not(), node)
        if ast.unparse(node) in scope.counters:
            for op in (ast.Sub(), ast.Add()):
                yield 0.7, "range", binary(node, op, ast.Constant(1))
        for bound in scope.bounds(node):
            yield 1.2, "comparison", parse(bound)
        for other in scope.alike(node):
            yield 0.8 + scope.rarity(other), "name", parse(other)


def _of_operation(node: ast.BinOp, scope: Scope) -> Iterator[Variant]:
    left, right, op = node.left, node.right, type(node.op)
    for other in OPERATORS:
        if other is not op:
            usual = {op, other} in USUAL
            kind = "sign" if {op, other} == {ast.Add, ast.Sub} else "operator"
            yield 0.3 if usual else 1.4, kind, binary(left, other(), right)
    if op is ast.Mult:
        yield 0.9, "operator", binary(left, ast.MatMult(), right)
        if isinstance(left, ast.List) and len(left.elts) == 1:  # the same object several times
            each = ast.comprehension(ast.Name("_", ast.Store()), call("range", right), [], 0)
            yield 0.7, ALIAS, ast.ListComp(left.elts[0], [each])
    if op not in (ast.Add, ast.Mult):
        yield 0.5, "order", binary(right, node.op, left)
    batch = scope.is_size(right)
    yield 0.2 if batch else 0.6, "average" if batch else "term", left
    summed = op is ast.Add and ast.unparse(left) in scope.given  # `a = a + b` for `a = b`
    yield 0.3 if summed else 0.7, "average" if scope.is_size(left) else "term", right
    if op is ast.Sub:
        yield 0.9, "term", negative(right)
    yield from regrouped(node)
    for inner, outer in ((left, True), (right, False)):
        if isinstance(inner, ast.Call) and len(inner.args) == 1:  # f(a) + b for f(a + b)
            (argument,) = inner.args
            joined = binary(argument, node.op, right) if outer else binary(left, node.op, argument)
            yield 0.8, "order", ast.Call(inner.func, [joined], inner.keywords)
    if op is ast.MatMult:
        for one, two in ((True, False), (False, True), (True, True)):
            yield 0.3, "transpose", binary(_turned(left, one), node.op, _turned(right, two))
        for one, two in ((True, False), (False, True)):  # of tensors
            if scope.is_tensor(left if one else right):
                new = method(left, "T") if one else left, method(right, "T") if two else right
                yield 0.3, "transpose", binary(new[0], node.op, new[1])
        yield 0.5, "transpose", ast.Attribute(node, "T", ast.Load())
        yield 0.6, "transpose", binary(_turned(right, True), node.op, _turned(left, True))
        yield 0.6, "order", binary(_turned(right, True), node.op, left)
        yield 0.6, "order", binary(right, node.op, _turned(left, True))


def _turned(node: ast.expr, turn: bool) -> ast.expr:
    if not turn:
        return node
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return node.value
    return ast.Attribute(node, "T", ast.Load())


def _of_comparison(node: ast.Compare, scope: Scope) -> Iterator[Variant]:
    op = type(node.ops[0])
    for other in next((group for group in COMPARISONS if op in group), ()):
        if other is not op:
            yield 0.3, "comparison", ast.Compare(node.left, [other()], node.comparators)
    yield 0.6, "comparison", ast.UnaryOp(ast.Not(), node)
    if isinstance(node.comparators[0], ast.Constant):
        always = scope.kinds.get(ast.unparse(node.left)) == TRUTH  # the same, for it is not None
        yield 0.2 if always else 0.8, "comparison", ast.UnaryOp(ast.Not(), node.left)


def _of_constant(value: object) -> Iterator[Variant]:
    if isinstance(value, bool):
        yield 0.6, "constant", ast.Constant(not value)
    elif value is None:
        yield 1.2, "constant", ast.Constant(0)
        yield 1.2, "constant", ast.Constant(1)
    elif isinstance(value, int):
        others = dict.fromkeys((0, 1, -1, 2, -value, value + 1, value - 1))
        for other in others:
            if other != value:
                yield 0.6, "constant", ast.Constant(other)
        yield 0.8, "constant", ast.Constant(0.5)
    elif isinstance(value, float):
        floats = dict.fromkeys((0.0, 0.5, 1.0, 2.0, -value, 1 / value if value else 0.0))
        for number in dict.fromkeys((1 - value, *SHARES)) if 0 < value < 2 and value != 1 else ():
            if number != value:
                yield 0.9, "constant", ast.Constant(number)
        for number in floats:
            if number != value:
                yield 0.7, "constant", ast.Constant(number)
        for number in TINY if 0 < value < 0.1 else ():
            if number != value:
                yield 0.4 if value in TINY else 0.7, "constant", ast.Constant(number)


def _of_list(node: ast.List | ast.Tuple) -> Iterator[Variant]:
    """Two elements exchanged, or one left out."""
    for i, j in combinations(range(min(len(node.elts), MOST_ELEMENTS)), 2):
        elements = list(node.elts)
        elements[i], elements[j] = elements[j], elements[i]
        yield 0.9, "order", type(node)(elements, node.ctx)
    for elements in apart(node.elts):
        yield 0.7, ALIAS, type(node)(elements, node.ctx)
    for i in range(len(node.elts)):
        yield 1.3, "term", type(node)(node.elts[:i] + node.elts[i + 1 :], node.ctx)
        there = {ast.dump(element) for element in node.elts}
        for twin in twins(node.elts[i]):
            if ast.dump(twin) not in there:
                yield 0.9, "term", type(node)([*node.elts, twin], node.ctx)


def _of_slice(node: ast.Subscript, piece: ast.Slice) -> Iterator[Variant]:
    for lower, upper in ((None, piece.upper), (piece.lower, None)):
        if (lower, upper) != (piece.lower, piece.upper):
            new = ast.Slice(lower, upper, piece.step)
            yield 0.8, "range", ast.Subscript(node.value, new, ast.Load())
