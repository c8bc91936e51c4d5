"""What the tests of the autograder share: a 2019 homework, edited and graded."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.course import find_course
from tests.autograder.grading import Limits
from tests.autograder.references import References, load
from tests.autograder.session import Session, grade
from tests.submission.layout import find
from tests.support.sharing import bare
from tests.support.waiting import LIMIT

ROOT = Path(__file__).resolve().parents[2]
HW1 = ROOT / "tests" / "support" / "coursework" / "hw1.py"
Grade = Callable[..., Session]


@pytest.fixture(scope="module")
def stored() -> References:
    return load(find_course("classic"))


@pytest.fixture
def graded(tmp_path: Path, stored: References) -> Grade:
    """Grades the 2019 coursework with some more code at its end."""

    def run(more: str = "", old: str = "", new: str = "", **options: Any) -> Session:
        text = HW1.read_text()
        assert text.count(old) == 1 or not old
        folder = tmp_path / f"submission {time.monotonic_ns()}"
        folder.mkdir()
        (folder / "hw1.py").write_text(text.replace(old, new) + more if old else text + more)
        options.setdefault("with_training", False)
        options.setdefault("limits", Limits(60.0))
        return grade(find(folder), find_course("classic"), stored, **options)

    return run


def status(session: Session) -> dict[str, str]:
    return {result.question.id: result.status for result in session.results}


def lost(session: Session) -> dict[str, float]:
    return {
        r.question.id: r.question.points - r.score for r in session.results if r.status != "passed"
    }


def tanh(code: str) -> str:
    """A Tanh whose forward misbehaves: it costs question 3.3b, and nothing else."""
    body = code.replace("\n", "\n        ")
    return f"\n\nclass Tanh(Tanh):\n    def forward(self, x):\n        {body}\n"


def command(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """`./grade.sh` with these arguments, by this interpreter, in a copy of the project or here."""
    return subprocess.run(
        [sys.executable, "-m", "tests.autograder", *arguments],
        cwd=folder, capture_output=True, text=True, timeout=LIMIT,
        env=bare(PATH=os.environ["PATH"], HOME=str(folder), NO_COLOR="1"),
    )  # fmt: skip


ONE_AFTER_THE_OTHER = """
import contextlib, io, json, sys
from tests.autograder.__main__ import run
for word, *arguments in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        run(word, arguments)
    print(json.dumps(out.getvalue()))
"""


def reports(tools: Path, commands: list[tuple[str, ...]]) -> list[str]:
    """What `./grade.sh` in the folder `tools` shows for each command, all in one process."""
    done = subprocess.run(
        [sys.executable, "-c", ONE_AFTER_THE_OTHER], cwd=tools, input=json.dumps(commands),
        capture_output=True, text=True, timeout=LIMIT, env=bare(), check=True,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]
