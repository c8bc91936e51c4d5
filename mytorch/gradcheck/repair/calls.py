"""Usual mistakes in a call: another function, other arguments, another axis."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mytorch.gradcheck.repair.edit import ALIAS
from mytorch.gradcheck.repair.scope import Scope
from mytorch.gradcheck.repair.syntax import REDUCTIONS, Variant, apart, binary, call, parse

ALIKE = (
    REDUCTIONS,
    ("exp", "log", "log2", "log10", "sqrt", "square", "abs", "tanh"),
    ("maximum", "minimum"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("dot", "multiply", "matmul", "outer"),
    ("argmax", "argmin"),
    ("greater", "greater_equal", "less", "less_equal"),
    ("add", "subtract", "multiply", "divide"),
)
"""Functions that are taken for each other."""


def of_call(node: ast.Call, scope: Scope) -> Iterator[Variant]:
    """What could stand in the place of a call."""
    function = node.func
    name = getattr(function, "attr", getattr(function, "id", ""))
    for group in ALIKE:
        if name not in group:
            continue
        for other in group:
            if other == name:
                continue
            usual = {name, other} == {"sum", "mean"} or name.startswith(("greater", "less"))
            new: ast.expr = (
                ast.Attribute(function.value, other, ast.Load())
                if isinstance(function, ast.Attribute)
                else ast.Name(other, ast.Load())
            )
            kind = "average" if {name, other} == {"sum", "mean"} else "call"
            yield 0.2 if usual else 1.1, kind, ast.Call(new, node.args, node.keywords)
    if name in REDUCTIONS:
        yield from _of_reduction(node, name)
    yield from _of_end(node, name)
    if name == "astype" and node.args:
        for other in scope.arrays:
            usual = 0.7 if other in scope.read else 1.1
            yield usual, "shape", ast.Call(function, [parse(f"{other}.dtype")], node.keywords)
    for arguments in apart(node.args):
        yield 0.7, ALIAS, ast.Call(function, arguments, node.keywords)
    for i in range(len(node.keywords)):
        rest = node.keywords[:i] + node.keywords[i + 1 :]
        kind = {"axis": "axis", "keepdims": "shape", "dtype": "shape"}.get(
            str(node.keywords[i].arg), "call"
        )
        yield 0.5, kind, ast.Call(function, node.args, rest)
    if len(node.args) == 1 and isinstance(argument := node.args[0], ast.BinOp):
        for left, right in ((True, False), (False, True), (True, True)):  # f(a) + b, or a + f(b)
            one = ast.Call(function, [argument.left], node.keywords) if left else argument.left
            two = ast.Call(function, [argument.right], node.keywords) if right else argument.right
            yield 0.8, "order", binary(one, argument.op, two)
    if isinstance(function, ast.Attribute) and not scope.is_module(function.value):
        yield 0.2 if name == "astype" else 0.9, "call", function.value
    if node.args and not isinstance(node.args[0], ast.Starred):
        yield 0.9, "call", node.args[0]
    if node.args and ".data" in (text := ast.unparse(node.args[0])):
        yield 1.0, "call", parse(text.replace(".data", ""))  # it was a tensor already
        for tensor, methods in scope.tensors.items() if ".data." in text else ():
            for other in methods if f"{tensor}.data" in text else ():
                yield 1.2, "call", parse(f"{tensor}.{other}()")
    of_module = scope.is_module(getattr(function, "value", function))
    if len(node.args) == 1 and not node.keywords and not of_module:
        for name in scope.truths:  # an optional second argument
            for truth in (name, f"not {name}"):
                yield 1.1, "term", ast.Call(function, [*node.args, parse(truth)], [])
    if len(node.args) == 2:
        yield 0.8, "order", ast.Call(function, node.args[::-1], node.keywords)
    if name == "range":
        yield 0.7, "range", call("reversed", node)
        for i, argument in enumerate(node.args):
            for op in (ast.Add(), ast.Sub()):
                moved = binary(argument, op, ast.Constant(1))
                args = [*node.args[:i], moved, *node.args[i + 1 :]]
                yield 0.7, "range", ast.Call(function, args, [])
    elif len(node.args) > 1:
        for i in range(1, len(node.args)):
            yield 1.2, "call", ast.Call(function, node.args[:i] + node.args[i + 1 :], node.keywords)


def _of_end(node: ast.Call, name: str) -> Iterator[Variant]:
    """The other end of a list: `append(x)` for `insert(0, x)`, and the reverse."""
    if isinstance(node.func, ast.Attribute):
        value = node.func.value
        if name == "append" and len(node.args) == 1:
            insert = ast.Attribute(value, "insert", ast.Load())
            yield 0.7, "order", ast.Call(insert, [ast.Constant(0), node.args[0]], [])
        elif name == "insert" and len(node.args) == 2:
            append = ast.Attribute(value, "append", ast.Load())
            yield 0.7, "order", ast.Call(append, [node.args[1]], [])


def _of_reduction(node: ast.Call, name: str) -> Iterator[Variant]:
    """Another axis, keepdims or ddof; where these are given as keywords or not at all."""
    given = {k.arg: getattr(k.value, "value", "?") for k in node.keywords}
    axes: tuple[int | None, ...] = (0, 1, None)
    for axis in axes:
        for keep in (True, False):
            wanted: dict[str, bool | int] = {}
            wanted |= {} if axis is None else {"axis": axis}
            wanted |= {"keepdims": True} if keep else {}
            now = {key: given[key] for key in ("axis", "keepdims") if given.get(key)}
            if given.get("axis") == 0:
                now["axis"] = 0
            if wanted == now or (axis is None and keep):
                continue
            rest = [k for k in node.keywords if k.arg not in ("axis", "keepdims")]
            new = [ast.keyword(key, ast.Constant(value)) for key, value in wanted.items()]
            changed = (wanted.get("axis") != now.get("axis")) + (keep != bool(now.get("keepdims")))
            kind = "axis" if wanted.get("axis") != now.get("axis") else "shape"
            yield 0.1 + 0.3 * changed, kind, ast.Call(node.func, node.args, [*rest, *new])
    if name in ("var", "std"):
        rest = [k for k in node.keywords if k.arg != "ddof"]
        other = [] if "ddof" in given else [ast.keyword("ddof", ast.Constant(1))]
        yield 0.3, "average", ast.Call(node.func, node.args, rest + other)
