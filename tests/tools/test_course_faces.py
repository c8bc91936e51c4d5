"""The faces of other courses: code written by their handouts runs on the library's layers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "tests" / "support" / "courses"
COURSES = {"cmu-s23": "cmu_s23.py", "cmu-s24": "cmu_s24.py", "uva-2019": "uva_2019.py"}


def run(script: Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A script that imports what lies in `folder`, as a course's tests do."""
    code = f"import sys; sys.path.insert(0, '.'); exec(open({str(script)!r}).read())"
    return subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", _with_path(code, environment)],
        cwd=folder, capture_output=True, text=True, timeout=120,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
    )  # fmt: skip


def _with_path(code: str, environment: dict[str, str]) -> str:
    path = environment.get("PYTHONPATH")
    return f"import sys; sys.path.append({path!r}); {code}" if path else code


@pytest.mark.parametrize("name", COURSES)
def test_the_courses_own_numbers_come_out(name: str) -> None:
    done = run(SCRIPTS / COURSES[name], ROOT / "hw1" / "courses" / name)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("name", COURSES)
def test_a_copy_elsewhere_finds_the_library_on_the_path(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "a tree of its own"
    shutil.copytree(ROOT / "hw1" / "courses" / name, folder)
    done = run(SCRIPTS / COURSES[name], folder, PYTHONPATH=str(ROOT))
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_face_derives_nothing() -> None:
    """No exponential, logarithm, root or power of arrays stands in a face."""
    for path in (ROOT / "hw1" / "courses").rglob("*.py"):
        code = "".join(line.split("#")[0] for line in path.read_text().splitlines())
        for formula in (
            "np.exp",
            "np.log",
            "np.sqrt",
            "np.tanh",
            "np.maximum",
            ".mean(axis",
            "erf(",
        ):
            assert formula not in code.replace("(1 + erf(Z", ""), (path, formula)
