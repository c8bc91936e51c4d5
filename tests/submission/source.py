"""What was handed in, as a tree of names: a folder on disk, an archive, or one file.

Paths are relative to what was handed in, links are followed as long as they stay inside of it, and
nothing is written.
"""

from __future__ import annotations

import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple

TOP = PurePosixPath()
PIECE = 1 << 20
MOST_LINKS = 40
"""How many links may have to be followed for one path."""


class NotCoursework(ValueError):
    """A path holds nothing that could be run."""


class Entry(NamedTuple):
    """One name in a folder: `kind` is file, folder, link or other (a device, a pipe)."""

    kind: str
    size: int = 0
    target: str = ""


class Source(ABC):
    """A tree of names; `label` is what messages call it, `outside` names what would not lie in it.

    `entries` and `open` take paths without links, `real` makes one from any path.
    """

    label: str
    outside: Sequence[str] = ()

    @abstractmethod
    def entries(self, folder: PurePosixPath) -> Mapping[str, Entry]:
        """What is in a folder, by name; nothing where it is none or may not be read."""

    @abstractmethod
    def open(self, path: PurePosixPath) -> BinaryIO:
        """A file to read from."""

    def inside(self, target: str) -> PurePosixPath | None:
        """An absolute target of a link as a path of this tree, None where it leads out."""
        return None

    def real(self, path: PurePosixPath) -> PurePosixPath | None:
        """`path` without links; None where it leads out of the tree, in a circle or nowhere."""
        done, rest, links = TOP, list(reversed(path.parts)), 0
        while rest:
            part = rest.pop()
            if part == "..":
                if done == TOP:
                    return None
                done = done.parent
                continue
            entry = self.entries(done).get(part)
            if entry is None:
                return None
            if entry.kind != "link":
                done /= part
                continue
            links += 1
            target: PurePosixPath | None = PurePosixPath(entry.target)
            if entry.target.startswith("/"):
                target, done = self.inside(entry.target), TOP
            if target is None or links > MOST_LINKS:
                return None
            rest += reversed(target.parts)
        return done

    def kind(self, path: PurePosixPath) -> str:
        """What is there, links followed: file, folder, other; empty where nothing is."""
        found = self.real(path)
        if found is None:
            return ""
        if found == TOP:
            return "folder"
        entry = self.entries(found.parent).get(found.name)
        return entry.kind if entry else ""

    def is_file(self, path: PurePosixPath) -> bool:
        """Whether there is a file, or a link to one."""
        return self.kind(path) == "file"

    def names(self, folder: PurePosixPath) -> list[str]:
        """The names in a folder, or in one that a link leads to."""
        found = self.real(folder)
        return [] if found is None else sorted(self.entries(found))

    def pieces(self, path: PurePosixPath) -> Iterator[bytes]:
        """A file's content."""
        with self.open(path) as file:
            while piece := file.read(PIECE):
                yield piece

    def read(self, path: PurePosixPath, limit: int) -> bytes:
        """The beginning of a file, links followed; empty where there is none."""
        found, data = self.real(path), b""
        for piece in () if found is None else self.pieces(found):
            data += piece
            if len(data) >= limit:
                break
        return data[:limit]


class Folder(Source):
    """A folder on disk; with `coursework_only`, of what lies in it directly, only Python files,
    `mytorch` and `hw1`.
    """

    def __init__(self, root: Path, label: str = "", coursework_only: bool = False) -> None:
        self.root = root.resolve()
        self.coursework_only = coursework_only
        self.label = label or str(self.root)
        self._known: dict[PurePosixPath, dict[str, Entry]] = {}

    def entries(self, folder: PurePosixPath) -> Mapping[str, Entry]:
        if folder not in self._known:
            found = {}
            with suppress(OSError):
                found = dict(self._listed(self.root / folder))
            if folder == TOP and self.coursework_only:
                found = {
                    name: entry
                    for name, entry in found.items()
                    if name in ("mytorch", "hw1") or (name.endswith(".py") and entry.kind == "file")
                }
            self._known[folder] = found
        return self._known[folder]

    def _listed(self, place: Path) -> Iterator[tuple[str, Entry]]:
        for name in os.listdir(place):
            with suppress(OSError):  # gone meanwhile
                info = os.lstat(place / name)
                yield name, entry(info.st_mode, info.st_size, place / name)

    def open(self, path: PurePosixPath) -> BinaryIO:
        return open(self.root / path, "rb")

    def inside(self, target: str) -> PurePosixPath | None:
        place = Path(os.path.normpath(target))
        if not place.is_relative_to(self.root):
            return None
        return PurePosixPath(place.relative_to(self.root))


def entry(mode: int, size: int, place: Path) -> Entry:
    """What `lstat` says as an entry."""
    if stat.S_ISLNK(mode):
        return Entry("link", target=os.readlink(place))
    kind = "folder" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else "other"
    return Entry(kind, size)


class OneFile(Source):
    """A single Python file, whatever it is called: the 2019 homework's hw1.py."""

    def __init__(self, path: Path, label: str) -> None:
        self.path, self.label = path, label

    def entries(self, folder: PurePosixPath) -> Mapping[str, Entry]:
        return {"hw1.py": Entry("file", self.path.stat().st_size)} if folder == TOP else {}

    def open(self, path: PurePosixPath) -> BinaryIO:
        return open(self.path, "rb")
