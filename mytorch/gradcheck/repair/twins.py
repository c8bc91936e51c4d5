"""Parts of a layer come in pairs; a line about one is often forgotten or copied for the other."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from functools import cache
from typing import TypeVar

from mytorch.gradcheck.repair.blocks import Block, Rewrite

TWINS = (("mean", "var"), ("W", "b"), ("w", "b"), ("weight", "bias"), ("gamma", "beta"))
"""Parts of names that come in pairs."""
PREFIXES = ("", "d", "grad", "v", "m", "g", "mom", "vel", "delta", "dLd")
WORDS = {prefix + word for pair in TWINS for word in pair for prefix in PREFIXES}
PART = re.compile(r"[^\W_]+")
Node = TypeVar("Node", bound=ast.AST)


def twins(old: Node) -> Iterator[Node]:
    """The same code for the twin of what it is about: `var` for `mean`, `db` for `dW`."""
    for one, two in TWINS if WORDS & set(PART.findall(ast.unparse(old))) else ():
        for here, there in ((one, two), (two, one)):
            new = copy.deepcopy(old)
            if _renamed(new, here, there):
                yield new


def by_twins(block: Block, executed: set[int]) -> Iterator[Rewrite]:
    """A statement as its twin has it; and all statements of a block again, for their twins."""
    body = block.body
    there = {ast.dump(statement) for statement in body}
    targets = [_target(statement) for statement in body]
    for other in body:
        for twin in twins(other):
            target = _target(twin)
            for i, old in enumerate(body):
                if not target or targets[i] != target or old.lineno not in executed:
                    continue
                if ast.dump(twin) not in there:
                    whole = [*body[:i], twin, *body[i + 1 :]]
                    yield Rewrite(1.0, "name", old, ((block, whole),), [old], [twin])
    words = set(PART.findall(" ".join(map(ast.unparse, body))))
    if not words & WORDS or not any(statement.lineno in executed for statement in body):
        return
    for one, two in TWINS:
        for here, other_one in ((one, two), (two, one)):
            new, last = [], -1
            for i, statement in enumerate(body):
                twin = copy.deepcopy(statement)
                if isinstance(statement, ast.Assign | ast.AugAssign | ast.Expr) and _renamed(
                    twin, here, other_one
                ):
                    new.append(twin)
                    last = i
            if len(new) > 1 and not there & {ast.dump(statement) for statement in new}:
                old = body[last]
                whole = [*body[: last + 1], *new, *body[last + 1 :]]
                yield Rewrite(1.2, "statement", old, ((block, whole),), [old], [old, *new])


def _target(statement: ast.stmt) -> str:
    """What a statement gives a value, and how, as Python."""
    if isinstance(statement, ast.AugAssign):
        return f"{ast.unparse(statement.target)} {type(statement.op).__name__}"
    if isinstance(statement, ast.Assign):
        return ast.unparse(statement.targets[0])
    return ""


def _renamed(tree: ast.AST, here: str, there: str) -> bool:
    changed = False
    for node in ast.walk(tree):
        for field in ("id", "attr", "value"):  # the last for the key of a dictionary
            name = getattr(node, field, None)
            if isinstance(name, str) and (new := other_name(name, here, there)) != name:
                setattr(node, field, new)
                changed = True
    return changed


def other_name(name: str, here: str, there: str) -> str:
    """A name with the twin of a part of it."""
    words = name.split("_")
    for i, word in enumerate(words):
        for prefix in PREFIXES:
            if word == prefix + here:
                words[i] = prefix + there
    return "_".join(words)


@cache
def other_names(name: str) -> set[str]:
    """The names of the twins of what has this one: `self.dbeta` for `self.dgamma`."""
    base, dot, last = name.rpartition(".")
    both = [(here, there) for one, two in TWINS for here, there in ((one, two), (two, one))]
    return {f"{base}{dot}{other_name(last, *pair)}" for pair in both} - {name}
