"""The explicit list of what a handout has; a test finds nothing else in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.autograder.course import COURSES, Course, find_course
from tests.autograder.handout.blanking import functions
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
        "__init__ __main__ answering changes child choosing command comparing compiled course "
        "coursework details description diagnosis ending entries grading handing options packing "
        "places practice properties puzzle question_scoring references replacing report result "
        "rounds sandboxing scoring session sheet todo training transcript unwritten watching",
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
    *_in("checks", "__init__ arrays remedies settings"),
    *_in("datasets", "digits foreign idx idx_set labels loading mnist pixels places"),
    *_in("plotting", "__init__ curves figures graph"),
    *_in("system", "__init__ atomic download errors locks progress"),
)
"""What those need of the library: copies of their own, which stand in `tests/library`."""

PLAIN = ("grade.sh", "LICENSE", ".gitignore", "data/digits/digits.csv.gz")
"""Other files, as they are here."""

MADE = ("README.md", "pyproject.toml", "data/walkthrough.json", "tests/library/__init__.py",
        "tests/library/datasets/__init__.py", "tests/walkthrough/pages/order.py")  # fmt: skip
"""What is made for the handout."""


SHARED = _in(
    "tests/autograder/shared",
    "__init__ exam exam_bonus exam_networks exam_properties exam_properties_bonus "
    "exam_properties_networks questions",
)
"""What asks by the conventions of a course that has no exam of its own."""


def library_of(courses: Iterable[Course]) -> list[str]:
    """The modules of the library that a handout of some courses has copies of."""
    return [*LIBRARY, *(name for one in courses for name in one.description.handout.library)]


def of_course(course: Course) -> Iterator[tuple[str, Path]]:
    """The student's files of a course: their place in the handout, and the staff's here."""
    root = course.folder / "solution"
    found = {str(path.relative_to(root)): path for path in root.rglob("*.py")}
    for name, place in course.description.handout.same.items():
        found[name] = _of_another(place)
    yield from sorted(found.items())


def _of_another(place: str) -> Path:
    """The file that `cmu_s23/models/mlp.py` names."""
    course, _, name = place.partition("/")
    return COURSES / course / "solution" / name


def blanks(course: Course) -> dict[str, dict[str, str]]:
    """By file, the functions that are left to write and graded, each with its question."""
    sources = dict(of_course(course))
    there = {name: functions(path.read_text(encoding="utf-8")) for name, path in sources.items()}
    found: dict[str, dict[str, str]] = {}
    for question in (*course.questions, *filter(None, [course.training])):
        for file, name in course.to_write(question):
            if name in there.get(file, ()):
                found.setdefault(file, {}).setdefault(name, question.id)
    return found


def others(course: Course) -> dict[str, tuple[str, ...]]:
    """By file, functions that are left to write and not graded, with those of homeworks before."""
    return {**course.description.handout.others, **of_before(course)}


def of_before(course: Course) -> dict[str, tuple[str, ...]]:
    """By file, the functions that a student has written for another course before."""
    found, graded = {}, blanks(course)
    for name, place in course.description.handout.same.items():
        folder, _, file = place.partition("/")
        names = tuple(blanks(find_course(folder)).get(file, ()))
        if names and name not in graded:
            found[name] = names
    return found


def tools_of_course(course: Course) -> Iterator[tuple[str, Path]]:
    """The modules that a handout has for a course, its own and shared ones, and the staff's."""
    for name in course.description.handout.tools:
        yield f"tests/autograder/courses/{course.name}/{name}.py", course.folder / f"{name}.py"
    for name in SHARED if course.conventions is not None else ():
        yield name, ROOT / name
