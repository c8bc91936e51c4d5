"""How Canvas, Moodle and Gradescope name the files of a download, and whom each file is from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

from tests.submission.archives import SUFFIXES

CANVAS = re.compile(
    r"(?P<who>[^_]+)_(?P<late>LATE_)?(?P<id>\d+)_(?:(?P<number>\d+)_(?P<file>.+)|text\.html)"
)
"""`lovelaceada_LATE_1001_20002_hw1-1.zip`: name, late, user, attachment, file and its version."""
MOODLE = re.compile(
    r"(?P<who>.+?)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext)_?(?P<file>.*)"
)
"""`Ada Lovelace_1001_assignsubmission_file_hw1.zip`, or a folder without a file's name. The first
number is Moodle's; what comes after may be a student's, and look like another's.
"""
METADATA = "submission_metadata.yml"
"""Gradescope's list of who handed in which folder."""
VERSION = re.compile(r"-(\d+)(?=(\.[^.]*){0,2}$)")
"""Canvas names the second file of a name `hw1-1.zip`."""
COPY = re.compile(r" \((\d+)\)(?=(\.[^.]*){0,2}$)")
"""A browser names the second download of a name `hw1 (1).zip`."""


class Student(NamedTuple):
    """Who handed in, as far as a name or a platform says: empty where it does not."""

    id: str = ""
    name: str = ""
    email: str = ""


class File(NamedTuple):
    """A file or folder of a download.

    Attributes
    ----------
    name : what the student called it.
    path : where it is.
    order : the greater, the newer, among the files of one student.
    late : whether the platform says so.
    """

    name: str
    path: Path
    order: tuple[float, ...] = ()
    late: bool = False


def canvas(path: Path) -> tuple[Student, File] | None:
    """Whose file of a Canvas download this is; None where its name is no such name."""
    match = CANVAS.fullmatch(path.name)
    if match is None:
        return None
    name = match["file"] or "text.html"
    version = VERSION.search(name)
    if version:
        name = VERSION.sub("", name)
    order = (float(version[1]) if version else 0.0, float(match["number"] or 0))
    return Student(match["id"], match["who"]), File(name, path, order, bool(match["late"]))


def moodle(path: Path) -> tuple[Student, File] | None:
    """Whose file or folder of a Moodle download this is; None where it has no such name."""
    match = MOODLE.fullmatch(path.name)
    if match is None:
        return None
    name = match["file"] or match["kind"]
    return Student(match["id"], match["who"]), File(name, path, (path.stat().st_mtime,))


def gradescope(folder: Path, due: datetime | None) -> Iterator[tuple[list[Student], File]]:
    """The folders of a Gradescope export, with those who handed each in."""
    text = (folder / METADATA).read_text(encoding="utf-8", errors="replace")
    for block in re.split(r"(?m)^(?=\S)", text):
        head = re.match(r"(submission_\w+):", block)
        if head is None or not (folder / head[1]).exists():
            continue
        people, fields = _submitters(block)
        when = moment(fields.get("created_at", ""))
        late = bool(due and when and when > due)
        order = (when.timestamp() if when else 0.0,)
        yield people, File(head[1], folder / head[1], order, late)


def _submitters(block: str) -> tuple[list[Student], dict[str, str]]:
    """The people of one entry, and its other fields; its history of older ones is left out."""
    block = re.split(r"(?m)^  :history:", block)[0]
    people: list[dict[str, str]] = []
    fields: dict[str, str] = {}
    for indent, dash, key, value in re.findall(r"(?m)^( *)(- )?:(\w+): ?(.*)$", block):
        value = _unquoted(value)
        if dash:
            people.append({key: value})
        elif people and len(indent) > 2:
            people[-1][key] = value
        else:
            fields.setdefault(key, value)
    return [
        Student(p.get("sid", ""), p.get("name", ""), p.get("email", "")) for p in people
    ], fields


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1].replace("''", "'") if value[0] == "'" else value[1:-1]
    return "" if value in ("null", "~") else value


FORMS = ("%A, %d %B %Y, %I:%M %p", "%d %B %Y, %I:%M %p", "%Y-%m-%d %H:%M", "%Y-%m-%d")
"""How platforms and people write a time."""


def moment(text: str) -> datetime | None:
    """A time as a platform or a person writes it, of this machine's zone where it names none."""
    text = re.sub(r"(\.\d{6})\d*", r"\1", text.strip())
    text = re.sub(r"(?: ?UTC| Z)$", "+00:00", text).replace("Z", "+00:00")
    text = re.sub(r"(?<=:\d\d)(\.\d+)? ?([+-]\d\d):?(\d\d)$", r"\1\2:\3", text)
    for read in (datetime.fromisoformat, *(_reader(form) for form in FORMS)):
        try:
            when = read(text)
        except ValueError:
            continue
        return (when if when.tzinfo else when.astimezone()).astimezone(timezone.utc)
    return None


def _reader(form: str) -> Callable[[str], datetime]:
    return lambda text: datetime.strptime(text, form)


def bare(name: str) -> str:
    """A file's name without its suffixes and without a browser's `(1)`."""
    name = COPY.sub("", name)
    while Path(name).suffix.lower() in {*SUFFIXES, ".py", ".ipynb"}:
        name = name[: -len(Path(name).suffix)]
    return COPY.sub("", name)
