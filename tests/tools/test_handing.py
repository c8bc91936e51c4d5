"""What a student hands in."""

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.handout.making import write_handout
from tests.conftest import ROOT
from tests.support.sharing import made_once
from tests.support.waiting import LIMIT

UVA = ROOT / "tests" / "support" / "coursework" / "uva-2019"
PLOTS = ("train_loss", "train_error", "val_loss", "val_error", "validation_accuracy")


@pytest.fixture(scope="module")
def handout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(
        made_once(tmp_path_factory, "handout", write_handout),
        tmp_path_factory.mktemp("new") / "a handout",
    )


def handing(*arguments: object) -> Any:
    return subprocess.run(
        [sys.executable, "-m", "tests.autograder.handing", *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, check=False,
    )  # fmt: skip


@pytest.mark.slow
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


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        ("cmu-s24", "the files of cmu-s24: mytorch/nn/linear.py, mytorch/nn/activation.py"),
        ("cmu-f20", "mytorch/ and hw1/ (2020)"),
    ],
)
def test_the_hand_in_of_another_course_is_refused_with_the_files_of_this_one(
    course: str, expected: str, tmp_path: Path
) -> None:
    result = handing("handin", UVA, "--course", course, "--output", tmp_path / "handin.tar")
    assert result.returncode == 2
    assert f"holds coursework of uva-2019, which is not graded here; expected {expected}" in (
        result.stderr
    )
    assert "--course uva-2019" in result.stderr
