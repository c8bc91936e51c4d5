"""The sandbox on somebody else's classes: each layout, and the first step that goes wrong."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.support.sandbox import HW1, SANDBOX, Result, mismatches

pytestmark = pytest.mark.slow


def test_this_very_project_is_right_in_both_faces(sandbox: Callable[..., Result]) -> None:
    result = sandbox(ROOT)
    assert result.returncode == 0, result.stdout
    assert "2020 and autograd layout" in result.stdout
    assert ", 0 mismatches" in result.stdout
    assert "∂e/∂Op:Add" in result.stdout
    assert "003 3.2" not in result.stdout  # a page's derivation asks nothing of a user's classes


@pytest.mark.parametrize("place", ["hw1.py", "hw1/hw1.py"])
def test_the_2019_homework_in_one_file(
    sandbox: Callable[..., Result], tmp_path: Path, place: str
) -> None:
    target = tmp_path / place
    target.parent.mkdir(exist_ok=True)
    shutil.copy(HW1, target)
    result = sandbox(tmp_path, "--json")
    reasons = {reason for *_, reason in mismatches(result)}
    assert reasons == {"there is no class Softmax", "there is no class L2"}
    result = sandbox(tmp_path)
    assert result.returncode == 1
    assert "Not checked, because the class is not there: Softmax, L2" in result.stdout
    assert "MLP without hidden layers: Linear" in result.stdout
    assert "first step that goes wrong" not in result.stdout


def test_a_single_file_may_be_named_itself(sandbox: Callable[..., Result]) -> None:
    assert "2019 layout" in sandbox(HW1).stdout


def test_the_first_wrong_step_is_pointed_out(
    sandbox: Callable[..., Result], homework: Callable[..., Path]
) -> None:
    folder = homework("mytorch/linear.py", ("mean = delta / float(len(delta))", "mean = delta"))
    result = sandbox(folder)
    assert result.returncode == 1
    assert "The first step that goes wrong is 3.6 ∇W L, linear.forward(Z);" in result.stdout
    assert "every entry is 3 times what it should be" in " ".join(result.stdout.split())
    later = sandbox(folder, "--section", "4.2", "--json")
    wrong = {name for _, name, _ in mismatches(later)}
    assert wrong == {"gradB3", "gradW3", "graddW1", "graddW2"}


def test_a_wrong_shape_says_what_came_and_what_was_expected(
    sandbox: Callable[..., Result], homework: Callable[..., Path]
) -> None:
    folder = homework("mytorch/linear.py", ("column_sums(mean, out=self.db)",
                                            "vars(self)['db'] = mean.sum(axis=0)"))  # fmt: skip
    wrong = mismatches(sandbox(folder, "--section", "3.5", "--json"))
    assert ("3.5", "gradB3", "expected shape (1, 2), got (2,)") in wrong


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ((), "expected mytorch/ and hw1/ (2020) or hw1.py (2019), but the folder is empty"),
        (("notes.txt",), "(2019), found notes.txt"),
        (("linear.py",), "found what belongs into mytorch/; name the folder above this one"),
    ],
)
def test_a_folder_without_coursework(
    sandbox: Callable[..., Result], tmp_path: Path, content: tuple[str, ...], sentence: str
) -> None:
    for name in content:
        (tmp_path / name).write_text("")
    result = sandbox(tmp_path)
    assert result.returncode == 2
    assert sentence in " ".join(result.stderr.split())
    assert result.stdout == ""
    assert "does not exist" in " ".join(sandbox(tmp_path / "nowhere").stderr.split())


def test_float32_is_right_within_its_rounding(
    sandbox: Callable[..., Result], tmp_path: Path
) -> None:
    text = HW1.read_text().replace("self.state = np.tanh(x)", "self.state = np.tanh(x, dtype='f4')")
    (tmp_path / "hw1.py").write_text(text)
    assert mismatches(sandbox(tmp_path, "--section", "3.3", "--json")) == []


def test_a_class_from_elsewhere_does_not_count(
    sandbox: Callable[..., Result], tmp_path: Path
) -> None:
    elsewhere = "from collections import OrderedDict as MLP, Counter as ReLU\nclass Tanh: pass\n"
    (tmp_path / "hw1.py").write_text(elsewhere)
    result = sandbox(tmp_path)
    assert "\n  hw1: Tanh\n" in result.stdout


def test_without_processes_to_fork_there_is_a_sentence(python: Callable[..., Any]) -> None:
    """As on Windows, where the sections themselves are shown."""
    code = (
        "import os, runpy, sys, numpy; del os.fork, os.killpg\n"
        "sys.path.insert(0, os.path.dirname(sys.argv[1])); del sys.argv[0]\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    result = python("-c", code, SANDBOX, "--section", "2.1.1")
    assert "5 checks: " in result.stdout, result.stderr
    result = python("-c", code, SANDBOX, "--path", HW1)
    assert result.returncode == 2
    assert "needs Linux, macOS or WSL" in result.stderr
