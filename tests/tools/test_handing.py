"""What a student starts from, and what a student hands in."""

import ast
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.blanks import BLANKS, blanked, write_handout
from tests.autograder.course import find_course
from tests.autograder.grading import Limits
from tests.autograder.references import load
from tests.autograder.session import grade
from tests.conftest import ROOT
from tests.submission.layout import find
from tests.support.waiting import LIMIT

PLOTS = ("train_loss", "train_error", "val_loss", "val_error", "validation_accuracy")


@pytest.fixture(scope="module")
def handout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("new") / "a handout"
    write_handout(folder)
    return folder


def test_bodies_go_and_docstrings_stay() -> None:
    text = 'class A:\n    def f(self):\n        """Adds."""\n        x = 1\n        return x\n\n'
    text += "    def g(self): return 2\n\n\ndef h(\n    a,\n):\n    return a\n"
    assert blanked(text, ("A.f", "h")) == (
        'class A:\n    def f(self):\n        """Adds."""\n        raise NotImplementedError\n\n'
        "    def g(self): return 2\n\n\ndef h(\n    a,\n):\n    raise NotImplementedError\n"
    )
    with pytest.raises(ValueError, match=r"there is no A\.x"):
        blanked(text, ("A.x",))


def test_the_handout_has_everything_but_the_answers(handout: Path) -> None:
    for name, methods in BLANKS.items():
        text = (handout / name).read_text()
        assert text.count("raise NotImplementedError\n") >= len(methods)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef) and node.name == "Add":
                assert "raise NotImplementedError" not in ast.unparse(node)
    identity = '"""`z` itself."""\n        self.state = x\n        return x\n'
    assert identity in (handout / "mytorch/activation.py").read_text()
    for name in ("grade.sh", "sandbox.py", "data/digits", "data/autograder/cmu_s19_s20.npz"):
        assert (handout / name).exists()
    for name in (
        "tests/support/coursework",
        "tests/layers",
        "tests/autograder/courses/cmu_f20/mutants.txt",
    ):
        assert not (handout / name).exists()


@pytest.mark.slow
@pytest.mark.parametrize("homework", ["classic", "autograd"])
def test_the_handout_has_the_points_that_are_given_away(handout: Path, homework: str) -> None:
    """The seeds give away Identity and Add, which have no points."""
    session = grade(find(handout), find_course(homework), load(find_course(homework)), Limits())
    assert session.score == 0
    assert {result.status for result in session.results} == {"failed"}
    assert [d for result in session.results for d in result.diagnosis] == []
    assert all(result.unwritten for result in session.results)
    assert session.training is not None
    assert session.training.summary.startswith("did not run: NotImplementedError")


@pytest.mark.slow
def test_the_handouts_own_commands_run(handout: Path) -> None:
    for arguments in (["-m", "tests.autograder", "1", "--no-training"], ["sandbox.py"]):
        result = subprocess.run(
            [sys.executable, *arguments], cwd=handout, capture_output=True, text=True,
            timeout=LIMIT, env={"PATH": ""}, check=False,
        )  # fmt: skip
        assert result.returncode == 1
        assert "Traceback" not in result.stderr
    assert "mismatches" in result.stdout


def test_a_handout_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    with pytest.raises(FileExistsError, match="holds something already"):
        write_handout(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def handing(*arguments: object) -> Any:
    return subprocess.run(
        [sys.executable, "-m", "tests.autograder.handing", *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, check=False,
    )  # fmt: skip


def test_a_hand_in_is_checked_first_and_grades_again(handout: Path, tmp_path: Path) -> None:
    file = tmp_path / "handin.tar"
    result = handing("handin", handout, "--output", file)
    assert result.returncode == 1
    assert "these are missing:\n  hw1/train_loss.png\n" in result.stderr
    assert not file.exists()
    for name in PLOTS:
        (handout / "hw1" / f"{name}.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    result = handing("handin", handout, "--output", file)
    assert result.returncode == 0, result.stderr
    with tarfile.open(file, "r:gz") as archive:
        names = archive.getnames()
    assert {"mytorch/linear.py", "hw1/hw1.py", "hw1/train_loss.png"} <= set(names)
    assert not [name for name in names if "tests" in name or "__pycache__" in name]
    (handout / "mytorch" / "linear.py").rename(tmp_path / "linear.py")
    result = handing("handin", handout, "--output", file, "--without-plots")
    (tmp_path / "linear.py").rename(handout / "mytorch" / "linear.py")
    assert result.returncode == 1
    assert "mytorch/linear.py" in result.stderr
    assert handing("handin", tmp_path / "nowhere").returncode == 2
