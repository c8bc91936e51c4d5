"""A student's method that is not written yet, in the five ways in which that happens."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ZEROS = """
import numpy as np
value = {first}
if isinstance(value, np.ndarray):
    return np.zeros_like(value)
if isinstance(getattr(value, "data", None), np.ndarray):
    return type(value)(np.zeros_like(value.data))
return np.zeros(())
"""
WAYS = {
    "raises": "raise NotImplementedError",
    "raises what is no exception": "raise NotImplemented",
    "passes": "pass",
    "returns None": "return None",
    "returns zeros": ZEROS,
    "returns its input": "return {first}",
}


def methods(file: Path) -> Iterator[str]:
    """The methods and functions of a file: `Class.method` or `function`."""
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.ClassDef):
            inner = [n.name for n in node.body if isinstance(n, ast.FunctionDef)]
            yield from (f"{node.name}.{name}" for name in inner)


def unwritten(text: str, name: str, way: str) -> str:
    """The source code without the body of one method."""
    tree = ast.parse(text)
    place, _, method = name.rpartition(".")
    body = next(n.body for n in tree.body if isinstance(n, ast.ClassDef) and n.name == place) if (
        place) else tree.body  # fmt: skip
    function = next(n for n in body if isinstance(n, ast.FunctionDef) and n.name == method)
    arguments = [a.arg for a in function.args.args]
    skipped = 1 if arguments and arguments[0] in ("self", "ctx", "cls") else 0
    first = (arguments[skipped:] or ["self" if skipped else "None"])[0]
    function.body = ast.parse(WAYS[way].format(first=first)).body
    return ast.unparse(ast.fix_missing_locations(tree))
