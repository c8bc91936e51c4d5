"""What the tests of the courses' handouts share: one that is made, and how its tools are run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.course import Course, find_course
from tests.autograder.grading import Limits
from tests.autograder.handout import files
from tests.autograder.handout.making import write_handout
from tests.autograder.references import load
from tests.autograder.session import Session, grade
from tests.submission.layout import find
from tests.support.quick import first_is_quick
from tests.support.sharing import bare, made_once
from tests.support.waiting import LIMIT

NAMES = ("cmu-s23", "cmu-s24", "cmu-s24-bonus", "uva-2019")


@pytest.fixture(scope="module", params=first_is_quick(NAMES))
def course(request: pytest.FixtureRequest) -> Course:
    return find_course(request.param)


@pytest.fixture(scope="module")
def made(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make(folder: Path) -> None:
        write_handout(folder, courses=[course])

    return shutil.copytree(
        made_once(tmp_path_factory, f"handout of {course.name}", make),
        tmp_path_factory.mktemp("new") / "a handout",
    )


@pytest.fixture
def handout(made: Path, tmp_path: Path) -> Path:
    """A handout that a test may change, copied to another place."""
    return shutil.copytree(made, tmp_path / "elsewhere")


@cache
def blanks(course: Course) -> list[tuple[str, str, str]]:
    """The functions that are graded here, each with its file and its question."""
    table = files.blanks(course)
    return [(file, name, asked) for file, row in table.items() for name, asked in row.items()]


def run(folder: Path, *command: str) -> Any:
    return subprocess.run(
        [sys.executable, *command], cwd=folder, capture_output=True, text=True, timeout=LIMIT,
        env=bare(MPLBACKEND="Agg"), check=False,
    )  # fmt: skip


def graded(folder: Path, course: Course) -> Session:
    """By the staff's grader, with the full cases."""
    return grade(find(folder, course), course, load(course), Limits(60.0))
