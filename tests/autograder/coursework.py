"""What a student of a course is given, and what is handed in: `[handout]` and `[handin]`.

README.md in `courses/` shows the entries of both tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.autograder import entries as read
from tests.autograder.entries import Table, Unfit


class Handout(NamedTuple):
    """What a handout is made of besides `solution/`.

    Attributes
    ----------
    write : by file, the functions that are left to write, each with the question that grades it;
        empty where these are the methods of the classes in `[homes]`, but for those given.
    others : by file, functions that a student writes, too, and that are not graded here.
    same : by file, the file of another course's that it is, `cmu_s23/models/__init__.py`.
    cases : by exercise, the case whose right answers it has; others have `ordinary`.
    properties : by exercise, the one whose cases are asked for properties in its place.
    commands : commands besides those of the tools, each with what it does.
    library : modules that the given files need of the library.
    tools : modules of the course's folder that the tools need.
    emptied : by such a module, functions that tell a formula and are not needed.
    """

    write: Mapping[str, Mapping[str, str]] = {}
    others: Mapping[str, tuple[str, ...]] = {}
    same: Mapping[str, str] = {}
    cases: Mapping[str, str] = {}
    properties: Mapping[str, str] = {}
    commands: Mapping[str, str] = {}
    library: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    emptied: Mapping[str, tuple[str, ...]] = {}


class Handin(NamedTuple):
    """The file that is handed in, and what is in it.

    Attributes
    ----------
    archive, name : the file's name, and what stands in it for `{name}` where no name is given.
    compressed : whether a tar file is compressed.
    inside : the folder of the archive that has the files.
    folders : whose files are handed in; empty for those of the classes in `[homes]`.
    files : without which nothing is handed in; empty for the modules of these classes.
    also : files that are handed in where they are there.
    plots : files that are asked for, and that may be left out.
    report : a pattern of files that a person reads; empty for none.
    """

    archive: str = "{name}.tar"
    name: str = "handin"
    compressed: bool = False
    inside: str = ""
    folders: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    plots: tuple[str, ...] = ()
    report: str = ""


def handout(table: Table) -> Handout:
    """The table `[handout]`, read."""
    texts = read.each(read.text)
    return Handout(**table.given({
        "write": read.each(texts), "others": read.each(read.texts), "same": texts,
        "cases": texts, "properties": texts, "commands": texts,
        "library": read.texts, "tools": read.texts, "emptied": read.each(read.texts),
    }))  # fmt: skip


def handin(table: Table) -> Handin:
    """The table `[handin]`, read."""
    return Handin(**table.given({
        "archive": _archive, "name": read.text, "compressed": read.truth, "inside": read.text,
        "folders": read.texts, "files": read.texts, "also": read.texts, "plots": read.texts,
        "report": read.text,
    }))  # fmt: skip


def _archive(value: Any) -> str:
    name = read.text(value)
    if not name.endswith((".tar", ".zip")) or "{" in name.replace("{name}", ""):
        raise Unfit("the name of a .tar or .zip file, with {name} where the student's name stands")
    return name
