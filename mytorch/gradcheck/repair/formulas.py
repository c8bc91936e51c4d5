"""Whole formulas that could stand in a place, made of the names around it."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

from mytorch.gradcheck.repair.edit import ALIAS
from mytorch.gradcheck.repair.scope import Scope
from mytorch.gradcheck.repair.syntax import Variant, binary, call, method, parse
from mytorch.gradcheck.repair.tracing import ARRAYS

SLOPES = ("{0} * (1 - {0})", "1 - {0} ** 2", "({0} > 0) * 1.0", "({0} > 0).astype({0}.dtype)")
"""The derivatives of the usual activations, by their output."""
SUMS = tuple(
    f"{{0}}.{name}(axis=0{keep})" for name in ("sum", "mean") for keep in (", keepdims=True", "")
)
"""The gradients of a bias, by those of the output."""
ACTIVATIONS = ("1 / (1 + {1}.exp(-{0}))", "{1}.tanh({0})", "{1}.maximum({0}, 0)", "{0} * ({0} > 0)")
"""The usual activations, by their input and the name of NumPy."""
OF_ROWS = (
    "{1}.exp({0}) / {1}.exp({0}).sum(axis=1, keepdims=True)",
    "{0} - {1}.log({1}.exp({0}).sum(axis=1, keepdims=True))",
)
"""Softmax and its logarithm."""
SHIFTED = "({0} - {0}.max(axis=1, keepdims=True))"
REDUCED = tuple(
    f"{{0}}.{name}(axis={axis}, keepdims=True)"
    for name in ("sum", "mean", "max", "var") for axis in (0, 1)
)  # fmt: skip
COMBINED = ("{0} + {1}", "{0} - {1}", "{0} * {1}", "{0} / {1}", "{0} @ {1}", "{0}.T @ {1}")
MOST = 12
"""How many names are combined with each other."""


def known(node: ast.expr, scope: Scope, near: Collection[str]) -> Iterator[Variant]:
    """A derivative or a reduction of one name; a copy of what is shared otherwise."""
    for name in scope.arrays:
        if scope.kinds[name] == "array" and (name in near or name in scope.read):
            for form in SUMS:
                yield 1.6, "axis", parse(form.format(name))
        if scope.kinds[name] == "array" and (name in scope.read or name.startswith("self.")):
            for form in SLOPES:
                yield 1.7 if name in scope.read else 2.1, "term", parse(form.format(name))
    name = ast.unparse(node)
    if scope.kinds.get(name, "").startswith("of "):
        is_gradient = any("grad" in given for given in scope.given)
        yield 0.1 if is_gradient else 1.2, ALIAS, parse(f"type({name})({name}.data.copy())")


def activations(scope: Scope) -> Iterator[Variant]:
    """The usual activations of what the function is given."""
    for name in scope.parameters if scope.numpy else ():
        if scope.kinds.get(name) == ARRAYS:
            for form in ACTIVATIONS:
                yield 1.3, "term", parse(form.format(name, scope.numpy))


def normalised(node: ast.expr, scope: Scope) -> Iterator[Variant]:
    """A value that should be divided by a root: `node / np.sqrt(a + b)`, an array and a number."""
    if scope.numpy:
        for one in scope.arrays:
            for two in scope.numbers:
                if two in scope.shares and len(scope.shapes.get(one, (2, 2, 2))) < 3:
                    usual = 1.4 if {one, two} <= scope.forgotten else 1.7
                    root = parse(f"{scope.numpy}.sqrt({one} + {two})")
                    yield usual, "term", binary(node, ast.Div(), root)


def of_missing(scope: Scope) -> Iterator[str]:
    """What a name that nothing gives a value could stand for, in Python."""
    arrays = scope.arrays[:MOST]
    for name in arrays:
        yield from (form.format(name) for form in REDUCED)
        if scope.numpy:
            for value in (SHIFTED.format(name), name):
                yield from (form.format(value, scope.numpy) for form in OF_ROWS)
            yield from (f"{scope.numpy}.{f}({name})" for f in ("exp", "sqrt", "log"))
    for one in arrays:
        for two in (*arrays, *scope.numbers):
            if one != two:
                yield from (form.format(one, two) for form in COMBINED)


def called(node: ast.expr, scope: Scope) -> Iterator[Variant]:
    """A value that should go through a method of an object of a list, or be a factor of it."""
    for one, methods in scope.objects.items():
        for name in scope.calls & {name for name, count in methods.items() if count == 1}:
            yield 1.6, "call", call(f"{one}.{name}", node)
    for several, methods in scope.several.items():
        for i in scope.counters:
            for name, count in methods.items():
                one = f"{several}[{i}].{name}"
                if count == 0:
                    yield 1.6, "term", binary(node, ast.Mult(), parse(f"{one}()"))
                elif count == 1:
                    yield 1.6, "call", call(one, node)


def local_terms(node: ast.BinOp, scope: Scope) -> Iterator[Variant]:
    """A sum without the mean of something, or a product without the slope of an activation."""
    for name in scope.arrays:
        if name in scope.read and isinstance(node.op, ast.Add | ast.Sub):
            for axis in (0, 1):
                mean = method(parse(name), "mean", axis=axis, keepdims=True)
                yield 1.8, "term", binary(node, ast.Sub(), mean)
        elif name in scope.read and isinstance(node.op, ast.Mult):
            for slope in (f"(1 - {name} ** 2)", f"({name} * (1 - {name}))"):
                yield 1.8, "term", binary(node, ast.Mult(), parse(slope))


def of_columns(node: ast.expr, scope: Scope) -> Iterator[Variant]:
    """One more term that has a value for each column: what was calculated, times a table.

    Such are those of a mean and of a variance in the gradient of a batch norm.
    """
    rows = [name for name in scope.arrays if name in scope.unused or name in scope.read]
    rows = [name for name in rows if len({1, *scope.shapes.get(name, (2, 2))}) <= 2]
    tables = [n for n in scope.arrays if n in scope.read and len(scope.shapes.get(n, ())) == 2]
    values = dict.fromkeys((*tables, *scope.differences))
    for one in rows:
        cost = 1.4 if one in scope.unused else 1.7 if one in scope.written else 1.8
        for size in scope.sizes[:1]:
            products = [one, *(f"{one} * {value}" for value in values if value != one)]
            for term in (
                f"{times}{product} / {size}" for times in ("", "2 * ") for product in products
            ):
                for op in (ast.Add(), ast.Sub()):
                    yield cost, "term", binary(node, op, parse(term))


def second_path(node: ast.expr, scope: Scope) -> Iterator[Variant]:
    """The gradient along one more path is added: a product as this one, or of an unused value."""
    for one in scope.arrays:
        if one in scope.unused:
            for two in scope.arrays:
                for product in (f"{one} @ {two}.T", f"{one} @ {two}", f"{one} * {two}"):
                    yield 1.7, "term", binary(node, ast.Add(), parse(product))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult | ast.Mult):
        left, right = (list(_others(side, scope)) for side in (node.left, node.right))
        for one in left:
            for two in right:
                product = f"{one} {'@' if isinstance(node.op, ast.MatMult) else '*'} {two}"
                yield 1.9, "term", binary(node, ast.Add(), parse(product))


def _others(node: ast.expr, scope: Scope) -> Iterator[str]:
    """What stands beside an array in a class: with as many axes, and turned as it is."""
    name = ast.unparse(node)
    base, turned = name.removesuffix(".T"), ".T" * name.endswith(".T")
    axes, attribute = len(scope.shapes.get(base, ())), "." in base
    for other in scope.arrays if base in scope.shapes else ():
        same = len(scope.shapes.get(other, ())) == axes and ("." in other) == attribute
        if same and other != base:
            yield other + turned


def scaled(node: ast.expr, scope: Scope, near: Collection[str]) -> Iterator[Variant]:
    """A scale and a shift: `a * node + b`, of two attributes of the same object."""
    names = [n for n in scope.arrays if "." in n and n not in near and not n.endswith(".data")]
    for one in names:
        for two in names:
            if one != two and one.rpartition(".")[0] == two.rpartition(".")[0]:
                product = binary(parse(one), ast.Mult(), node)
                forgotten = not {one, two} & scope.read
                yield 1.6 if forgotten else 2.8, "term", binary(product, ast.Add(), parse(two))
