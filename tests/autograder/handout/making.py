"""Writes a handout: the student's files with functions left to write, and tools of their own.

The tools are copies that import nothing of the student's, and hold no formula of the homework.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.autograder.course import Course, own_courses
from tests.autograder.description import FILE
from tests.autograder.handout import files
from tests.autograder.handout.blanking import blanked
from tests.autograder.handout.cases import store_cases
from tests.autograder.handout.toy_problems import store_walkthrough
from tests.autograder.project import ROOT, copy_project

HERE = Path(__file__).resolve().parent
FOLDERS = ("mytorch", "hw1", "data", "tests")


def write_handout(target: Path, docstrings: str = "full") -> None:
    """The student's starting point in `target`, which must not exist or be empty.

    `docstrings` is one of `blanking.LEVELS`. Raises FileExistsError where something is there
    already, `fresh.Disagreement` where the library does not answer the cases rightly.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FileExistsError(f"{target} holds something already; name a new folder")
    place = target.resolve()
    if any(place.is_relative_to(ROOT / name) for name in FOLDERS):
        raise FileExistsError(f"{target} lies in a folder that is copied; name one outside")
    courses = own_courses()
    copy_project(target, files.PLAIN, ())
    _write_tools(target, courses)
    with tempfile.TemporaryDirectory() as folder:
        solution = Path(folder) / "solution"
        for course in courses:
            write_solution(course, solution)
            _write_blanks(course, target, docstrings)
            store_cases(course, target)
        store_walkthrough(solution, target / "data" / "walkthrough.json")
    shutil.copy(HERE / "pyproject.txt", target / "pyproject.toml")
    readme = (HERE / "README.txt").read_text(encoding="utf-8")
    _write(target / "README.md", readme.replace("TO WRITE\n", to_write(courses)))


def write_solution(course: Course, target: Path) -> None:
    """The solution of a course, which the tests fill a handout in with."""
    for name, path in files.of_course(course):
        _write(target / name, Path(path).read_text(encoding="utf-8"))


def _write_blanks(course: Course, target: Path, docstrings: str) -> None:
    blanks = course.module("handout").BLANKS
    for name, path in files.of_course(course):
        text = Path(path).read_text(encoding="utf-8")
        _write(target / name, blanked(text, blanks.get(name, ()), docstrings))


def _write_tools(target: Path, courses: Sequence[Course]) -> None:
    for name in files.TOOLS:
        _write(target / name, apart((ROOT / name).read_text(encoding="utf-8")))
    for course in courses:
        emptied = course.module("handout").EMPTIED
        for name in files.tools_of_course(course):
            text = apart((ROOT / name).read_text(encoding="utf-8"))
            _write(target / name, blanked(text, emptied.get(Path(name).name, ()), "signatures"))
        text = (course.folder / FILE).read_text(encoding="utf-8")
        _write(target / (course.folder / FILE).relative_to(ROOT), without_hints(text))
    for name in files.LIBRARY:
        text = apart((ROOT / "mytorch" / name).read_text(encoding="utf-8"))
        # one folder deeper than in the library
        _write(target / "tests" / "library" / name, text.replace("parents[2]", "parents[3]"))
    _write(
        target / "tests" / "library" / "__init__.py", '"""What the tools need besides NumPy."""\n'
    )
    pages = Path("tests") / "walkthrough" / "pages"
    _write(target / pages / "order.py", (ROOT / pages / "stored.py").read_text(encoding="utf-8"))


def apart(text: str) -> str:
    """A tool's code, which imports copies of the library's modules and not the student's."""
    return re.sub(r"\b(from|import) mytorch\b", r"\1 tests.library", text)


def without_hints(text: str) -> str:
    """A course's file without the formulas, which stand at its end."""
    return text.partition("\n# What each method computes")[0]


def to_write(courses: Sequence[Course]) -> str:
    """A table of what there is to write, in the order of the questions."""
    lines = []
    for course in sorted(courses, key=lambda course: course.command):
        lines += [f"The {course.title} homework, `./grade.sh {course.command}`:", ""]
        lines += ["| question | points | file | functions |", "|---|---|---|---|"]
        for question in (*course.questions, course.training):
            points = f"{question.points:g}" if question.points else "10, by a person"
            rows = [
                (file, [name for name, asked in names.items() if asked == question.id])
                for file, names in course.module("handout").BLANKS.items()
            ]
            for file, names in rows:
                if names:
                    functions = ", ".join(f"`{name}`" for name in names)
                    lines.append(
                        f"| {question.id} {question.title} | {points} | `{file}` | {functions} |"
                    )
            if not any(names for _, names in rows):
                lines.append(f"| {question.id} {question.title} | {points} | no others | |")
        lines.append("")
    return "\n".join([*lines, ""])


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
