"""The hand-ins in a folder or in a platform's download: one for each student, the newest."""

from __future__ import annotations

import os
import time
import zipfile
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from tests.autograder.classes import naming
from tests.autograder.classes.naming import File, Student
from tests.autograder.session import WrongUse
from tests.submission.archives import SUFFIXES
from tests.submission.loading import printable
from tests.submission.selecting import JUNK

LONGEST_NAME = 240
"""How many bytes the name of a file may have, and twice how many characters a student's."""
MOST_UNPACKED = 1 << 30
"""How many bytes a file of a platform's download may have."""


class HandIn(NamedTuple):
    """What one student, or a group, handed in.

    Attributes
    ----------
    name : what results call it; no other hand-in of the class has it.
    files : what is graded, with the names that the student gave; several are one hand-in.
    students : whom it is from.
    late : whether it was late.
    remarks : what was decided about it, e.g. that it is the newest of three.
    """

    name: str
    files: tuple[tuple[str, Path], ...]
    students: tuple[Student, ...]
    late: bool = False
    remarks: tuple[str, ...] = ()


class Found(NamedTuple):
    """The hand-ins of a class, sorted by name, and whose way of naming files was recognised."""

    platform: str
    hand_ins: list[HandIn]


Owned = tuple[tuple[Student, ...], File]


def find_hand_ins(folder: Path, due: datetime | None = None, out: Path | None = None) -> Found:
    """The hand-ins in a folder; `out`, where results are written, is none of them.

    Raises WrongUse where there are none, OSError where the folder cannot be read.
    """
    entries = [path for path in _entries(folder) if out is None or not _is_same(path, out)]
    inner = [path for path in entries if path.is_dir() and (path / naming.METADATA).is_file()]
    if (folder / naming.METADATA).is_file() or len(inner) == len(entries) == 1:
        folder = folder if (folder / naming.METADATA).is_file() else inner[0]
        found = [(tuple(people), file) for people, file in naming.gradescope(folder, due)]
        return Found("Gradescope", _one_each(found))
    if len(entries) == 1 and entries[0].is_dir() and _is_download(_entries(entries[0])):
        entries = _entries(entries[0])  # the download was unpacked into a folder of its own
    for platform, read in (("Canvas", naming.canvas), ("Moodle", naming.moodle)):
        named = {path: read(path) for path in entries}
        known = [(path, owned) for path, owned in named.items() if owned is not None]
        if 2 * len(known) > len(entries):
            others = [_plain(path) for path, owned in named.items() if owned is None]
            return Found(platform, _one_each([*(((s,), f) for _, (s, f) in known), *others]))
    if not entries:
        raise WrongUse(f"{folder} holds no hand-ins; expected a file or a folder for each student")
    return Found("", _one_each([_plain(path) for path in entries]))


def unpacked(download: Path, target: Path) -> Path:
    """A platform's zip file as a folder in `target`, with the times of its files.

    A name that is too long is cut; a file that is too large is left empty, and that is said.
    Raises WrongUse where the zip file cannot be read, OSError where nothing can be written.
    """
    try:
        with zipfile.ZipFile(download) as archive:
            for member in archive.infolist():
                member.filename = "/".join(map(_shortened, member.filename.split("/")))
                if member.file_size > MOST_UNPACKED:
                    name, size = printable(member.filename), member.file_size >> 20
                    print(f"  {name} has {size} MB, too much to be unpacked; it counts as empty")
                    Path(target, Path(member.filename).name).touch()
                    continue
                path = Path(archive.extract(member, target))  # never outside of `target`
                with suppress(ValueError, OverflowError):  # a date that there is not
                    when = time.mktime((*member.date_time, 0, 0, -1))
                    os.utime(path, (when, when))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise WrongUse(f"{download} is no zip file that can be read: {error}") from None
    return target


def _shortened(name: str) -> str:
    """A part of a path that every system takes: without its middle where it is too long."""
    if len(os.fsencode(name)) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME // 8]}...{name[-LONGEST_NAME // 8 :]}"  # four bytes a letter


