"""Mistakes made at random in right solutions, by text: what a student could have written instead.

These know nothing of the search that is to find them: each replaces a piece of the source text.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.support.style import Style, write
from tests.support.styles import STYLES

SKIPPED = ("__call__", "error", "total_loss", "parameters", "__repr__")
SWAPS = {"sum": "mean", "mean": "sum", "max": "min", "maximum": "minimum", "var": "std"}
OPERATORS = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*"}
COMPARED = {ast.Lt: "<=", ast.Gt: ">=", ast.LtE: "<", ast.GtE: ">", ast.Eq: "!="}
NUMPY = ("sqrt", "exp", "log", "tanh", "abs")


class Mutant(NamedTuple):
    """A right solution with one mistake: the file's new text, and the line that is wrong."""

    style: Style
    file: str
    method: str
    operator: str
    line: int
    old: str
    new: str
    text: str


class _Possible(NamedTuple):
    """A mistake that could be made at a place of a file."""

    style: Style
    file: str
    method: str
    operator: str
    place: ast.expr | ast.stmt
    new: str
    text: str

    def made(self) -> Mutant | None:
        """The mutant; None where it is no Python or nothing changes."""
        old = ast.get_source_segment(self.text, self.place)
        text = _replaced(self.text, self.place, self.new)
        try:
            ast.parse(text)
        except SyntaxError:
            return None
        if old is None or old == self.new:
            return None
        line = self.place.lineno
        names = self.style, self.file, self.method, self.operator
        return Mutant(*names, line, old, self.new, text)


def draw(count: int, seed: int) -> list[Mutant]:
    """Mutants drawn from all that can be made, each operator as often as each other."""
    dice = random.Random(seed)
    by_operator: dict[str, list[_Possible]] = {}
    with TemporaryDirectory() as folder:
        for number, style in enumerate(_sources()):
            target = Path(folder) / str(number)
            write(style, target)
            for one in _of(style, target):
                by_operator.setdefault(one.operator, []).append(one)
    found: list[Mutant] = []
    for possible in by_operator.values():
        dice.shuffle(possible)
    while len(found) < count and any(by_operator.values()):
        for possible in by_operator.values():
            mutant = possible.pop().made() if possible else None
            if mutant is not None and len(found) < count:
                found.append(mutant)
    return found


def _sources() -> list[Style]:
    bases = [Style(f"as it is: {b}", b, ()) for b in ("classic2020", "classic2019", "autograd")]
    return [*bases, *STYLES]


def _of(style: Style, folder: Path) -> Iterator[_Possible]:
    """The mistakes in the files that a style changes, or in all files where it changes none."""
    changed = {file for file, _, _ in style.edits}
    for path in sorted(folder.rglob("*.py")):
        file = path.relative_to(folder).as_posix()
        if changed and file not in changed:
            continue
        text = path.read_text()
        for method, node in _methods(ast.parse(text)):
            for operator, place, new in _mistakes(node):
                yield _Possible(style, file, method, operator, place, new, text)


def _methods(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and method.name not in SKIPPED:
                    yield f"{node.name}.{method.name}", method


def _replaced(text: str, place: ast.expr | ast.stmt, new: str) -> str:
    lines = text.splitlines(keepends=True)
    first, last = place.lineno - 1, (place.end_lineno or place.lineno) - 1
    head = lines[first].encode()[: place.col_offset].decode()
    tail = lines[last].encode()[place.end_col_offset :].decode()
    return "".join([*lines[:first], head + new + tail, *lines[last + 1 :]])


def _mistakes(method: ast.FunctionDef) -> Iterator[tuple[str, ast.expr | ast.stmt, str]]:
    called = {ast.unparse(node.func) for node in ast.walk(method) if isinstance(node, ast.Call)}
    names = {
        ast.unparse(node)
        for node in ast.walk(method)
        if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load)
    }
    values = sorted(names - called)
    arguments = [a.arg for a in method.args.args if a.arg not in ("self", "ctx", "cls")]
    for node in ast.walk(method):
        if isinstance(node, ast.expr):
            yield from _in_expression(node, values, arguments)
        if isinstance(node, ast.stmt) and node is not method:
            yield from _in_statement(node, arguments)
        body = getattr(node, "body", None)
        if isinstance(body, list):
            yield from _of_neighbours(body)


