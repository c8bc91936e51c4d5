"""Small pieces of Python as syntax trees; their place is set where they are put."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TypeGuard

Variant = tuple[float, str, ast.expr]
"""What could stand in a place: its cost, a kind of `edit.KINDS` and the new expression."""

REDUCTIONS = ("sum", "mean", "max", "min", "var", "std")
NO_NUMBERS = (ast.Tuple, ast.List, ast.Set, ast.Dict, ast.BoolOp, ast.Lambda, ast.Starred,
              ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)  # fmt: skip
OF_NO_NUMBERS = {
    *("all", "any", "callable", "dict", "enumerate", "filter", "hasattr", "id", "isinstance"),
    *("iter", "len", "list", "map", "object", "print", "range", "repr", "reversed", "set", "str"),
    *("sorted", "super", "tuple", "type", "vars", "zip"),
}
"""Expressions, and functions whose results, are no numbers or need no formula."""


@cache
def parse(text: str) -> ast.expr:
    """An expression, the same tree each time; its place is set where it is put."""
    tree = ast.parse(text, mode="eval")
    _take_places(tree)
    return tree.body


@cache
def statements(text: str) -> list[ast.stmt]:
    """Statements, as `parse`."""
    tree = ast.parse(text)
    _take_places(tree)
    return tree.body


def _take_places(tree: ast.AST) -> None:
    for node in ast.walk(tree):
        for name in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
            if hasattr(node, name):
                delattr(node, name)


def call(function: str, *arguments: ast.expr) -> ast.expr:
    """`function(arguments)`."""
    return ast.Call(parse(function), list(arguments), [])


def method(value: ast.expr, name: str, **options: bool | int) -> ast.expr:
    """`value.name(options)`."""
    keywords = [ast.keyword(key, ast.Constant(option)) for key, option in options.items()]
    return ast.Call(ast.Attribute(value, name, ast.Load()), [], keywords)


def binary(left: ast.expr, operator: ast.operator, right: ast.expr) -> ast.expr:
    """`left operator right`."""
    return ast.BinOp(left, operator, right)


def is_named(node: ast.AST) -> TypeGuard[ast.Name | ast.Attribute | ast.Subscript]:
    """Whether it is a name, an attribute or an element of a dictionary: `x`, `self.x`, `d["x"]`."""
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
    return isinstance(node, ast.Name | ast.Attribute)


def is_calculation(node: ast.expr) -> bool:
    """Whether an expression that is no name can give numbers, as far as one can tell."""
    if isinstance(node, NO_NUMBERS):
        return False
    if isinstance(node, ast.UnaryOp):
        return not isinstance(node.op, ast.Not)
    if isinstance(node, ast.Compare):
        return not isinstance(node.ops[0], ast.Is | ast.IsNot | ast.In | ast.NotIn)
    if isinstance(node, ast.Call):
        return getattr(node.func, "attr", getattr(node.func, "id", "")) not in OF_NO_NUMBERS
    return True


def is_reduced(parent: object) -> bool:
    """Whether what is in a node is summed or so: `x.sum()` or `np.sum(x)`."""
    name = getattr(parent, "func", parent)
    return getattr(name, "attr", getattr(name, "id", "")) in REDUCTIONS


def apart(elements: Sequence[ast.expr]) -> Iterator[list[ast.expr]]:
    """Elements of which one that stands there twice is a copy the second time."""
    texts = list(map(ast.unparse, elements))
    for i, element in enumerate(elements):
        if texts[i] in texts[:i] and is_named(element):
            yield [*elements[:i], parse(f"{texts[i]}.copy()"), *elements[i + 1 :]]


def negative(value: ast.expr) -> ast.expr:
    """`-value`, or what a minus stands before."""
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub):
        return value.operand
    return ast.UnaryOp(ast.USub(), value)


def replaced(tree: ast.expr, old: ast.expr, new: ast.expr) -> ast.expr:
    """A copy of an expression with `new` wherever `old` stood."""
    if ast.dump(tree) == ast.dump(old):
        return new
    result = copy.copy(tree)
    result.is_placed = True  # type: ignore[attr-defined]  # it has the place of its edit
    for name, value in ast.iter_fields(tree):
        if isinstance(value, ast.expr):
            setattr(result, name, replaced(value, old, new))
        elif isinstance(value, list):
            parts = [replaced(v, old, new) if isinstance(v, ast.expr) else v for v in value]
            setattr(result, name, parts)
    return result
