"""Whole formulas that could stand in a place, made of the names around it.

A variant is a cost, a kind of `edit.KINDS` and the new expression, as in `expressions`.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from mytorch.gradcheck.repair.expressions import Variant
from mytorch.gradcheck.repair.scope import Scope
from mytorch.gradcheck.repair.syntax import binary, call, parse

SLOPES = ("{0} * (1 - {0})", "1 - {0} ** 2", "({0} > 0) * 1.0", "({0} > 0).astype({0}.dtype)")
"""The derivatives of the usual activations, by their output."""
SUMS = tuple(
    f"{{0}}.{name}(axis=0{keep})" for name in ("sum", "mean") for keep in (", keepdims=True", "")
)
"""The gradients of a bias, by those of the output."""


def known(node: ast.expr, scope: Scope, near: Collection[str]) -> Iterator[Variant]:
    """A derivative or a reduction of one name; a copy of what is shared otherwise."""
    for name in scope.arrays:
        if scope.kinds[name] == "array" and (name in near or name in scope.read):
            for form in SUMS:
                yield 1.6, "axis", parse(form.format(name))
            for form in SLOPES:
                yield 1.7, "term", parse(form.format(name))
    name = ast.unparse(node)
    if scope.kinds.get(name, "").startswith("of "):
        yield 1.2, "call", parse(f"type({name})({name}.data.copy())")


def called(node: ast.expr, scope: Scope) -> Iterator[Variant]:
    """A value that should go through a method of an object of a list, or be a factor of it."""
    for several, methods in scope.several.items():
        for i in scope.counters:
            for name, count in methods.items():
                one = f"{several}[{i}].{name}"
                if count == 0:
                    yield 1.6, "term", binary(node, ast.Mult(), parse(f"{one}()"))
                elif count == 1:
                    yield 1.6, "call", call(one, node)


def scaled(node: ast.expr, scope: Scope, near: Collection[str]) -> Iterator[Variant]:
    """A scale and a shift: `a * node + b`, of two attributes of the same object."""
    names = [n for n in scope.arrays if "." in n and n not in near and not n.endswith(".data")]
    for one in names:
        for two in names:
            if one != two and one.rpartition(".")[0] == two.rpartition(".")[0]:
                product = binary(parse(one), ast.Mult(), node)
                forgotten = not {one, two} & scope.read
                yield 1.6 if forgotten else 2.8, "term", binary(product, ast.Add(), parse(two))