def _in_expression(
    node: ast.expr, names: list[str], arguments: list[str]
) -> Iterator[tuple[str, ast.expr, str]]:
    text = ast.unparse(node)
    if isinstance(node, ast.BinOp):
        left, right = ast.unparse(node.left), ast.unparse(node.right)
        if type(node.op) in OPERATORS:
            yield "another operator", node, f"({left} {OPERATORS[type(node.op)]} {right})"
        if isinstance(node.op, ast.Sub | ast.Div | ast.MatMult | ast.Pow):
            sign = {ast.Sub: "-", ast.Div: "/", ast.MatMult: "@", ast.Pow: "**"}[type(node.op)]
            yield "operands swapped", node, f"(({right}) {sign} ({left}))"
        if isinstance(node.op, ast.Div):
            yield "a division less", node, f"({left})"
        if isinstance(node.op, ast.Pow):
            yield "a power less", node, f"({left})"
        if isinstance(node.op, ast.Add | ast.Sub | ast.Mult):
            yield "a term less", node, f"({left})"
            yield "the first term less", node, f"({right})"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "a sign less", node, f"({ast.unparse(node.operand)})"
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARED:
        left, right = ast.unparse(node.left), ast.unparse(node.comparators[0])
        yield "another comparison", node, f"({left} {COMPARED[type(node.ops[0])]} {right})"
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield "a transpose less", node, f"({ast.unparse(node.value)})"
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        if isinstance(node.value, bool):
            yield "another constant", node, str(not node.value)
        else:
            yield "another constant", node, repr(node.value + 1 if node.value < 1 else 0)
    if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
        for other in names:
            same_kind = ("." in other) == ("." in text) and not other.startswith("np")
            if text in names and other != text and text != "self" and same_kind:
                yield "another name", node, other
    if isinstance(node, ast.Call):
        yield from _in_call(node, text)


def _in_call(node: ast.Call, text: str) -> Iterator[tuple[str, ast.expr, str]]:
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if name in SWAPS:
        yield "another function", node, text.replace(f"{name}(", f"{SWAPS[name]}(")
    for keyword in node.keywords:
        rest = ast.Call(node.func, node.args, [k for k in node.keywords if k is not keyword])
        if keyword.arg == "axis":
            other = "1" if ast.unparse(keyword.value) == "0" else "0"
            now = f"axis={ast.unparse(keyword.value)}"
            yield "another axis", node, text.replace(now, f"axis={other}")
            yield "an axis less", node, ast.unparse(rest)
        if keyword.arg == "keepdims":
            yield "keepdims less", node, ast.unparse(rest)
    if name == "var":
        yield "ddof", node, f"{text[:-1]}, ddof=1)" if not text.endswith("()") else text
    if name in NUMPY and node.args:
        yield "a function less", node, f"({ast.unparse(node.args[0])})"
    if name == "range":
        yield "a range one shorter", node, f"{text}[:-1]"


def _in_statement(
    node: ast.stmt, arguments: list[str]
) -> Iterator[tuple[str, ast.expr | ast.stmt, str]]:
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr) and not (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ):
        yield "a statement less", node, "pass"
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = ast.unparse(node.targets[0])
        yield "+= for =", node, f"{target} += {ast.unparse(node.value)}"
    if isinstance(node, ast.AugAssign):
        yield "= for +=", node, f"{ast.unparse(node.target)} = {ast.unparse(node.value)}"
    value = getattr(node, "value", None)
    if isinstance(node, ast.Assign | ast.Return) and isinstance(value, ast.BinOp | ast.Call):
        text = ast.unparse(value)
        yield "a sign more", value, f"(-({text}))"
        if arguments:
            yield "an average more", value, f"(({text}) / len({arguments[0]}))"
        yield "a square more", value, f"(({text}) ** 2)"
        yield "another dtype", value, f"(({text}).astype(np.float32))"
        yield "a transpose more", value, f"(({text}).T)"


def _of_neighbours(body: list[ast.stmt]) -> Iterator[tuple[str, ast.stmt, str]]:
    """Two neighbours on one line, or of one line each, in the other order."""
    for one, two in pairwise(body):
        simple = ast.Assign | ast.AugAssign | ast.Expr
        if isinstance(one, simple) and isinstance(two, simple) and not ast.get_docstring(
            ast.Module([one], [])
        ):  # fmt: skip
            both = ast.Expr(ast.Constant(0))
            both.lineno, both.col_offset = one.lineno, one.col_offset
            both.end_lineno, both.end_col_offset = two.end_lineno, two.end_col_offset
            between = "; " if one.lineno == two.lineno else f"\n{' ' * one.col_offset}"
            yield "two statements swapped", both, f"{ast.unparse(two)}{between}{ast.unparse(one)}"
