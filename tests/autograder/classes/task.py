"""What is graded, as it travels to another process or machine, and what decides its grade."""

from __future__ import annotations

import hashlib
import json
import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from tests.autograder.classes.handins import HandIn
from tests.autograder.options import ROOT

SUFFIXES = ".py", ".npz", ".txt", ".json", ".toml"
GRADER = ("tests/autograder", "tests/submission", "tests/support/terminal.py", "data/autograder")
LIBRARY = ("mytorch",)
"""The files that decide a grade; the library answers fresh cases."""
MOST_FILES = 50_000
PIECE = 1 << 20


class Task(NamedTuple):
    """One hand-in to grade; it can be pickled.

    Attributes
    ----------
    id : the name of its files below the folder of results; no other hand-in has it.
    name : what results call it.
    files : its files: what the student called each, and where it is.
    course : the command of the course.
    options : further options of that command.
    key : two tasks of one key have the same result.
    """

    id: str
    name: str
    files: tuple[tuple[str, str], ...]
    course: str
    options: tuple[str, ...]
    key: str


def task_of(hand_in: HandIn, course: str, options: tuple[str, ...]) -> Task:
    """The task of grading a hand-in. Raises OSError where a file of it cannot be read."""
    files = tuple((name, str(path.absolute())) for name, path in hand_in.files)
    digest = hashlib.sha256()
    for part in (version(), course, *options, hand_in.name):
        digest.update(f"{len(part)}:{part}".encode(errors="surrogateescape"))
    for name, path in hand_in.files:
        _add(digest, path, name)
    return Task(identifier(hand_in.name), hand_in.name, files, course, options, digest.hexdigest())


def identifier(name: str) -> str:
    """A name as a file's name on every system, different for different names."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()[:40]
    check = hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:8]
    return f"{plain}-{check}" if plain else check


@lru_cache
def version() -> str:
    """A checksum of the grader, its stored answers and the library."""
    digest = hashlib.sha256()
    for name in (*GRADER, *LIBRARY):
        place = ROOT / name
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.suffix in SUFFIXES and "classes" not in path.parts:
                digest.update(f"{path.relative_to(ROOT)}".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _add(digest: Any, path: Path, name: str) -> None:
    """Adds the names and bytes of a file, or of a folder without following its links."""
    digest.update(json.dumps(name).encode())
    if path.is_file():
        _add_bytes(digest, path)
        return
    count = 0
    for folder, folders, files in os.walk(path):
        folders.sort()
        for file in sorted(files + [f for f in folders if os.path.islink(os.path.join(folder, f))]):
            place = Path(folder, file)
            digest.update(json.dumps(os.path.relpath(place, path)).encode())
            if place.is_symlink():
                digest.update(os.fsencode(os.readlink(place)))
            elif place.is_file() and count < MOST_FILES:
                _add_bytes(digest, place)
            count += 1


def _add_bytes(digest: Any, path: Path) -> None:
    with open(path, "rb") as file:
        digest.update(str(os.fstat(file.fileno()).st_size).encode())
        while piece := file.read(PIECE):
            digest.update(piece)
