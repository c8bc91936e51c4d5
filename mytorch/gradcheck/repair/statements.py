"""Usual mistakes in statements: one too many, missing, in the wrong place, or with another name."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from itertools import pairwise

from mytorch.gradcheck.repair.blocks import Block, Rewrite
from mytorch.gradcheck.repair.keeping import apart, exchanged, kept
from mytorch.gradcheck.repair.scope import Scope
from mytorch.gradcheck.repair.syntax import parse, statements
from mytorch.gradcheck.repair.tracing import LISTS
from mytorch.gradcheck.repair.twins import twins

SIMPLE = (ast.Assign, ast.AugAssign, ast.Expr, ast.AnnAssign)
FARTHEST = 5
"""Over how many statements one is moved at most, and one more."""
SWAPPED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}


def rewrites(block: Block, executed: set[int], scope: Scope) -> Iterator[Rewrite]:
    """What could stand in the place of each executed statement of a block."""
    body = block.body
    for i, old in enumerate(body):
        if not set(range(old.lineno, _head(old) + 1)) & executed:
            continue
        replaced = list(_replaced(old, scope))
        if isinstance(old, ast.Return) and i < len(body) - 1:
            replaced.append((0.6, "return", []))
        for cost, kind, new in replaced:
            instead = new or [ast.Pass()]
            whole = [*body[:i], *instead, *body[i + 1 :]]
            yield Rewrite(cost, kind, old, ((block, whole),), [old], new)
        if i + 1 < len(body):
            after = body[i + 1]
            if not _only_text(old):
                whole = [*body[:i], after, old, *body[i + 2 :]]
                yield Rewrite(1.0, "statement", old, ((block, whole),), [old, after], [after, old])
        for j in range(i + 2, min(i + FARTHEST, len(body))):  # moved over several
            if not _only_text(old):
                later = [*body[:i], *body[i + 1 : j + 1], old, *body[j + 1 :]]
                both, turned = [old, body[j]], [body[j], old]
                yield Rewrite(1.2, "statement", old, ((block, later),), both, turned)
                sooner = [*body[:i], body[j], *body[i:j], *body[j + 1 :]]
                yield Rewrite(1.2, "statement", body[j], ((block, sooner),), both, turned)
        if block.outer is None and i == 0 and not _only_text(old):
            for made in _emptied(block.parent):
                whole = [made, *body]
                yield Rewrite(1.5, "statement", old, ((block, whole),), [old], [made, old])
        if block.outer is not None and i in (0, len(body) - 1):
            yield from _moved_out(block, old, i)


def _emptied(function: ast.AST) -> Iterator[ast.stmt]:
    """`x = []` for each `x` that something is appended to."""
    lists = {
        ast.unparse(node.value)
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and node.attr == "append"
    }
    for name in sorted(lists):
        yield from statements(f"{name} = []")


def _head(statement: ast.stmt) -> int:
    """The last line of a statement without the statements inside of it."""
    body = getattr(statement, "body", None)
    if isinstance(body, list) and body:
        return max(statement.lineno, int(body[0].lineno) - 1)
    return statement.end_lineno or statement.lineno


def _only_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _replaced(old: ast.stmt, scope: Scope) -> Iterator[tuple[float, str, list[ast.stmt]]]:
    if _only_text(old):
        return
    if isinstance(old, ast.Break | ast.Continue):
        yield 0.5, "statement", [ast.Continue() if isinstance(old, ast.Break) else ast.Break()]
    if not isinstance(old, ast.Return | ast.For | ast.While | ast.FunctionDef):
        yield 0.8, "statement", []
    if isinstance(old, ast.If):
        yield 0.8, "comparison", list(old.body)
        if old.orelse:
            yield 1.0, "comparison", list(old.orelse)
    yield from _assigned(old)
    yield from kept(old, scope)
    yield from exchanged(old)
    yield from apart(old)
    if isinstance(old, ast.For):
        for name, new in _ranges(old.iter):
            loop = copy.copy(old)
            loop.iter = new
            yield 0.9, name, [loop]
    if isinstance(old, (*SIMPLE, ast.Return)):
        for twin in twins(old):
            yield 0.9, "name", [twin]
            if isinstance(old, SIMPLE):
                yield 1.3, "statement", [old, twin]
                yield 1.6, "statement", [twin, old]
    if isinstance(old, ast.Assign) and len(old.targets) == 1:
        target = old.targets[0]
        if isinstance(target, ast.Name | ast.Attribute):
            yield from _stored_elsewhere(old, target, scope)


def _assigned(old: ast.stmt) -> Iterator[tuple[float, str, list[ast.stmt]]]:
    """`=` for `+=` and the other way round."""
    target = old.targets[0] if isinstance(old, ast.Assign) and len(old.targets) == 1 else None
    if isinstance(old, ast.Assign) and isinstance(target, ast.Name | ast.Attribute | ast.Subscript):
        for op in (ast.Add(), ast.Sub(), ast.Mult(), ast.Div()):
            new: ast.stmt = ast.AugAssign(target, op, old.value)
            yield 0.6 if isinstance(op, ast.Add) else 1.0, "operator", [new]
        if isinstance(target, ast.Subscript):  # of a dictionary
            before = ast.Attribute(target.value, "get", ast.Load())
            there = ast.Call(before, [target.slice, ast.Constant(0)], [])
            total = ast.BinOp(there, ast.Add(), old.value)
            yield 0.8, "operator", [ast.Assign([target], total)]
    elif isinstance(old, ast.AugAssign):
        yield 0.5, "operator", [ast.Assign([old.target], old.value)]
        other = SWAPPED.get(type(old.op))
        if other is not None:
            yield 0.2, "sign", [ast.AugAssign(old.target, other(), old.value)]


def _ranges(iterated: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """What a loop could run over instead: less of it, or backwards."""
    for piece in ("[:-1]", "[1:]", "[::-1]"):
        subscript = parse(f"x{piece}")
        assert isinstance(subscript, ast.Subscript)
        yield "range", ast.Subscript(iterated, subscript.slice, ast.Load())
    name = getattr(getattr(iterated, "func", None), "id", "")
    if name == "reversed" and isinstance(iterated, ast.Call):
        yield "order", iterated.args[0]
    elif name != "enumerate":
        wrapped = ast.Call(ast.Name("list", ast.Load()), [iterated], [])
        yield "order", ast.Call(ast.Name("reversed", ast.Load()), [wrapped], [])


def _stored_elsewhere(
    old: ast.Assign, target: ast.Name | ast.Attribute, scope: Scope
) -> Iterator[tuple[float, str, list[ast.stmt]]]:
    """The result kept under another name, or under one more."""
    own = ast.unparse(target)
    kind = scope.kinds.get(own)
    for name, other in scope.kinds.items():
        if "." not in name or name == own or other in (LISTS,) or name.endswith((".data", "]")):
            continue
        where = parse(name)
        assert isinstance(where, ast.Attribute)
        place = ast.Attribute(where.value, where.attr, ast.Store())
        if kind is None or other == kind:
            yield 1.4, "name", [ast.Assign([place], old.value)]
        same = where.attr == own and name in scope.read
        kept = ast.Assign([place], parse(own))
        yield 1.2 if same else 2.2, "statement", [old, kept]


def _moved_out(block: Block, old: ast.stmt, i: int) -> Iterator[Rewrite]:
    """The first statement of a loop or a condition put before it, the last one behind it."""
    outer = block.outer
    if outer is None or isinstance(block.parent, ast.FunctionDef | ast.ClassDef):
        return
    around, number, body = outer.body, block.number, block.body
    inside = [*body[:i], *body[i + 1 :]] or [ast.Pass()]
    for first, place in ((True, number), (False, number + 1)):
        if i == (0 if first else len(body) - 1):
            whole = [*around[:place], old, *around[place:]]
            yield Rewrite(1.2, "statement", old, ((block, inside), (outer, whole)), [old], [old])


def moved_in(block: Block, executed: set[int]) -> Iterator[Rewrite]:
    """A statement behind a loop or a condition, put at its end."""
    body = block.body
    for i, (compound, old) in enumerate(pairwise(body)):
        if not isinstance(compound, ast.For | ast.If | ast.While) or old.lineno not in executed:
            continue
        inside = [*compound.body, old]
        whole = [*body[: i + 1], *body[i + 2 :]]
        inner = Block(compound, "body", block, i)
        yield Rewrite(1.2, "statement", old, ((inner, inside), (block, whole)), [old], [old])
