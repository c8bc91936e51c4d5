"""What a hand-in of a course consists of, and the archive that it is handed in as.

A course says in `HANDIN` of its `handout.py` what differs from a tar file of the folders that its
classes are in: `archive`, the file's name; `name`, what stands in it where no name is given;
`folder`, where the files lie in the archive; `also`, files that are handed in where they are there;
`report`, a pattern of files that a person reads.
"""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from mytorch.system.atomic import replacing
from tests.autograder.course import Course
from tests.submission.layout import Submission
from tests.submission.selecting import Chosen, Selection
from tests.submission.source import TOP, Folder

SUFFIXES = (".py", ".png", ".typed")


def _said(course: Course) -> dict[str, Any]:
    given = getattr(course.module("handout"), "HANDIN", {}) if course.has("handout") else {}
    return {"archive": "{name}.tar", "name": "handin", "folder": "", "also": (), "report": "",
            **given}  # fmt: skip


def lacking(course: Course, submission: Submission) -> Iterator[str]:
    """The modules of a course's classes that are not there; one of the possible places suffices."""
    for homes in dict.fromkeys(course.homes.values()):
        files = [home.replace(".", "/") for home in homes]
        there = (submission.root / name for file in files for name in (f"{file}.py", file))
        if not any(path.exists() for path in there):
            yield f"{files[0]}.py"


def archive_name(course: Course, name: str | None) -> str:
    """What the file is called: the student's name is in it."""
    said = _said(course)
    return str(said["archive"]).format(name=name or said["name"])


def _chosen(course: Course, submission: Submission) -> Iterator[Chosen]:
    """The files of a hand-in: those in the folders of its classes, single ones, and a report."""
    said = _said(course)
    homes = [home.split(".") for homes in course.homes.values() for home in homes]
    folders = {parts[0] for parts in homes if len(parts) > 1}
    files = {f"{parts[0]}.py" for parts in homes if len(parts) == 1} | set(said["also"])
    for chosen in Selection(Folder(submission.root), TOP).files:
        inside = chosen.name.parts[0] in folders and len(chosen.name.parts) > 1
        if (
            (inside and chosen.name.suffix in SUFFIXES)
            or str(chosen.name) in files
            or _is_report(course, chosen.name)
        ):
            yield chosen


def _is_report(course: Course, name: PurePosixPath) -> bool:
    pattern = _said(course)["report"]
    return bool(pattern) and len(name.parts) == 1 and name.match(pattern)


def lacks_report(course: Course, submission: Submission) -> bool:
    """Whether the course asks for a report, which is not there."""
    pattern = _said(course)["report"]
    return bool(pattern) and not any(submission.root.glob(pattern))


def pack_course(course: Course, submission: Submission, file: Path) -> list[str]:
    """Writes the hand-in of a course; returns the names in it.

    Raises OSError where it cannot be written, NotCoursework where there is too much of it.
    """
    folder = PurePosixPath(_said(course)["folder"])
    files = [
        (submission.root / chosen.place,
         str(chosen.name if _is_report(course, chosen.name) else folder / chosen.name))
        for chosen in _chosen(course, submission)
    ]  # fmt: skip
    return write(files, file, "" if archive_name(course, None).endswith(".tar") else "zip")


def write(files: Sequence[tuple[Path, str]], file: Path, kind: str) -> list[str]:
    """Writes files under the names they have in the archive: a tar file, a "gz" of it, a "zip"."""
    with replacing(file) as target:
        if kind == "zip":
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as zip:
                for path, name in files:
                    zip.write(path, name)
        else:
            mode: Any = "w:gz" if kind == "gz" else "w"
            with tarfile.open(fileobj=target, mode=mode, dereference=True) as tar:
                for path, name in files:
                    tar.add(path, arcname=name)
    return [name for _, name in files]
