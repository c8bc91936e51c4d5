"""Takes the bodies out of functions, and as much of their docstrings as is asked for."""

from __future__ import annotations

import ast
from collections.abc import Collection

LEVELS = ("full", "hints", "signatures")
"""How much docstrings tell: all; their first paragraph, without the formula; nothing."""


def blanked(text: str, names: Collection[str], docstrings: str = "full") -> str:
    """Source code in which the named functions raise NotImplementedError.

    With `docstrings` at "hints" only the first paragraph of their docstrings stays, at "signatures"
    nothing. Raises ValueError for a name that is not there.
    """
    lines = text.splitlines(keepends=True)
    found = functions(text)
    missing = [name for name in names if name not in found]
    if missing:
        raise ValueError(f"blanked: there is no {', '.join(missing)}")
    for node in sorted((found[name] for name in names), key=lambda n: -n.lineno):
        first = node.body[0]
        indent = " " * first.col_offset
        written = ast.get_docstring(node)
        said = "" if written is None else _told(written, docstrings, indent)
        start = first.lineno - 1
        lines[start : node.end_lineno] = [said, f"{indent}raise NotImplementedError\n"]
    return "".join(lines)


def _told(docstring: str, level: str, indent: str) -> str:
    first, _, rest = docstring.partition("\n\n")
    if level == "signatures":
        return ""
    if level == "hints" or not rest:
        body = first.splitlines()
        body[-1] += '"""'
    else:
        body = [*docstring.splitlines(), '"""']
    body[0] = '"""' + body[0]
    return "".join(f"{indent}{line}".rstrip() + "\n" for line in body)


def functions(text: str) -> dict[str, ast.FunctionDef]:
    """The functions and methods of some source code by their names: `Class.method`."""
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.ClassDef):
            found |= {
                f"{node.name}.{inner.name}": inner
                for inner in node.body
                if isinstance(inner, ast.FunctionDef)
            }
    return found
