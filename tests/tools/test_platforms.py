"""The recipes for Gradescope and Autolab, run in folders as those platforms lay them out."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.command import main
from tests.autograder.course import find_course
from tests.autograder.platforms.recipe import problems
from tests.conftest import ROOT
from tests.support.grading import HW1, tanh
from tests.support.packing import zipped
from tests.support.waiting import LIMIT

pytestmark = pytest.mark.slow
WRONG = (HW1.read_text() + tanh("return x * 2")).encode()


def run(*command: object, cwd: Path, **environment: str) -> Any:
    return subprocess.run(
        [*map(str, command)], cwd=cwd, capture_output=True, text=True, timeout=LIMIT, check=False,
        env={**os.environ, **environment},
    )  # fmt: skip


@pytest.fixture
def recipe(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes a recipe into a new folder."""

    def write(kind: str, homework: str = "classic") -> Path:
        folder = tmp_path / f"{kind} of {homework}"
        assert main(find_course(homework), ["--platform", kind, str(folder)]) == 0
        return folder

    return write


def prepare(venv: Path, grader: Path) -> None:
    """Makes the environment that grade.sh would make with network, of this test's own packages."""
    run(sys.executable, "-m", "venv", "--without-pip", venv, cwd=venv.parent)
    site = next(venv.glob("lib/python*/site-packages"))
    (site / "packages.pth").write_text(sysconfig.get_path("purelib"))
    checksum = run("sh", "-c", "cksum < pyproject.toml", cwd=grader).stdout
    (venv / ".complete").write_text(f"{venv}\n")
    (venv / ".installed-run").write_text(f"{grader}\n{checksum}")


@pytest.fixture
def autograder(tmp_path: Path, recipe: Any) -> Path:
    """Gradescope's /autograder, where setup.sh has run."""
    base = tmp_path / "autograder"
    shutil.copytree(recipe("gradescope"), base / "source")
    shutil.copy(base / "source" / "run_autograder", base)
    (base / "results").mkdir()
    prepare(base / "venv", base / "source" / "grader")
    result = run("./source/setup.sh", cwd=base, AUTOGRADER_BASE=str(base))
    assert (result.returncode, result.stderr) == (0, "")
    return base


def test_gradescope(autograder: Path) -> None:
    """It unpacks a zip into submission/, and leaves a tar file as it is."""
    submission = autograder / "submission"

    def graded() -> dict[str, Any]:
        result = run("./run_autograder", cwd=autograder, AUTOGRADER_BASE=str(autograder))
        assert (result.returncode, result.stderr) == (0, "")
        return json.loads((autograder / "results" / "results.json").read_text())

    submission.mkdir()
    (submission / "hw1.py").write_bytes(WRONG)
    users = [{"name": "Ada L.", "email": "a@b.c"}, {"name": "Zoë"}]
    (autograder / "submission_metadata.json").write_text(json.dumps({"id": 1, "users": users}))
    data = graded()
    assert (data["score"], data["extra_data"]["submission"]) == (89, "Ada L. and Zoë")
    (submission / "hw1.py").unlink()
    (autograder / "submission_metadata.json").unlink()
    with tarfile.open(submission / "handin.tar.gz", "w:gz") as archive:
        archive.add(HW1, "ada/hw1.py")
    data = graded()
    assert (data["score"], data["extra_data"]["submission"]) == (91, "submission")
    (submission / "handin.tar.gz").write_bytes(b"broken")
    data = graded()
    assert data["score"] == 0
    assert "no archive that can be read" in data["output"]


def make(folder: Path, job: Path, name: str, data: bytes, **environment: str) -> Any:
    """What Autolab reads: Tango puts the makefile, autograde.tar and the hand-in into a folder and
    runs make; what it prints on either stream goes to one file, whose last two lines are read.
    """
    job.mkdir(exist_ok=True)
    shutil.copy(folder / "autograde-Makefile", job / "Makefile")
    shutil.copy(folder / "autograde.tar", job)
    (job / name).write_bytes(data)
    result = run("sh", "-c", "make 2>&1", cwd=job, **environment)
    assert result.returncode == 0, result.stdout
    return [json.loads(line) for line in result.stdout.splitlines()[-2:]]


needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")


@needs_make
@pytest.mark.parametrize("homework", ["classic", "autograd"])
def test_autolab(recipe: Any, tmp_path: Path, homework: str) -> None:
    folder = recipe("autolab", homework)
    assert sorted(p.name for p in folder.iterdir()) == [
        "autograde-Makefile", "autograde.tar", "problems.yml",
    ]  # fmt: skip
    makefile = (folder / "autograde-Makefile").read_text()
    listed = (folder / "problems.yml").read_text()
    for name, most in problems(find_course(homework)):
        assert f"#   {most:>4g}  {name}\n" in makefile
        assert f"- name: \"{name}\"\n  description: ''\n  max_score: {most:.1f}\n" in listed
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    hand_ins = {"handin.tar": zipped(("ada/hw1.py", WRONG)), "handin.zip": b"broken"}
    for (name, data), score in zip(hand_ins.items(), (89, 0), strict=True):
        shown, scores = make(folder, tmp_path / name, name, data, PATH=path)
        assert shown["_presentation"] == "semantic"
        assert list(shown["Hand-in"]) == [name]
        assert scores["scores"].keys() <= {name for name, _ in problems(find_course(homework))}
        assert sum(scores["scores"].values()) == (score if homework == "classic" else 0)


@needs_make
def test_autolab_on_a_machine_without_numpy(recipe: Any, tmp_path: Path) -> None:
    folder, job = recipe("autolab"), tmp_path / "job"
    with tarfile.open(folder / "autograde.tar") as archive:
        archive.extractall(job)
    prepare(tmp_path / "venv", job / "grader")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "bin" / "python3").chmod(0o755)
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    venv = str(tmp_path / "venv")
    _, scores = make(folder, job, "handin.py", WRONG, PATH=path, MYTORCH_VENV=venv)
    assert sum(scores["scores"].values()) == 89


def test_recipes_hold_what_they_need_and_no_more(recipe: Any) -> None:
    folder = recipe("gradescope")
    names = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert {"setup.sh", "run_autograder", "grader/grade.sh"} <= names
    assert not [name for name in names if "pycache" in name or name.endswith(".png")]
    assert not [name for name in names if name.startswith(("grader/tests/tools", "grader/.git"))]
    assert sum((folder / name).stat().st_size for name in names) < 3 << 20


@pytest.mark.parametrize(
    ("kind", "place", "reason"),
    [
        ("moodle", "new", "expected gradescope or autolab, got moodle"),
        ("autolab", "taken", "holds something already"),
        ("autolab", ROOT / "tests" / "autograder" / "new", "lies in a folder that is copied"),
    ],
)
def test_wrong_use(
    tmp_path: Path, kind: str, place: Any, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "x").touch()
    assert main(find_course("classic"), ["--platform", kind, str(tmp_path / place)]) == 2
    assert reason in " ".join(capsys.readouterr().err.split())
