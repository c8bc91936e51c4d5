"""The faces of other courses: code written by their handouts runs on the library's layers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.support.cifar10 import noise_folders
from tests.support.grading import command
from tests.support.sharing import bare
from tests.support.waiting import LIMIT

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "tests" / "support" / "courses"
COURSES = {
    "cmu-s23": "cmu_s23.py",
    "cmu-s24": "cmu_s24.py",
    "cmu-s24-bonus": "cmu_s24_bonus.py",
    "uva-2019": "uva_2019.py",
}
BROKEN = {
    "uva-2019": ("modules.py", ").mean()", ").sum()", "1.2d"),
    "cmu-s24-bonus": ("mytorch/nn/dropout.py", "* (1 - self.p)", "", "3"),
}
"""A file, a text in it, what stands in its place, and the question that this costs."""
LOSS = ("mytorch/nn/loss.py", "mean_in_loss", "mean_not_in_loss", "6b")


def run(script: Path, folder: Path, *more: Path) -> subprocess.CompletedProcess[str]:
    """A script that imports what lies in `folder`, then in `more`, as a course's tests do."""
    code = f"import sys; sys.path.insert(0, '.'); sys.path += {list(map(str, (*more, SCRIPTS)))}; "
    code += f"exec(open({str(script)!r}).read())"
    return subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", code],
        cwd=folder, capture_output=True, text=True, timeout=LIMIT,
        env=bare(PATH=os.environ["PATH"], HOME=str(folder)),
    )  # fmt: skip


@pytest.mark.parametrize("name", COURSES)
def test_the_courses_own_numbers_come_out(name: str) -> None:
    done = run(SCRIPTS / COURSES[name], ROOT / "hw1" / "courses" / name)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize("name", COURSES)
def test_a_copy_elsewhere_finds_the_library_on_the_path(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "a tree of its own"
    shutil.copytree(ROOT / "hw1" / "courses" / name, folder)
    done = run(SCRIPTS / COURSES[name], folder, ROOT)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.slow
@pytest.mark.parametrize("name", COURSES)
def test_a_copy_elsewhere_is_graded_as_the_face(name: str, tmp_path: Path) -> None:
    copy = shutil.copytree(ROOT / "hw1" / "courses" / name, tmp_path / "plain folder")
    done = command("grade", str(copy), "--course", name)
    assert done.returncode == 0, done.stdout + done.stderr
    file, old, new, question = BROKEN.get(name, LOSS)
    text = (copy / file).read_text()
    assert old in text
    (copy / file).write_text(text.replace(old, new))
    done = command("grade", str(copy), "--course", name, "--effort", "0")
    assert done.returncode == 1, done.stderr
    lost = re.findall(r"^(\S+) .* (?:partial|failed)$", done.stdout, re.M)
    assert {id.rstrip("+") for id in lost} == {question}


@pytest.mark.parametrize("name", COURSES)
def test_a_copy_that_finds_no_library_says_what_to_do(name: str, tmp_path: Path) -> None:
    copy = shutil.copytree(ROOT / "hw1" / "courses" / name, tmp_path / "plain folder")
    module = "modules" if name == "uva-2019" else "mytorch"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path = ['.', *sys.path, "
         f"{str(Path(np.__file__).parents[1])!r}]; import {module}"],
        cwd=copy, capture_output=True, text=True, timeout=LIMIT,
    )  # fmt: skip
    assert done.returncode == 1
    assert "add it to PYTHONPATH, or install the project there by: pip install -e ." in done.stderr


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


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return noise_folders(tmp_path / "cifar10")


@pytest.mark.slow
@pytest.mark.parametrize("script", ["train_mlp_numpy.py", "train_convnet.py"])
def test_the_training_scripts_take_the_courses_options(
    script: str, pictures: Path, tmp_path: Path
) -> None:
    options = ["--max_steps", "2", "--batch_size", "8", "--eval_freq", "2", "--data_dir", pictures]
    more = ["--output", str(tmp_path / "out")] if script == "train_convnet.py" else []
    done = subprocess.run(
        [sys.executable, script, *map(str, options), "--no_such_flag", "1", *more],
        cwd=ROOT / "hw1" / "courses" / "uva-2019", capture_output=True, text=True, timeout=LIMIT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert "max_steps : 2" in done.stdout
    assert "accuracy" in done.stdout.splitlines()[-1 if not more else -3]
