"""The explicit list of what a handout has; a test finds nothing else in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.autograder.course import COURSES, Course
from tests.autograder.project import ROOT


def _in(folder: str, names: str) -> tuple[str, ...]:
    return tuple(f"{folder}/{name}.py" for name in names.split())


TOOLS = (
    *("sandbox.py", "tests/__init__.py"),
    *_in("tests/support", "__init__ terminal"),
    *_in(
        "tests/submission",
        "__init__ archives calls child clock copying course_layouts disk editions family "
        "homeworks importing layout loading printing process selecting source wire",
    ),
    *_in(
        "tests/autograder",
        "__init__ __main__ answering changes child choosing command comparing course details "
        "description diagnosis ending entries grading handing options packing places practice "
        "properties question_scoring references replacing report result rounds sandboxing scoring "
        "session sheet todo training transcript unwritten watching",
    ),
    *_in("tests/autograder/results", "__init__ formats manual record"),
    *_in("tests/autograder/shared", "__init__ conventions"),
    *_in("tests/autograder/courses", "__init__"),
    *_in(
        "tests/walkthrough",
        "__init__ child courses expressions names others picture report sections session stand_ins "
        "stepping steps verdict walk",
    ),
    *_in("tests/walkthrough/pages", "__init__"),
)
"""What grades, leads through the toy problems and trains; it knows no formula of the homework."""

LIBRARY = (
    *_in("checks", "__init__ arrays settings"),
    *_in(
        "datasets",
        "__init__ cells columns digits folders foreign idx idx_set labels loading mnist pictures "
        "pixels places scaling splitting tables",
    ),
    *_in("system", "__init__ atomic download errors locks progress"),
    "plotting.py",
)
"""What those need of the library: copies of their own, which stand in `tests/library`."""

PLAIN = ("grade.sh", "LICENSE", ".gitignore", "data/digits/digits.csv.gz")
"""Other files, as they are here."""

MADE = ("README.md", "pyproject.toml", "data/walkthrough.json", "tests/library/__init__.py",
        "tests/walkthrough/pages/order.py")  # fmt: skip
"""What is made for the handout."""


SHARED = _in(
    "tests/autograder/shared",
    "__init__ exam exam_bonus exam_networks exam_properties exam_properties_networks questions",
)
"""What asks by the conventions of a course that has no exam of its own."""


def library_of(courses: Iterable[Course]) -> list[str]:
    """The modules of the library that a handout of some courses has copies of."""
    own = [getattr(course.module("handout"), "LIBRARY", ()) for course in courses]
    return [*LIBRARY, *(name for names in own for name in names)]


def of_course(course: Course) -> Iterator[tuple[str, str]]:
    """The student's files of a course: their place in the handout, and the staff's here."""
    root = course.folder / "solution"
    found = {str(path.relative_to(root)): path for path in root.rglob("*.py")}
    for other, names in getattr(course.module("handout"), "SAME", {}).items():
        found |= {name: COURSES / other / "solution" / name for name in names}
    for name, path in sorted(found.items()):
        yield name, str(path)


def tools_of_course(course: Course) -> Iterator[tuple[str, Path]]:
    """The modules that a handout has for a course, its own and shared ones, and the staff's."""
    for name in course.module("handout").TOOLS:
        yield f"tests/autograder/courses/{course.name}/{name}.py", course.folder / f"{name}.py"
    for name in SHARED if course.conventions is not None else ():
        yield name, ROOT / name