def _is_same(path: Path, other: Path) -> bool:
    return path.exists() and other.exists() and path.samefile(other)


def _entries(folder: Path) -> list[Path]:
    return sorted(
        path for path in folder.iterdir() if path.name not in JUNK and not path.name.startswith(".")
    )


def _is_download(entries: Sequence[Path]) -> bool:
    named = [naming.canvas(path) or naming.moodle(path) for path in entries]
    return bool(entries) and all(named)


def _plain(path: Path) -> Owned:
    name = naming.bare(path.name)
    return (Student(name, name),), File(path.name, path, (path.lstat().st_mtime,))


def _one_each(found: Sequence[Owned]) -> list[HandIn]:
    """One hand-in for each student: of several the newest."""
    owners: dict[Student, list[Owned]] = {}
    for students, file in found:
        for student in students or (Student(file.name, file.name),):
            owners.setdefault(student, []).append((students or (student,), file))
    taken: dict[tuple[tuple[str, Path], ...], HandIn] = {}
    for student, files in owners.items():
        chosen, remarks = _chosen([file for _, file in files])
        key = tuple((file.name, file.path) for file in chosen)
        others = taken[key].students if key in taken else ()
        late = any(file.late for file in chosen)
        taken[key] = HandIn("", key, (*others, student), late, tuple(remarks))
    named = [hand_in._replace(name=_called(hand_in)) for hand_in in taken.values()]
    named.sort(key=lambda hand_in: (hand_in.name.casefold(), hand_in.files))
    count = Counter(hand_in.name for hand_in in named)
    named = [
        h if count[h.name] == 1 else h._replace(name=printable(f"{h.name} {h.files[0][1].name}"))
        for h in named
    ]
    seen: Counter[str] = Counter()  # of files, too, names may look the same
    for place, hand_in in enumerate(named):
        seen[hand_in.name] += 1
        if seen[hand_in.name] > 1:
            named[place] = hand_in._replace(name=f"{hand_in.name} ({seen[hand_in.name]})")
    return named


def _called(hand_in: HandIn) -> str:
    first, *more = hand_in.students
    name = first.name or first.email or first.id
    rest = f" and {len(more)} more" if more else ""
    number = f" {first.id}" if first.id not in ("", name) else ""
    return printable(f"{_cut(name)}{_cut(number)}{rest}")


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST_NAME // 2 else f"{name[: LONGEST_NAME // 2]}..."


def _chosen(files: Sequence[File]) -> tuple[list[File], list[str]]:
    """The files of one student that are graded, and what there is to say of the others."""
    newest: dict[str, File] = {}
    for file in sorted(files, key=lambda file: file.order):
        newest[file.name.casefold()] = file
    remarks = []
    if len(newest) < len(files):
        remarks.append(f"the newest of {len(files)} files")
    kept = [_opened(file) for file in newest.values()]
    if len(kept) > 1 and not all(file.path.suffix.lower() == ".py" for file in kept):
        whole = [f for f in kept if f.path.is_dir() or f.path.suffix.lower() in SUFFIXES] or kept
        last = max(whole, key=lambda file: file.order)
        left = ", ".join(printable(file.name) for file in kept if file is not last)
        kept, remarks = [last], [f"{printable(last.name)} is graded, not {left}"]
    return kept, remarks


def _opened(file: File) -> File:
    """The one file in a student's folder, or its newest archive; else the folder itself."""
    if not file.path.is_dir():
        return file
    inside = _entries(file.path)
    if any(path.is_symlink() for path in inside):  # a student may have made it lead anywhere
        return file
    if len(inside) == 1 and inside[0].is_file():
        return file._replace(name=inside[0].name, path=inside[0])
    if len(inside) > 1 and all(p.is_file() and p.suffix.lower() in SUFFIXES for p in inside):
        last = max(inside, key=lambda path: path.lstat().st_mtime)
        return file._replace(name=last.name, path=last)
    return file
