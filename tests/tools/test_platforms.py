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
from tests.autograder.platforms.recipe import problems
from tests.conftest import ROOT
from tests.support.grading import HW1, tanh
from tests.support.packing import zipped

WRONG = (HW1.read_text() + tanh("return x * 2")).encode()


def run(*command: object, cwd: Path, **environment: str) -> Any:
    return subprocess.run(
        [*map(str, command)], cwd=cwd, capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, **environment},
    )  # fmt: skip


@pytest.fixture
def recipe(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes a recipe into a new folder."""

    def write(kind: str, homework: str = "classic") -> Path:
        folder = tmp_path / f"{kind} of {homework}"
        assert main(homework, ["--platform", kind, str(folder)]) == 0
        return folder

    return write


@pytest.fixture
def autograder(tmp_path: Path, recipe: Any) -> Path:
    """Gradescope's /autograder, where setup.sh has run.

    Its environment is one that a setup.sh with network would have made, with the packages that
    run this test.
    """
    base = tmp_path / "autograder"
    shutil.copytree(recipe("gradescope"), base / "source")
    shutil.copy(base / "source" / "run_autograder", base)
    (base / "results").mkdir()
    run(sys.executable, "-m", "venv", "--without-pip", base / "venv", cwd=tmp_path)
    site = next((base / "venv").glob("lib/python*/site-packages"))
    (site / "packages.pth").write_text(sysconfig.get_path("purelib"))
    grader = base / "source" / "grader"
    checksum = run("sh", "-c", "cksum < pyproject.toml", cwd=grader).stdout
    (base / "venv" / ".complete").write_text(f"{base / 'venv'}\n")
    (base / "venv" / ".installed-run").write_text(f"{grader}\n{checksum}")
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
    assert (data["score"], data["extra_data"]["submission"]) == (87, "Ada L. and Zoë")
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


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize("homework", ["classic", "autograd"])
def test_autolab(recipe: Any, tmp_path: Path, homework: str) -> None:
    """Tango puts the makefile, autograde.tar and the hand-in into a folder and runs make.

    What make prints on either stream goes to one file, whose last two lines Autolab reads.
    """
    folder = recipe("autolab", homework)
    assert sorted(p.name for p in folder.iterdir()) == [
        "autograde-Makefile", "autograde.tar", "problems.yml",
    ]  # fmt: skip
    makefile = (folder / "autograde-Makefile").read_text()
    listed = (folder / "problems.yml").read_text()
    for name, most in problems(homework):
        assert f"#   {most:>4g}  {name}\n" in makefile
        assert f"- name: \"{name}\"\n  description: ''\n  max_score: {most:.1f}\n" in listed
    for number, (name, data, score) in enumerate(
        (
            ("handin.tar", zipped(("ada/hw1.py", WRONG)), 87),
            ("handin.zip", b"broken", 0),
        )
    ):
        job = tmp_path / str(number)
        job.mkdir()
        shutil.copy(folder / "autograde-Makefile", job / "Makefile")
        shutil.copy(folder / "autograde.tar", job)
        (job / name).write_bytes(data)
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        result = run("sh", "-c", "make 2>&1", cwd=job, PATH=path)
        assert result.returncode == 0, result.stdout
        shown, scores = map(json.loads, result.stdout.splitlines()[-2:])
        assert shown["_presentation"] == "semantic"
        assert list(shown["Hand-in"]) == [name]
        assert scores["scores"].keys() <= {name for name, _ in problems(homework)}
        assert sum(scores["scores"].values()) == (score if homework == "classic" else 0)


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
    assert main("classic", ["--platform", kind, str(tmp_path / place)]) == 2
    assert reason in " ".join(capsys.readouterr().err.split())
