"""Fills the templates. Whatever a student wrote is escaped, and no page asks for another file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from mytorch.system.atomic import replacing
from tests.autograder.classes.marks import Marks, marks
from tests.autograder.classes.statistics import Statistics, statistics
from tests.autograder.classes.tables import Grade, course_points, most_points
from tests.autograder.course import Course
from tests.submission.printing import MOST

HERE = Path(__file__).resolve().parent
STUDENTS = "students"
LARGEST = 200_000
"""How many bytes a student's page may have."""
LONGEST = 600
"""How long a message may be."""
SHOWN = 4
"""How many wrong checks of a question are shown at once; the others can be unfolded."""


def can_render() -> bool:
    """Whether Jinja2 is installed."""
    return find_spec("jinja2") is not None


class Room(NamedTuple):
    """How much of a hand-in its page shows: how many wrong checks of a question, how long a message
    is, how many bytes are code and how many were printed.
    """

    checks: int = 60
    message: int = 200
    code: int = 80_000
    printed: int = 20_000


ROOMS = (Room(), Room(20, 100, 40_000, 10_000), Room(4, 60, 10_000, 1_000))
"""As much as a page that is not too large can have."""


class Material(NamedTuple):
    """What pages show beside the results: code and pictures by the hand-in's id, and the expected
    pictures.
    """

    sources: Mapping[str, Mapping[str, str]]
    pictures: Mapping[str, Mapping[str, str]] = {}
    expected: Mapping[str, str] = {}


class Pages:
    """Writes the pages of a class into a folder."""

    def __init__(self, folder: Path, course: Course) -> None:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        self.folder, self.course = folder, course
        self.environment = Environment(
            autoescape=True,
            loader=FileSystemLoader(HERE),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.filters["shown"] = shown
        self.environment.filters["number"] = lambda value: f"{value:.4g}"
        style, script = ((HERE / name).read_text() for name in ("style.css", "table.js"))
        self.environment.globals.update(
            course=course, style=style, style_hash=_hash(style), script=script,
            script_hash=_hash(script),
        )  # fmt: skip

    def write(
        self, grades: Sequence[Grade], material: Material, similar: bool = False
    ) -> list[Path]:
        """Writes all pages; returns that of the class. Pages of hand-ins that are gone go, too."""
        (self.folder / STUDENTS).mkdir(exist_ok=True)
        files = {}
        for grade in grades:
            if grade.record is not None:
                files[grade.id] = self.student(grade, material)
        for file in set((self.folder / STUDENTS).glob("*.html")) - set(files.values()):
            file.unlink()
        figures = statistics(grades, self.course)
        return [self.index(grades, figures, similar)]

    def student(self, grade: Grade, material: Material) -> Path:
        """The page that a student gets back."""
        assert grade.record is not None
        sources = material.sources.get(grade.id, {})
        noted = marks(grade.record, sources)
        curves = material.pictures.get(grade.id, {})
        own, most = course_points([grade]), most_points([grade])
        text = ""
        for room in ROOMS:
            text = self.environment.get_template("student.html").render(
                grade=grade, record=grade.record, most=SHOWN, room=room,
                files=listed(sources, noted, room.code),
                curves=[(name, data, material.expected.get(name)) for name, data in curves.items()],
                questions=[(q, *_checks(q)) for q in grade.record["questions"]],
                own_points=own if own < most else None,
                prints=list(prints(grade.record, room.printed)),
            )  # fmt: skip
            if len(text.encode(errors="replace")) < LARGEST:
                break
        return self._written(text, self.folder / STUDENTS / f"{grade.id}.html")

    def index(self, grades: Sequence[Grade], figures: Statistics, similar: bool) -> Path:
        """The page of the class."""
        highest = max((one.size for one in figures.bins), default=0)
        text = self.environment.get_template("index.html").render(
            rows=[(g, _by_question(g), figures.made_by(g.name)) for g in grades], figures=figures,
            most=most_points(grades), highest=highest or 1, students=STUDENTS, similar=similar,
        )  # fmt: skip
        return self._written(text, self.folder / "index.html")

    def render(self, template: str, file: Path, **values: Any) -> Path:
        """Another page."""
        return self._written(self.environment.get_template(template).render(**values), file)

    def _written(self, text: str, file: Path) -> Path:
        with replacing(file) as target:
            target.write(text.encode(errors="replace"))
        return file


def shown(text: str, longest: int = LONGEST) -> str:
    """A text without characters that are not seen or turn its direction, and not too long."""
    text = text if len(text) <= longest else f"{text[:longest]} ..."
    return "".join(c if c.isprintable() or c in "\t\n" else "�" for c in text)


def listed(
    sources: Mapping[str, str], noted: Marks, most: int = Room().code
) -> list[tuple[str, list[tuple[int, str, list[str]]] | None]]:
    """The files with their lines and notes, None for those that make the page too long."""
    files: list[tuple[str, list[tuple[int, str, list[str]]] | None]] = []
    left = most
    for name in sorted(sources, key=lambda name: (name not in noted, name)):
        lines = [shown(line, 2000) for line in sources[name].splitlines()]
        notes = noted.get(name, {})
        left -= sum(len(escape(line).encode(errors="replace")) + 60 for line in lines)
        if left < 0:
            files.append((name, None))
            continue
        files.append((name, [(n, line, notes.get(n, [])) for n, line in enumerate(lines, 1)]))
    return files


def prints(record: Mapping[str, Any], most: int) -> Iterator[tuple[str, str, bool]]:
    """What was printed: when, the lines, and whether there were more; less where it is much."""
    left = most
    for when, printed in (
        ("while it was imported", record["printed"]),
        *((f"{q['id']} {q['title']}", q["printed"]) for q in record["questions"]),
    ):
        kept = printed[:MOST]
        text = shown("\n".join(kept), left // 5)  # a character may need five in HTML
        if text.strip() and left > 0:
            left -= len(escape(text).encode(errors="replace"))
            yield when, text, len(printed) > MOST


def _by_question(grade: Grade) -> dict[str, Any]:
    """The questions that were graded, by their id."""
    if grade.record is None or grade.record["reason"]:
        return {}
    return {question["id"]: question for question in grade.record["questions"]}


def _checks(question: Mapping[str, Any]) -> tuple[list[Any], list[Any]]:
    """The wrong checks of a question, and those that cost nothing although they are wrong."""
    noted = [check for check in question["checks"] if check["message"]]
    return [c for c in noted if not c["passed"]], [c for c in noted if c["passed"]]


def _hash(text: str) -> str:
    """What a page's Content-Security-Policy calls its own style or script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
