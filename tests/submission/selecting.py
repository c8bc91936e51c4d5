"""Which files of a hand-in are graded, and which are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from tests.submission.loading import printable
from tests.submission.source import NotCoursework, Source

LARGEST, MOST, DEEPEST = 50 << 20, 2000, 50
"""How many bytes, files, and folders in each other a submission may have."""
LEFT_OUT = {
    *("data", "venv", "env", "virtualenv", "node_modules", "tests", "build", "dist"),
    *("__MACOSX", "__pycache__"),
}
"""Folders that are left out where they lie in the root, as are those that begin with a dot."""
JUNK = {"__MACOSX", "__pycache__", ".DS_Store", "Thumbs.db", "desktop.ini"}
"""What no one wrote, left out wherever it lies; `._x` and `x.pyc`, too."""
LISTED = 50
"""How many names that were left out are listed."""


class Chosen(NamedTuple):
    """A file that is graded: its name below the root, the file in the source, its size."""

    name: PurePosixPath
    place: PurePosixPath
    size: int


class Selection:
    """The files below `root` that are graded, in `files`; what is not, in `left_out`.

    Links are followed where they stay inside of the source. Raises NotCoursework where there is
    more than a submission may have.
    """

    def __init__(self, source: Source, root: PurePosixPath) -> None:
        self.source, self.root = source, root
        self.files: list[Chosen] = []
        self._left_out: Counter[str] = Counter()
        self._looked_at = self._size = 0
        for folder in root.parents:  # what lies beside the root
            for name in sorted(source.entries(folder)):
                if folder / name not in (root, *root.parents) and not self._leave_junk(name):
                    self._leave(str(folder / name))
        self._add(PurePosixPath(), root, [])

    @property
    def left_out(self) -> list[str]:
        """What is not graded, by name, with the reason where it is not plain from the name."""
        names = [
            printable(f"{name} ({count} times)" if count > 1 else name)
            for name, count in sorted(self._left_out.items())
        ]
        rest = len(names) - LISTED
        return names if rest <= 0 else [*names[:LISTED], f"and {rest} more"]

    def _add(self, name: PurePosixPath, folder: PurePosixPath, around: list[PurePosixPath]) -> None:
        for child, kind, place in self._children(name, folder):
            if place is None:
                self._leave(f"{child} (a link that leads out of the hand-in, or nowhere)")
            elif kind == "folder" and place in (folder, *around):
                self._leave(f"{child} (a link to a folder that it lies in)")
            elif kind == "folder" and len(name.parts) > DEEPEST:
                self._leave(f"{child}/ (too deep)")
            elif kind == "folder":
                self._add(child, place, [*around, folder])
            elif kind == "file":
                size = self.source.entries(place.parent)[place.name].size
                self.files.append(Chosen(child, place, size))
                self._size += size
            else:
                self._leave(f"{child} (neither a file nor a folder)")
            self._count()

    def _children(
        self, name: PurePosixPath, folder: PurePosixPath
    ) -> Iterator[tuple[PurePosixPath, str, PurePosixPath | None]]:
        """What is in a folder and not left out: its name, what it is, and where, links followed."""
        for child, (kind, _, _) in sorted(self.source.entries(folder).items()):
            place: PurePosixPath | None = folder / child
            if kind == "link":
                place = self.source.real(folder / child)
                kind = "" if place is None else self.source.kind(place)
            if self._leave_junk(child):
                continue
            if not name.parts and kind == "folder" and self._is_left_out(folder / child):
                self._leave(f"{child}/")
            else:
                yield name / child, kind, place

    def _is_left_out(self, folder: PurePosixPath) -> bool:
        return is_left_out(folder.name) or self.source.is_file(folder / "pyvenv.cfg")

    def _leave_junk(self, name: str) -> bool:
        """Leaves out what no one wrote; returns whether this is such a name."""
        if name.startswith("._"):
            name = "._* files"
        elif name not in JUNK and not name.endswith(".pyc"):
            return False
        self._leave(name)
        return True

    def _leave(self, name: str) -> None:
        self._left_out[name] += 1
        self._count()

    def _count(self) -> None:
        self._looked_at += 1
        if len(self.files) > MOST or self._size > LARGEST or self._looked_at > 20 * MOST:
            raise NotCoursework(
                f"{self.source.label} holds more than {MOST} files or {LARGEST >> 20} MB"
            )


def is_left_out(name: str) -> bool:
    """Whether a folder of this name in the root is left out."""
    return name in LEFT_OUT or name.startswith(".")
