"""The explicit list of what a handout has; a test finds nothing else in it."""

from __future__ import annotations

from collections.abc import Iterator

from tests.autograder.course import Course


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
        "__init__ __main__ answering changes child command comparing course details "
        "diagnosis ending grading handing options places practice properties references "
        "report result rounds sandboxing scoring session sheet todo training transcript unwritten "
        "watching",
    ),
    *_in("tests/autograder/results", "__init__ formats manual record"),
    *_in("tests/autograder/shared", "__init__ conventions"),
    *_in("tests/autograder/courses", "__init__"),
    *_in(
        "tests/walkthrough",
        "__init__ child expressions names others picture report sections session stand_ins "
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


def of_course(course: Course) -> Iterator[tuple[str, str]]:
    """The student's files of a course: their place in the handout, and the staff's here."""
    root = course.folder / "solution"
    for path in sorted(root.rglob("*.py")):
        yield str(path.relative_to(root)), str(path)


def tools_of_course(course: Course) -> Iterator[str]:
    """The modules of a course that a handout has."""
    for name in course.module("handout").TOOLS:
        yield f"tests/autograder/courses/{course.name}/{name}.py"
