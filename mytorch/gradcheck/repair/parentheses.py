"""Parentheses that are missing, or one pair too many, in a calculation."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from mytorch.gradcheck.repair.syntax import Variant

SIGNS: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", 1), ast.Sub: ("-", 1), ast.Mult: ("*", 2), ast.Div: ("/", 2),
    ast.FloorDiv: ("//", 2), ast.MatMult: ("@", 2), ast.Pow: ("**", 3),
}  # fmt: skip
"""How each operator is written, and how strongly it binds."""
MOST = 7
"""Of how many parts a calculation is looked at."""
USUAL = 0.5


def regrouped(node: ast.BinOp) -> Iterator[Variant]:
    """The calculation as it is written, with one pair of parentheses more or less."""
    parts: list[ast.expr] = []
    tokens = list(_tokens(node, parts, 0))
    seen = {ast.dump(node)}
    for new in _written(tokens):
        tree = _filled(ast.parse(new, mode="eval").body, parts) if len(parts) <= MOST else node
        if ast.dump(tree) not in seen:
            seen.add(ast.dump(tree))
            yield USUAL, "parentheses", tree


def _tokens(node: ast.expr, parts: list[ast.expr], weakest: int) -> Iterator[str]:
    """The signs, parentheses and parts of a calculation; the parts are kept, by their number.

    What binds as strongly as `weakest` at most stands in parentheses.
    """
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not parts:
        yield "-"
        node, weakest = node.operand, max(weakest, 1)
    if not isinstance(node, ast.BinOp) or type(node.op) not in SIGNS:
        parts.append(node)
        yield f"_{len(parts) - 1}"
        return
    sign, strength = SIGNS[type(node.op)]
    if strength <= weakest:
        yield "("
    is_power = isinstance(node.op, ast.Pow)
    yield from _tokens(node.left, parts, strength - 1 + is_power)
    yield sign
    yield from _tokens(node.right, parts, strength - is_power)
    if strength <= weakest:
        yield ")"


def _written(tokens: Sequence[str]) -> Iterator[str]:
    """The calculations with one pair of parentheses more, or less."""
    places = [i for i, token in enumerate(tokens) if token.startswith("_")]
    for n, i in enumerate(places):
        for j in places[n + 1 :]:
            if tokens[i : j + 1].count("(") == tokens[i : j + 1].count(")"):
                yield " ".join([*tokens[:i], "(", *tokens[i : j + 1], ")", *tokens[j + 1 :]])
    opened: list[int] = []
    for j, token in enumerate(tokens):
        if token == "(":
            opened.append(j)
        elif token == ")":
            i = opened.pop()
            yield " ".join([*tokens[:i], *tokens[i + 1 : j], *tokens[j + 1 :]])


def _filled(tree: ast.expr, parts: Sequence[ast.expr]) -> ast.expr:
    """A tree with the parts in the place of their numbers."""
    if isinstance(tree, ast.Name):
        return parts[int(tree.id[1:])]
    if isinstance(tree, ast.BinOp):
        return ast.BinOp(_filled(tree.left, parts), tree.op, _filled(tree.right, parts))
    assert isinstance(tree, ast.UnaryOp)
    return ast.UnaryOp(tree.op, _filled(tree.operand, parts))
