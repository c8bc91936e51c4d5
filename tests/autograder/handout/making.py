"""Writes a handout: the student's files with functions left to write, and tools of their own.

The tools are copies that import nothing of the student's, and hold no formula of the homework.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.autograder.course import Course, own_courses
from tests.autograder.description import FILE
from tests.autograder.handout import files
from tests.autograder.handout.blanking import blanked
from tests.autograder.handout.cases import store_cases
from tests.autograder.handout.readme import folders_of, readme
from tests.autograder.handout.toy_problems import store_walkthrough
from tests.autograder.project import ROOT, copy_project

HERE = Path(__file__).resolve().parent
FOLDERS = ("mytorch", "hw1", "data", "tests")
PACKAGES = {
    "": '"""What the tools need besides NumPy."""\n',
    "datasets": '"""The data sets that the trainings use."""\n\n'
    "from tests.library.datasets.loading import load\n"
    "from tests.library.system.errors import DataError, DataMissing\n\n"
    '__all__ = ["DataError", "DataMissing", "load"]\n',
}
"""By folder, the first file of what a handout has of the library, where it is no copy.

Of the data sets it has those that are trained on, and nothing for tables: their columns' means are
a gradient that a student finds alone.
"""


def write_handout(
    target: Path, docstrings: str = "full", courses: Sequence[Course] | None = None
) -> None:
    """The student's starting point in `target`, which must not exist or be empty.

    `docstrings` is one of `blanking.LEVELS`; without `courses` it is for the first two homeworks.
    Raises FileExistsError where something is there already, `fresh.Disagreement` where the library
    does not answer the cases rightly, LookupError for a course that has no files for students.
    """
    courses = own_courses() if courses is None else courses
    for course in courses:
        if not (course.folder / "solution").is_dir():
            raise LookupError(f"there is no handout of {course.title}: its folder has no solution/")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FileExistsError(f"{target} holds something already; name a new folder")
    place = target.resolve()
    if any(place.is_relative_to(ROOT / name) for name in FOLDERS):
        raise FileExistsError(f"{target} lies in a folder that is copied; name one outside")
    copy_project(target, files.PLAIN, ())
    _write_tools(target, courses)
    with tempfile.TemporaryDirectory() as folder:
        solution = Path(folder) / "solution"
        for course in courses:
            write_solution(course, solution)
            _write_blanks(course, target, docstrings)
            store_cases(course, target)
        store_walkthrough(solution, target / "data" / "walkthrough.json", courses)
    folders = sorted({folder for course in courses for folder in folders_of(course)})
    pyproject = (HERE / "pyproject.txt").read_text(encoding="utf-8")
    packed = ", ".join(f'"{name}"' for name in folders if name) or '"tests"'
    _write(target / "pyproject.toml", pyproject.replace("PACKED", packed))
    _write(target / "README.md", readme(courses))


def write_solution(course: Course, target: Path) -> None:
    """The solution of a course, which the tests fill a handout in with."""
    for name, path in files.of_course(course):
        _write(target / name, path.read_text(encoding="utf-8"))


def _write_blanks(course: Course, target: Path, docstrings: str) -> None:
    blanks, others = files.blanks(course), files.others(course)
    for name, path in files.of_course(course):
        text = path.read_text(encoding="utf-8")
        names = (*blanks.get(name, ()), *others.get(name, ()))
        _write(target / name, blanked(text, names, docstrings))


def _write_tools(target: Path, courses: Sequence[Course]) -> None:
    for name in files.TOOLS:
        _write(target / name, apart((ROOT / name).read_text(encoding="utf-8")))
    for course in courses:
        emptied = course.description.handout.emptied
        for name, path in files.tools_of_course(course):
            text = apart(path.read_text(encoding="utf-8"))
            _write(target / name, blanked(text, emptied.get(path.stem, ()), "signatures"))
        text = (course.folder / FILE).read_text(encoding="utf-8")
        place = Path("tests", "autograder", "courses", course.name, FILE)
        _write(target / place, without_hints(text))
    for name in files.library_of(courses):
        text = apart((ROOT / "mytorch" / name).read_text(encoding="utf-8"))
        # one folder deeper than in the library
        _write(target / "tests" / "library" / name, text.replace("parents[2]", "parents[3]"))
    for name, text in PACKAGES.items():
        _write(target / "tests" / "library" / name / "__init__.py", text)
    pages = Path("tests") / "walkthrough" / "pages"
    _write(target / pages / "order.py", (ROOT / pages / "stored.py").read_text(encoding="utf-8"))


def apart(text: str) -> str:
    """A tool's code, which imports copies of the library's modules and not the student's."""
    return re.sub(r"\b(from|import) mytorch\b", r"\1 tests.library", text)


def without_hints(text: str) -> str:
    """A course's file without the formulas, which stand at its end."""
    return text.partition("\n# What each method computes")[0]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
