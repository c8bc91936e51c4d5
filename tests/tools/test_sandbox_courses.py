"""The worked numbers of courses: on the library by their names, and on hand-ins."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.grading import ROOT
from tests.support.quick import first_is_quick
from tests.support.waiting import LIMIT
from tests.walkthrough.pages.order import COURSES

SOLUTIONS = ROOT / "tests" / "support" / "coursework"
CHECKS = {"cmu-s23": 47, "cmu-s24": 47, "cmu-s24-bonus": 13, "uva-2019": 16}


def sandbox(*arguments: object) -> Any:
    return subprocess.run(
        [sys.executable, "sandbox.py", "--timeout", "60", *map(str, arguments)], cwd=ROOT,
        capture_output=True, text=True, timeout=LIMIT, check=False,
    )  # fmt: skip


def test_every_course_of_data_has_worked_numbers() -> None:
    assert {name.replace("_", "-") for name in COURSES} == CHECKS.keys()


@pytest.mark.parametrize("name", first_is_quick(CHECKS))
def test_the_library_gives_a_courses_numbers_by_its_names(name: str) -> None:
    done = sandbox("--course", name)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{CHECKS[name]} checks: {CHECKS[name]} match, 0 errata of the pages" in done.stdout


@pytest.mark.parametrize("name", first_is_quick(CHECKS))
def test_a_right_solution_gives_them_and_its_course_is_found_out(name: str) -> None:
    done = sandbox("--path", SOLUTIONS / name)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{CHECKS[name]} checks: {CHECKS[name]} match" in done.stdout


WRONG = {
    "cmu-s23": ("mytorch/nn/loss.py", "dLdA = self.softmax - self.Y",
                "dLdA = (self.softmax - self.Y) / len(self.Y)", "6 its gradient for the logits"),
    "cmu-s24": ("mytorch/nn/linear.py", "self.dLdW = dLdZ.T @ self.A",
                "self.dLdW = dLdZ.T @ self.A / self.N", "1 dLdW"),
    "uva-2019": ("modules.py", 'self.grads["weight"] = self.x.T @ dout',
                 'self.grads["weight"] = self.x.T @ dout / len(dout)',
                 "1.2a gradient of the weight"),
}  # fmt: skip


@pytest.mark.parametrize("name", first_is_quick(WRONG))
def test_a_mean_in_another_place_is_seen(name: str, tmp_path: Path) -> None:
    file, old, new, where = WRONG[name]
    folder = shutil.copytree(SOLUTIONS / name, tmp_path / "x")
    text = (folder / file).read_text()
    assert text.count(old) == 1, text
    (folder / file).write_text(text.replace(old, new))
    done = sandbox("--path", folder)
    assert done.returncode == 1
    assert f"The first step that goes wrong is {where}" in " ".join(done.stdout.split())
    assert "4 times" in done.stdout or "0.25 times" in done.stdout


@pytest.mark.slow
def test_sections_lists_and_json_of_a_course() -> None:
    done = sandbox("--course", "cmu-s24", "--section", "2", "--json")
    names = [check["section"] for check in json.loads(done.stdout)]
    assert set(names) == {"2"}
    assert "GELU and softmax" in sandbox("--course", "cmu-s24", "--list").stdout
    done = sandbox("--course", "cmu-s22")
    assert done.returncode == 2
    assert "there is no course 'cmu-s22'" in done.stderr
    assert sandbox("--course", "1", "--section", "3.5").returncode == 0
