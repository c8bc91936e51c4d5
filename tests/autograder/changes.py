"""Waits for a change of a hand-in's files, and says which questions it is about."""

from __future__ import annotations

import ast
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.autograder.course import Course, Question
from tests.submission.selecting import LEFT_OUT

PAUSE = 0.2
"""Seconds between two looks at the files."""
PATIENCE = 5
"""How many looks a file may be away for: some editors delete it before they write it."""
MOST = 5000
Stamps = Mapping[Path, tuple[int, int, int]]
"""When each file was changed, its size, and its number on the disk, which renaming changes."""


class Definition(NamedTuple):
    """A class or a function outside of all others: its source, and what it is derived from."""

    source: str
    bases: frozenset[str]


Definitions = dict[tuple[Path, str], Definition]


class Changes:
    """The Python files of a hand-in, or the one file that it is."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._seen = stamps(place)
        self._known = self._defined({}, self._seen)

    def wait(self) -> None:
        """Returns when a file has changed and has not changed again since the last look."""
        while True:
            time.sleep(PAUSE)
            now = stamps(self.place)
            if now == self._seen:
                continue
            for _ in range(PATIENCE):
                time.sleep(PAUSE)
                before, now = now, stamps(self.place)
                if now == before and self._seen.keys() <= now.keys():
                    break
            if now != self._seen:
                self._changed = {
                    f for f in now.keys() | self._seen if now.get(f) != self._seen.get(f)
                }
                self._seen = now
                return

    def questions(self, course: Course) -> list[str]:
        """Those about what had changed when `wait` returned; empty if that is not known."""
        before = self._known
        self._known = self._defined(before, self._changed)
        keys = before.keys() | self._known
        names = {key for key in keys if before.get(key) != self._known.get(key)}
        if broken := [file for file in self._changed if _parsed(file) is None]:
            names |= {key for key in keys if key[0] in broken}
        return [q.id for q in course.questions if _is_about(q, course, names, self._known)]

    def _defined(self, known: Definitions, files: Iterable[Path]) -> Definitions:
        """What is defined, after `files` changed; of one that is broken, what was before."""
        found = dict(known)
        for file in files:
            tree = _parsed(file)
            if tree is not None:
                found = {key: value for key, value in found.items() if key[0] != file}
                found.update(_definitions(file, tree))
        return found


def stamps(place: Path) -> Stamps:
    """Those of the files that are there."""
    found = {}
    for file in [place] if place.is_file() else _python_files(place):
        try:
            status = os.stat(file)
        except OSError:  # it has just gone
            continue
        found[file] = status.st_mtime_ns, status.st_size, status.st_ino
    return found


def _python_files(root: Path) -> Iterator[Path]:
    number = 0
    for folder, folders, files in os.walk(root):
        outer = Path(folder) == root
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".") and not (name in LEFT_OUT and outer)
            and name != "__pycache__"
        ]  # fmt: skip
        for name in files:
            if name.endswith(".py") and number < MOST:
                number += 1
                yield Path(folder, name)


def _parsed(file: Path) -> ast.Module | None:
    """None where a file cannot be read, or is no Python."""
    try:
        return ast.parse(file.read_bytes()) if file.suffix == ".py" else None
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _definitions(file: Path, tree: ast.Module) -> Iterator[tuple[tuple[Path, str], Definition]]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            bases = node.bases if isinstance(node, ast.ClassDef) else []
            names = frozenset(ast.unparse(base).rpartition(".")[2] for base in bases)
            yield (file, node.name), Definition(ast.dump(node), names)


def _is_about(
    question: Question, course: Course, changed: set[tuple[Path, str]], known: Definitions
) -> bool:
    """Whether the class that a question is about has changed, or one that it is derived from."""
    need = question.needs[0]
    name = need.rpartition(".")[2]
    places = [file for file, other in known if other == name]
    at_home = [file for file in places if _modules(file) & set(course.homes.get(need, ()))]
    return any(_is_changed((file, name), changed, known) for file in at_home or places)


def _is_changed(
    key: tuple[Path, str], changed: set[tuple[Path, str]], known: Definitions, depth: int = 5
) -> bool:
    if key in changed:
        return True
    bases = known[key].bases if key in known and depth else frozenset()
    return any(
        _is_changed(other, changed, known, depth - 1)
        for other in known
        if other[1] in bases and other != key
    )


def _modules(file: Path) -> set[str]:
    """How a course may name the module: `hw1`, `linear`, `mytorch.linear`, `mytorch.nn.linear`."""
    folders: Sequence[str] = file.parts[:-1]
    if "mytorch" not in folders:
        return {file.stem}
    inner = folders[len(folders) - list(reversed(folders)).index("mytorch") :]
    return {".".join(["mytorch", *inner, file.stem])} | ({file.stem} if not inner else set())
