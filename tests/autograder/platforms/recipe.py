"""`./grade.sh 1 --platform gradescope|autolab DIR`: what a platform needs to run this grader."""

from __future__ import annotations

import json
import shlex
import shutil
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.autograder.course import Course
from tests.autograder.options import ROOT
from tests.autograder.project import copy_project
from tests.autograder.results.manual import MOST
from tests.autograder.results.record import problem
from tests.autograder.session import WrongUse

HERE = Path(__file__).resolve().parent
COPIED = (
    *("mytorch", "hw1", "data", "grade.sh", "pyproject.toml", "README.md", "LICENSE"),
    *("tests/__init__.py", "tests/autograder", "tests/submission"),
    *("tests/support/__init__.py", "tests/support/terminal.py"),
)
LEFT_OUT = ("__pycache__", "mnist", "pictures", "references", "*.png", "mutants.txt")
GRADER = "grader"
"""The folder that the grader lies in, on the platform."""


def write_recipe(kind: str, folder: Path, course: Course) -> str:
    """Writes the recipe of a platform into a new folder; returns what to do with it.

    Raises WrongUse for an unknown platform or a folder that holds something, OSError where it
    cannot be written.
    """
    if kind not in RECIPES:
        raise WrongUse(f"--platform: expected {' or '.join(RECIPES)}, got {kind}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WrongUse(f"--platform: {folder} holds something already; name a new folder")
    if any(folder.resolve().is_relative_to(ROOT / name) for name in COPIED):
        raise WrongUse(f"--platform: {folder} lies in a folder that is copied; name one outside")
    folder.mkdir(parents=True, exist_ok=True)
    return RECIPES[kind](folder, course)


def gradescope(folder: Path, course: Course) -> str:
    """`setup.sh`, `run_autograder` and the grader."""
    for name in ("setup.sh", "run_autograder"):
        _write(HERE / "gradescope" / name, folder / name, course, 0o755)
    copy_project(folder / GRADER, COPIED, LEFT_OUT)
    return (
        f"wrote {folder}\nPack what is in it, and upload that zip as the autograder:\n"
        f"  cd {shlex.quote(str(folder))} && zip -qr ../autograder.zip ."
    )


def autolab(folder: Path, course: Course) -> str:
    """`autograde-Makefile`, `autograde.tar` with the grader, and `problems.yml`."""
    _write(HERE / "autolab" / "autograde-Makefile", folder / "autograde-Makefile", course, 0o644)
    entries = [
        f"- name: {json.dumps(name)}\n  description: ''\n  max_score: {most:.1f}\n"
        "  optional: false\n"
        for name, most in problems(course)
    ]
    (folder / "problems.yml").write_text("problems:\n" + "".join(entries), encoding="utf-8")
    copy_project(folder / GRADER, COPIED, LEFT_OUT)
    with tarfile.open(folder / "autograde.tar", "w") as archive:
        archive.add(folder / GRADER, GRADER)
    shutil.rmtree(folder / GRADER)
    return (
        f"wrote {folder}\n"
        "Upload autograde-Makefile and autograde.tar to the assessment, and make its\n"
        "problems as problems.yml lists them. Let its hand-in file be handin.tar."
    )


RECIPES: dict[str, Callable[[Path, Course], str]] = {"gradescope": gradescope, "autolab": autolab}


def problems(course: Course) -> Iterator[tuple[str, float]]:
    """The problems of a course and their points; one for a person to grade comes last."""
    for question in course.questions:
        yield problem(question.id, question.title), question.points
    if course.training is not None:
        yield problem(course.training.id, course.training.title), MOST


def _write(template: Path, file: Path, course: Course, mode: int) -> None:
    listed = "\n".join(f"#   {most:>4g}  {name}" for name, most in problems(course))
    text = template.read_text(encoding="utf-8")
    text = text.replace("@COURSE@", course.command).replace("@PROBLEMS@", listed)
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
