"""Lines of a submission's code, by file and number, and the functions that they stand in."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from tests.submission.loading import printable

Frame = tuple[str, int]
"""A line of a traceback: the file below the submission's root, and the line's number."""
FOLDERS = ("mytorch", "hw1")


class Place(NamedTuple):
    """A line of a file below the submission's root, the function around it, and its text."""

    file: str
    line: int
    function: str
    text: str

    @property
    def where(self) -> str:
        """As a sentence names it."""
        inside = f", in {self.function}" if self.function else ""
        return f"{self.file}, line {self.line}{inside}"

    @property
    def brief(self) -> str:
        """The same without the number."""
        return f"{self.file}, in {self.function}" if self.function else self.file

    @property
    def name(self) -> str:
        """The file and the function: `mytorch/loss.py: L2.forward`."""
        return f"{self.file}: {self.function}" if self.function else self.file


class Sources:
    """The source code below `root`; what cannot be read is empty."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._file = cache(self._read)

    def place(self, frame: Frame) -> Place:
        """A line with its text."""
        file, line = frame
        lines, tree = self._file(file)
        text = lines[line - 1].strip() if 0 < line <= len(lines) else ""
        return Place(printable(file), line, _around(tree, line), printable(text)[:200])

    def places(self, frames: Iterable[Frame]) -> tuple[Place, ...]:
        """Several of them."""
        return tuple(map(self.place, frames))

    def method(self, name: str, method: str) -> Place | None:
        """Where a class has a method, or the class that it is derived from; None if nowhere."""
        for _ in range(5):
            if name not in self._classes:
                return None
            file, node = self._classes[name]
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and inner.name == method:
                    return self.place((file, inner.lineno))
            bases = [ast.unparse(base).rpartition(".")[2] for base in node.bases]
            name = next((base for base in bases if base in self._classes), "")
        return None

    @cached_property
    def _classes(self) -> dict[str, tuple[str, ast.ClassDef]]:
        folders = [self.root / name for name in FOLDERS]
        files = [*self.root.glob("*.py"), *(f for d in folders for f in sorted(d.rglob("*.py")))]
        found: dict[str, tuple[str, ast.ClassDef]] = {}
        for file in files:
            name = file.relative_to(self.root).as_posix()
            for node in self._file(name)[1].body:
                if isinstance(node, ast.ClassDef):
                    found.setdefault(node.name, (name, node))
        return found

    def _read(self, file: str) -> tuple[list[str], ast.Module]:
        nothing = ast.Module([], [])
        path = (self.root / file).resolve()
        try:
            if not path.is_relative_to(self.root):  # the name comes from the submission
                return [], nothing
            data = path.read_bytes()
        except (OSError, ValueError):
            return [], nothing
        lines = data.decode(errors="replace").split("\n")
        try:
            return lines, ast.parse(data)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return lines, nothing


def _around(tree: ast.AST, line: int) -> str:
    """The innermost function or class that a line stands in: `Class.method`."""
    return ".".join(_names(tree, line))


def _names(node: ast.AST, line: int) -> Iterator[str]:
    for inner in ast.iter_child_nodes(node):
        last = getattr(inner, "end_lineno", None)
        if last is None or not inner.lineno <= line <= last:  # type: ignore[attr-defined]
            continue
        if isinstance(inner, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield inner.name
        yield from _names(inner, line)
        return
