"""Lines of a submission's code, by file and number, and the functions that they stand in."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from tests.submission.loading import printable

Frame = tuple[str, int]
"""A line of a traceback: the file below the submission's root, and the line's number."""
FOLDERS = ("mytorch", "hw1", "models")
IDLE = ("NotImplementedError", "empty", "empty_like", "getattr", "isinstance", "len", "print",
        "type", "zeros", "zeros_like")  # fmt: skip
"""What a function that is not written yet may call."""


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


Traces = Mapping[str, tuple[Place, ...]]
"""The lines that an exception came through, by its text."""


class Sources:
    """The source code below `root`; what cannot be read is empty."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._data, self._file = cache(self._read), cache(self._parsed)

    def place(self, frame: Frame) -> Place:
        """A line with its text."""
        file, line = frame
        lines, tree = self._file(file)
        text = lines[line - 1].strip() if 0 < line <= len(lines) else ""
        return Place(printable(file), line, _around(tree, line), printable(text)[:200])

    def places(self, frames: Iterable[Frame]) -> tuple[Place, ...]:
        """Several of them."""
        return tuple(map(self.place, frames))

    def traces(self, found: Mapping[str, Iterable[Frame]]) -> Traces:
        """The same for the lines of each exception."""
        return {text: self.places(frames) for text, frames in found.items()}

    def function(self, file: str, name: str) -> Place | None:
        """Where a function or `Class.method` is, in `file` or else in any; None if nowhere."""
        words = name.encode().split(b".")
        for other in dict.fromkeys((file, *self._files)):
            if not all(word in self._data(other) for word in words):
                continue  # which is known without parsing it
            for node, full in _functions(self._file(other)[1]):
                if full == name:
                    return self.place((other, node.lineno))
        return None

    def is_idle(self, place: Place) -> bool:
        """Whether the function that begins there computes and stores nothing."""
        functions = _functions(self._file(place.file)[1])
        return any(node.lineno == place.line and is_idle(node) for node, _ in functions)

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

    def node(self, place: Place) -> ast.FunctionDef | None:
        """The function that begins there."""
        functions = _functions(self._file(place.file)[1])
        return next((node for node, _ in functions if node.lineno == place.line), None)

    def methods(self, name: str) -> dict[str, ast.FunctionDef]:
        """The methods of a class by name; none where it is derived from another one."""
        _, node = self._classes.get(name, ("", None))
        if node is None or any(ast.unparse(base) != "object" for base in node.bases):
            return {}
        return {f.name: f for f in node.body if isinstance(f, ast.FunctionDef)}

    def file_of(self, name: str) -> str:
        """The file that defines a class; empty where none does."""
        return self._classes[name][0] if name in self._classes else ""

    def lines(self, file: str) -> list[str]:
        """The lines of a file."""
        return self._file(file)[0]

    @cached_property
    def _files(self) -> list[str]:
        folders = [self.root / name for name in FOLDERS]
        files = [*self.root.glob("*.py"), *(f for d in folders for f in sorted(d.rglob("*.py")))]
        return [file.relative_to(self.root).as_posix() for file in files]

    @cached_property
    def _classes(self) -> dict[str, tuple[str, ast.ClassDef]]:
        found: dict[str, tuple[str, ast.ClassDef]] = {}
        for name in self._files:
            for node in self._file(name)[1].body:
                if isinstance(node, ast.ClassDef):
                    found.setdefault(node.name, (name, node))
        return found

    def _read(self, file: str) -> bytes:
        path = (self.root / file).resolve()
        if not path.is_relative_to(self.root):  # the name comes from the submission
            return b""
        try:
            return path.read_bytes()
        except (OSError, ValueError):
            return b""

    def _parsed(self, file: str) -> tuple[list[str], ast.Module]:
        data = self._data(file)
        lines = data.decode(errors="replace").split("\n")
        try:
            return lines, ast.parse(data)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return lines, ast.Module([], [])


def _functions(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef, str]]:
    """The functions and methods of a file, with their names."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node, node.name
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    yield inner, f"{node.name}.{inner.name}"


def is_idle(function: ast.FunctionDef) -> bool:
    """Whether a body has no operator, stores nothing and calls nothing but what makes zeros.

    It may pass, raise NotImplementedError, return None, zeros or one of its arguments.
    """
    return not any(_does_something(node) for part in function.body for node in ast.walk(part))


def _does_something(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        made = node.func.func if isinstance(node.func, ast.Call) else node.func
        return ast.unparse(made).rpartition(".")[2] not in IDLE
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        places = [one for target in targets for one in getattr(target, "elts", [target])]
        return any(isinstance(place, ast.Attribute | ast.Subscript) for place in places)
    if isinstance(node, ast.UnaryOp):
        return not isinstance(node.op, ast.Not)
    # a loop without an end, which no template has, is to be looked for, not to be written
    return isinstance(node, ast.BinOp | ast.AugAssign | ast.Compare | ast.Delete | ast.While)


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
