"""Small pieces of Python as syntax trees; their place is set where they are put."""

from __future__ import annotations

import ast
from keyword import iskeyword


def parse(text: str) -> ast.expr:
    """An expression; its place is set where it is put."""
    first, *rest = names = text.split(".")
    if all(name.isidentifier() and not iskeyword(name) for name in names):  # most are: much faster
        found: ast.expr = ast.Name(first, ast.Load())
        for name in rest:
            found = ast.Attribute(found, name, ast.Load())
        return found
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
