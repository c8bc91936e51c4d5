"""What the tests of the handout share: one that is made, the solution, how its tools are run."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.course import own_courses
from tests.autograder.handout import files
from tests.autograder.handout.making import write_handout, write_solution
from tests.support.sharing import bare, made_once
from tests.support.waiting import LIMIT

COURSES = {course.title: course for course in own_courses()}
BLANKS = [
    (title, file, name, question)
    for title, course in COURSES.items()
    for file, names in files.blanks(course).items()
    for name, question in names.items()
]
STUDENTS = sorted({name for course in own_courses() for name, _ in files.of_course(course)})
COMMANDS = {
    "1": ("-m", "tests.autograder", "1", "--no-training"),
    "a": ("-m", "tests.autograder", "a", "--no-training"),
    "m": ("-m", "tests.autograder.practice", "--data", "digits", "--epochs", "2"),
    "handin": ("-m", "tests.autograder.handing", "handin", "--without-plots"),
    "sandbox": ("sandbox.py",),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(
        made_once(tmp_path_factory, "handout", write_handout),
        tmp_path_factory.mktemp("new") / "a handout",
    )


@pytest.fixture
def handout(made: Path, tmp_path: Path) -> Path:
    """A handout that a test may change."""
    return shutil.copytree(made, tmp_path / "handout")


@pytest.fixture(scope="module")
def solution(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("solution")
    for course in own_courses():
        write_solution(course, folder)
    return folder


def run(handout: Path, command: str, *options: str) -> Any:
    """A command as `grade.sh` runs it in a handout, but with this interpreter."""
    return subprocess.run(
        [sys.executable, *COMMANDS[command], *options], cwd=handout, capture_output=True,
        text=True, timeout=LIMIT, env=bare(MPLBACKEND="Agg"), check=False,
    )  # fmt: skip
