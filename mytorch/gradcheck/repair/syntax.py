"""Small pieces of Python as syntax trees; their place is set where they are put."""

from __future__ import annotations

import ast
import copy
from functools import cache


@cache
def parse(text: str) -> ast.expr:
    """An expression, the same tree each time; its place is set where it is put first."""
    tree = ast.parse(text, mode="eval").body
    for node in ast.walk(tree):
        for name in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
            if hasattr(node, name):
                delattr(node, name)
    return tree


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


def negative(value: ast.expr) -> ast.expr:
    """`-value`."""
    return ast.UnaryOp(ast.USub(), value)


def replaced(tree: ast.expr, old: ast.expr, new: ast.expr) -> ast.expr:
    """A copy of an expression with `new` wherever `old` stood."""
    if ast.dump(tree) == ast.dump(old):
        return new
    result = copy.copy(tree)
    for name, value in ast.iter_fields(tree):
        if isinstance(value, ast.expr):
            setattr(result, name, replaced(value, old, new))
        elif isinstance(value, list):
            parts = [replaced(v, old, new) if isinstance(v, ast.expr) else v for v in value]
            setattr(result, name, parts)
    return result
