"""Fingerprints of code by winnowing (Schleimer, Wilkerson and Aiken 2003), function by function.

Layout, comments, docstrings, annotations and the names of variables leave no trace in them, nor
does the order of functions and files. What NumPy and Python call their own things does.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import io
import keyword
import tokenize
import warnings
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

GRAM, WINDOW = 12, 4
"""How many tokens make a fingerprint, and of how many in a row one is kept."""
NAMES = {*dir(builtins), "np", "numpy", *keyword.kwlist}
"""Names that are nobody's variables."""
ATTRIBUTES = {*dir(np), *dir(np.ndarray)}
"""What is NumPy's after a dot, but for `self.mean`."""
KEPT = {tokenize.NAME, tokenize.NUMBER, tokenize.OP}
LARGEST = 200_000
"""How many characters of a file are looked at."""


class Place(NamedTuple):
    """A function of a hand-in: its file, and its first and last line."""

    file: str
    first: int
    last: int


def fingerprints(sources: Mapping[str, str]) -> dict[int, set[Place]]:
    """The fingerprints of a hand-in, and in which functions each is."""
    found: dict[int, set[Place]] = {}
    for file, text in sources.items():
        for place, tokens in _functions(file, text[:LARGEST]):
            for mark in winnowed(tokens):
                found.setdefault(mark, set()).add(place)
    return found


def winnowed(tokens: list[str]) -> set[int]:
    """The smallest hash of every `WINDOW` hashes of `GRAM` tokens in a row."""
    hashes = [_hash(tokens[n : n + GRAM]) for n in range(len(tokens) - GRAM + 1)]
    return {min(hashes[n : n + WINDOW]) for n in range(max(1, len(hashes) - WINDOW + 1)) if hashes}


def _hash(tokens: list[str]) -> int:
    return int.from_bytes(hashlib.blake2b(" ".join(tokens).encode(), digest_size=8).digest(), "big")


def _functions(file: str, text: str) -> Iterator[tuple[Place, list[str]]]:
    """The functions of a file that are in no other, with their tokens; none if it has no syntax."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            waiting = list(ast.parse(text).body)
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                place = Place(file, node.lineno, node.end_lineno or node.lineno)
                yield place, list(_tokens(node))
            elif isinstance(node, ast.ClassDef | ast.If | ast.Try):
                waiting += node.body
    except (SyntaxError, ValueError, RecursionError, MemoryError, UnicodeEncodeError):
        return


def _tokens(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """The tokens of a function's body, written anew in one layout, with variables made alike."""
    body = [node for node in function.body if not _is_text(node)]
    code = ast.unparse(ast.Module([_Alike().visit(node) for node in body], []))
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type in KEPT:
            yield token.string
        elif token.type == tokenize.STRING:
            yield "S"
        elif token.type == tokenize.NEWLINE:
            yield ";"


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


class _Alike(ast.NodeTransformer):
    """Gives all variables one name, and takes annotations away."""

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(node.id if node.id in NAMES else "v", node.ctx)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        own = isinstance(node.value, ast.Name) and node.value.id == "self"
        name = node.attr if node.attr in ATTRIBUTES and not own else "a"
        return ast.Attribute(self.visit(node.value), name, node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg("v", None)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return ast.Pass()
        target = self.visit(node.target)
        return ast.Assign([target], self.visit(node.value), lineno=node.lineno)
