"""The lists of statements in a function, and what could stand there instead."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Block(NamedTuple):
    """A list of statements: `getattr(parent, field)`, and the block that its parent is in."""

    parent: ast.AST
    field: str
    outer: Block | None = None
    number: int = 0

    @property
    def body(self) -> list[ast.stmt]:
        """The statements."""
        return list(getattr(self.parent, self.field))


class Rewrite(NamedTuple):
    """Other statements for blocks, about the statement `place`."""

    cost: float
    kind: str
    place: ast.stmt
    blocks: tuple[tuple[Block, list[ast.stmt]], ...]
    before: Sequence[ast.stmt]
    after: Sequence[ast.stmt]


def blocks(node: ast.AST, outer: Block | None = None, number: int = 0) -> Iterator[Block]:
    """All lists of statements in a function, those of functions inside of it included."""
    for field in ("body", "orelse", "finalbody"):
        body = getattr(node, field, None)
        if isinstance(body, list) and body:
            block = Block(node, field, outer, number)
            yield block
            for i, statement in enumerate(body):
                yield from blocks(statement, block, i)
