"""What a hand-in consists of, by the tables `[handin]` of its courses, and its archive.

The two oldest homeworks may be handed in together, so there may be more than one course.
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
Courses = Sequence[Course]


def lacking(courses: Courses, submission: Submission) -> Iterator[str]:
    """The files that have to be in a hand-in and are not there.

    Of a class that may be in one of several modules, one suffices.
    """
    if submission.layout == "2019":
        return  # one file has everything, or the hand-in is not recognised at all
    for course in courses:
        files = course.description.handin.files
        modules = [
            [f"{home.replace('.', '/')}.py" for home in homes]
            for homes in dict.fromkeys(course.homes.values())
        ]
        for places in [[file] for file in files] or modules:
            paths = [submission.root / place for place in places]
            if not any(path.exists() or path.with_suffix("").is_dir() for path in paths):
                yield places[0]


def lacking_plots(courses: Courses, submission: Submission) -> list[str]:
    """The plots that are not there; those of one course are enough."""
    wanted = [course.description.handin.plots for course in courses]
    missing = [[p for p in plots if not (submission.root / p).is_file()] for plots in wanted]
    return [] if not all(missing) else [plot for plots in missing for plot in plots]


def archive_name(courses: Courses, name: str | None) -> str:
    """What the file is called: the student's name is in it."""
    said = courses[0].description.handin
    return said.archive.format(name=name or said.name)


def lacks_report(courses: Courses, submission: Submission) -> bool:
    """Whether a course asks for a report, which is not there."""
    reports = [course.description.handin.report for course in courses]
    return any(report and not any(submission.root.glob(report)) for report in reports)


def pack(courses: Courses, submission: Submission, file: Path) -> list[str]:
    """Writes the hand-in; returns the names in it.

    Raises OSError where it cannot be written, NotCoursework where there is too much of it.
    """
    said = courses[0].description.handin
    folder = PurePosixPath(said.inside)
    files = [
        (submission.root / chosen.place,
         str(chosen.name if _is_report(courses, chosen.name) else folder / chosen.name))
        for chosen in _chosen(courses, submission)
    ]  # fmt: skip
    with replacing(file) as target:
        if said.archive.endswith(".zip"):
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as zip:
                for path, name in files:
                    zip.write(path, name)
        else:
            mode: Any = "w:gz" if said.compressed else "w"
            with tarfile.open(fileobj=target, mode=mode, dereference=True) as tar:
                for path, name in files:
                    tar.add(path, arcname=name)
    return [name for _, name in files]


def _chosen(courses: Courses, submission: Submission) -> Iterator[Chosen]:
    """The files of a hand-in: those in some folders, single ones, and a report."""
    folders, files = set[str](), set[str]()
    for course in courses:
        said = course.description.handin
        homes = [home.split(".") for homes in course.homes.values() for home in homes]
        folders |= set(said.folders) or {parts[0] for parts in homes if len(parts) > 1}
        if not said.folders:
            files |= {f"{parts[0]}.py" for parts in homes if len(parts) == 1}
        files |= set(said.also)
    for chosen in Selection(Folder(submission.root), TOP).files:
        top, *more = chosen.name.parts
        inside = (bool(more) and top in folders) or submission.layout == "2019"
        if (
            (inside and chosen.name.suffix in SUFFIXES)
            or str(chosen.name) in files
            or _is_report(courses, chosen.name)
        ):
            yield chosen


def _is_report(courses: Courses, name: PurePosixPath) -> bool:
    patterns = [course.description.handin.report for course in courses]
    return len(name.parts) == 1 and any(report and name.match(report) for report in patterns)
