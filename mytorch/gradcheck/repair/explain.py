"""Says where an edit is and what it changes."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mytorch.gradcheck.repair.choosing import MOST_OTHERS, Place
from mytorch.gradcheck.repair.edit import Edit
from mytorch.gradcheck.repair.sources import Function

LONGEST, WIDEST = 120, 66
NEIGHBOURS = 1
"""How many lines are shown before and after the line."""


def described(
    edits: Sequence[Edit], others: Sequence[Sequence[Edit]], root: Path, is_sure: bool = True
) -> list[dict[str, Any]]:
    """Edits by lines, each with its place, its kind, and the change in Python.

    Each of `others` would do instead of as many of the last of them. Where it is not sure which
    is meant, only the lines are said.
    """
    lines: dict[Place, list[Edit]] = {}
    for edit in edits:
        lines.setdefault((edit.function.file, edit.line), []).append(edit)
    found = [_described(together, root) for together in lines.values()]
    for one, numbers in zip(found, _instead(list(lines), others), strict=True):
        one["others"] = sorted(numbers[:MOST_OTHERS])
        if not is_sure:
            one |= {"kind": "line", "change": ""}
    return found


def _instead(places: list[Place], others: Sequence[Sequence[Edit]]) -> list[list[int]]:
    """For each place the lines of its file that would do instead, the most usual first."""
    found: list[list[int]] = [[] for _ in places]
    for other in others:
        theirs = {(edit.function.file, edit.line) for edit in other}
        free = sorted({*places[-len(other) :]} - theirs)
        for (file, line), place in zip(sorted(theirs - {*places}), free, strict=False):
            numbers = found[places.index(place)]
            if file == place[0] and line not in numbers:
                numbers.append(line)
    return found


def _described(edits: Sequence[Edit], root: Path) -> dict[str, Any]:
    edit = edits[0]
    place, source = edit.place, edit.function.source
    line = int(getattr(place, "lineno", 1))
    last = int(getattr(place, "end_lineno", line) or line)
    text = source[line - 1] if line <= len(source) else ""
    column = _characters(text, int(getattr(place, "col_offset", 0)))
    end = _characters(text, int(getattr(place, "end_col_offset", 0))) if last == line else len(text)
    first = max(1, line - NEIGHBOURS)
    return {
        "file": _relative(edit.function.file, root),
        "line": line,
        "column": column + 1,
        "end": max(end, column + 1) + 1,
        "method": edit.function.name,
        "kind": edit.kind,
        "assigned": _assigned(edit),
        "change": ", and ".join(map(change, edits)),
        "first": first,
        "others": [],
        "lines": source[first - 1 : line + NEIGHBOURS],
    }


def placed(function: Function, root: Path) -> dict[str, Any]:
    """The name of a function, its file, and its first and last line."""
    node = function.node
    last = node.end_lineno or node.lineno
    file = _relative(function.file, root)
    return {"name": function.name, "file": file, "first": node.lineno, "last": last}


def change(edit: Edit) -> str:
    """What the edit does, in Python."""
    before, after = edit.before, edit.after
    if not after:
        return f"without {_quoted(before)}"
    if isinstance(edit.place, ast.stmt):
        if after.startswith(f"{before}; "):
            return f"{_quoted(after[len(before) + 2 :])} added after it"
        if after.startswith(f"{before}\n"):
            return f"{_quoted(after[len(before) :])} added at its end"
        if after.endswith(f"; {before}"):
            return f"{_quoted(after[: -len(before) - 2])} added before it"
        if after == before:
            return f"{_quoted(before)} in another block"
    return f"{_quoted(before)} -> {_quoted(after)}"


def right(changed: str) -> str:
    """What a sentence says of a change: `right with ...`, or `right without ...`."""
    return f"right {'' if changed.startswith('without ') else 'with '}{changed}"


def _assigned(edit: Edit) -> list[str]:
    """What the statement of an edit assigns, without its object; `return` for a result."""
    statement: ast.stmt | None = None
    for node in ast.walk(edit.function.node):
        if isinstance(node, ast.stmt) and edit.place in ast.walk(node):
            statement = node  # the last one that is found is the innermost
    if isinstance(statement, ast.Return):
        return ["return"]
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    names = [n for target in targets if target is not None for n in ast.walk(target)]
    found = [getattr(n, "attr", getattr(n, "id", None)) for n in names]
    return [name for name in found if isinstance(name, str)]


def numbered(line: int, others: Sequence[int]) -> str:
    """A line, and other ones that would do."""
    return " or ".join([f"line {line}", *map(str, others)])


def marked(lines: Sequence[str], first: int, line: int, column: int, end: int) -> Iterator[str]:
    """Lines of a file from number `first` on, and a mark under a place (columns from 1 on)."""
    for number, text in enumerate(lines, first):
        left = 0
        if number == line:
            left = min(max(0, column - 1 - WIDEST // 2), max(0, len(text) - WIDEST))
        yield f"{number:5} | {text[left : left + WIDEST]}".rstrip()
        if number == line:
            width = max(1, min(end - column, WIDEST))
            yield f"{'':5} | {(' ' * (column - 1 - left) + '^' * width)[:WIDEST]}"


def _quoted(text: str) -> str:
    text = " ".join(text.split())
    return f"`{text if len(text) <= LONGEST else f'{text[: LONGEST - 4]} ...'}`"


def _characters(text: str, offset: int) -> int:
    """A column in characters, of one in bytes."""
    return len(text.encode()[:offset].decode(errors="replace"))


def _relative(file: Path, root: Path) -> str:
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)
