"""Functions that are made while a file is imported: closures, and lambdas outside of functions."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator, Mapping, Sequence
from types import CodeType, FunctionType
from typing import Any

LAMBDA = "<lambda>"
COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
Definition = tuple[ast.FunctionDef, tuple[str, ...]]
Span = tuple[tuple[int, int], tuple[int, int]]


def lambdas(body: Sequence[ast.stmt], outer: tuple[str, ...] = ()) -> Iterator[Definition]:
    """The lambdas outside of functions, as definitions, with the classes that they are in."""
    for statement in body:
        if isinstance(statement, ast.ClassDef):
            yield from lambdas(statement.body, (*outer, statement.name))
        elif not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(statement):
                if isinstance(node, ast.Lambda):
                    value = ast.copy_location(ast.Return(node.body), node.body)
                    definition = ast.FunctionDef(LAMBDA, node.args, [value], [], None)
                    vars(definition)["type_params"] = []
                    yield ast.copy_location(definition, node), outer


def in_use(names: Mapping[str, Any]) -> list[FunctionType]:
    """The functions that now exist and whose global names these are."""
    return [
        one for one in gc.get_objects() if type(one) is FunctionType and one.__globals__ is names
    ]


def made_of(node: ast.FunctionDef, existing: Sequence[FunctionType]) -> list[FunctionType]:
    """Those that were made of a lambda, by the place of their code in the file."""
    (value,) = node.body
    whole = _span(value)
    return [
        one
        for one in existing
        if one.__code__.co_name == LAMBDA and _covers(whole, _places(one.__code__))
    ]


def _span(node: ast.stmt) -> Span:
    end = node.end_lineno or node.lineno, node.end_col_offset or 0
    return (node.lineno, node.col_offset), end


def _places(code: CodeType) -> list[Span]:
    """Where the instructions stand that are of the code of a function, not around it."""
    found = []
    positions = getattr(code, "co_positions", tuple)  # which Python 3.10 does not know
    for line, end_line, column, end in positions():
        if line is not None and column != end:
            found.append(((line, column or 0), (end_line or line, end or 0)))
    return found


def _covers(whole: Span, parts: Sequence[Span]) -> bool:
    """Whether the parts begin and end where the whole does."""
    return bool(parts) and (min(p[0] for p in parts), max(p[1] for p in parts)) == whole


def inside(code: CodeType) -> Iterator[CodeType]:
    """The code of the functions inside of a function."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from inside(constant)


def paired(old: CodeType, new: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """The code of each function inside of a function, and its changed code."""
    before, after = (
        [c for c in code.co_consts if isinstance(c, CodeType) and c.co_name not in COMPREHENSIONS]
        for code in (old, new)
    )
    if [c.co_name for c in before] == [c.co_name for c in after]:
        for one, two in zip(before, after, strict=True):
            if one.co_freevars == two.co_freevars:
                yield one, two
                yield from paired(one, two)
