"""What an expression could be put into or be a part of: a sign, an average, one more term."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from itertools import combinations

from mytorch.gradcheck.repair.edit import ALIAS
from mytorch.gradcheck.repair.scope import Scope
from mytorch.gradcheck.repair.syntax import Variant, binary, call, method, negative, parse, replaced

LIKELY, PARTS = 9, 10
"""How many of the names around are likely to be a missing factor, and parts of a product."""


def inside(node: ast.expr, scope: Scope, root: bool) -> Iterator[Variant]:
    """One part of a calculation instead of all of it, or a name in scope."""
    if isinstance(node, ast.BinOp | ast.Call | ast.Subscript | ast.UnaryOp):
        for part in ast.walk(node):
            if not isinstance(part, ast.expr) or isinstance(part, ast.Constant) or part is node:
                continue
            if scope.is_numeric(part):
                yield 1.0 if root else 1.2, "term", part
        for name in scope.arrays:
            yield 1.2 + scope.rarity(name), "name", parse(name)


def stable(node: ast.expr, scope: Scope, root: bool) -> Iterator[Variant]:
    """The forms of exp and log of a softmax that do not overflow: LogSumExp."""
    name = getattr(getattr(node, "func", None), "attr", "")
    if root and scope.exponents:
        yield 1.2, "overflow", binary(node, ast.Sub(), method(node, "max", axis=1, keepdims=True))
        for logits in scope.exponents:
            largest = method(logits, "max", axis=1, keepdims=True)
            yield 1.2, "overflow", replaced(node, logits, binary(logits, ast.Sub(), largest))
    if not isinstance(node, ast.Call) or len(node.args) != 1 or not scope.numpy:
        return
    if name == "exp":
        largest = method(node.args[0], "max", axis=1, keepdims=True)
        shifted = binary(node.args[0], ast.Sub(), largest)
        yield 1.2, "overflow", ast.Call(node.func, [shifted], [])
    if name.startswith("log"):
        for logits in scope.exponents:
            summed = method(call(f"{scope.numpy}.exp", logits), "sum", axis=1, keepdims=True)
            total = call(f"{scope.numpy}.log", summed)
            yield 1.5, "overflow", binary(logits, ast.Sub(), total)


def averaged(node: ast.expr, scope: Scope) -> Iterator[Variant]:
    """A value that should be averaged with an earlier one: `a * x + (1 - a) * value`."""
    for share in scope.shares:
        for old in scope.arrays:
            kept = old in scope.given or old.removesuffix(".data") in scope.given
            usual = 1.3 if share in scope.spare and kept else 1.7 if kept else 2.4
            for one, two in ((share, f"(1 - {share})"), (f"(1 - {share})", share)):
                left = binary(parse(one), ast.Mult(), parse(old))
                right = binary(parse(two), ast.Mult(), node)
                yield usual, "average", binary(left, ast.Add(), right)


def through(node: ast.expr, scope: Scope) -> Iterator[Variant]:
    """A value that should go through a function of the same file."""
    for name, count in scope.helpers.items():
        extra = 0.0 if name in scope.mentioned else 0.7
        if count == 1:
            yield 1.6 - extra, "call", call(name, node)
        elif count == 2:
            for other in scope.arrays[:8]:
                yield 1.7 - extra, "call", call(name, node, parse(other))
                yield 1.7 - extra, "call", call(name, node, parse(f"{other}.shape"))


def wrapped(node: ast.expr, scope: Scope, root: bool) -> Iterator[Variant]:
    """What a calculation could be put into: a sign, an average, a function."""
    yield (0.3 if root else 0.9), "sign", negative(node)
    variance = "var" in ast.unparse(node)
    for size in scope.sizes:
        for op in (ast.Div(), ast.Mult()):
            usual = 0.4 if root else 0.7 if isinstance(node, ast.BinOp) else 1.0
            yield usual, "average", binary(node, op, parse(size))
        yield 1.3, "average", binary(node, ast.Div(), parse(f"({size} - 1)"))
        unbiased = 0.6 if root and variance else 1.5
        yield unbiased, "average", binary(node, ast.Mult(), parse(f"({size} / ({size} - 1))"))
    yield 0.7 if root else 1.1, "transpose", ast.Attribute(node, "T", ast.Load())
    is_tensor = scope.kinds.get(ast.unparse(node), "").startswith("of ")
    for axis in () if is_tensor else (0, 1):
        for name in ("sum", "mean"):
            for keep in (True, False):
                options: dict[str, bool | int] = {"axis": axis}
                options |= {"keepdims": True} if keep else {}
                yield (0.9 if root else 1.5), "axis", method(node, name, **options)
    if root:
        for name in () if is_tensor else ("sum", "mean"):
            yield 1.0, "axis", method(node, name)
        yield 1.0, "shape", ast.Subscript(node, ast.Constant(None), ast.Load())
        yield 1.0, "shape", ast.Subscript(node, ast.Constant(0), ast.Load())
        yield 1.0, "shape", ast.Call(ast.Attribute(node, "reshape", ast.Load()),
                                     [ast.Constant(1), ast.Constant(-1)], [])  # fmt: skip
        yield 1.0, "shape", ast.Call(ast.Attribute(node, "astype", ast.Load()),
                                     [ast.Name("float", ast.Load())], [])  # fmt: skip
        yield 1.3, ALIAS, method(node, "copy")
    for power, cost in ((2, 1.1), (0.5, 1.2), (-1, 1.4), (-0.5, 1.6), (-2, 1.9), (-3, 1.9)):
        yield cost, "operator", binary(node, ast.Pow(), ast.Constant(power))
    yield 1.2, "term", binary(ast.Constant(1), ast.Sub(), node)
    yield 1.3, "term", binary(ast.Constant(1), ast.Add(), node)
    yield 1.3, "term", binary(node, ast.Sub(), ast.Constant(1))
    yield 1.4, "term", binary(ast.Constant(2), ast.Mult(), node)
    yield 1.4, "term", binary(node, ast.Div(), ast.Constant(2))
    for name in scope.functions:
        usual = 0.8 if variance and name.endswith("sqrt") else 1.3
        yield usual, "call", call(name, node)


def with_term(node: ast.expr, scope: Scope, near: Collection[str]) -> Iterator[Variant]:
    """A calculation with one more term or factor."""
    for i, name in enumerate(scope.terms(node, near)):
        likely = 1.1 if name in scope.spare else 1.6 if i < LIKELY else 2.5
        for op in (ast.Mult(), ast.Div(), ast.Add(), ast.Sub()):
            yield likely, "term", binary(node, op, parse(name))
        for before in (ast.Sub(), ast.Div(), ast.MatMult()):
            yield 2.6, "term", binary(parse(name), before, node)
        if name in scope.numbers:
            yield 1.8, "operator", binary(node, ast.Pow(), parse(name))
            yield 1.8, "operator", binary(node, ast.Pow(), parse(f"({name} - 1)"))


def with_power(node: ast.expr, scope: Scope, near: Collection[str]) -> Iterator[Variant]:
    """A product with one more factor that is a power."""
    for name in scope.terms(node, near):
        for power in ("2", "-1", "-2", "-3", "0.5", "-0.5", "-1.5"):
            yield 2.8, "term", binary(node, ast.Mult(), parse(f"{name} ** {power}"))


def with_product(node: ast.expr, scope: Scope, near: Collection[str]) -> Iterator[Variant]:
    """A calculation with one more product of two things in scope, or with `(1 - a) * b`."""
    names, numbers = scope.terms(node, near), scope.numbers
    for size in scope.sizes[:1]:
        for i, one in enumerate(names):
            for op in (ast.Add(), ast.Sub()):
                yield 1.7 if i < LIKELY else 2.7, "term", binary(node, op, parse(f"{one} / {size}"))
        for one, two in combinations(names[:PARTS], 2):
            for op in (ast.Add(), ast.Sub()):
                yield 2.4, "term", binary(node, op, parse(f"{one} * {two} / {size}"))
    for i, one in enumerate(names):
        for two in names[i:]:
            for op in (ast.Add(), ast.Sub()):
                yield 3.5, "term", binary(node, op, parse(f"{one} * {two}"))
    for one in numbers:
        for two in names:
            yield 3.5, "term", binary(node, ast.Add(), parse(f"(1 - {one}) * {two}"))
