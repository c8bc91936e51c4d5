"""The autograder's command line."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.support.grading import HW1
from tests.support.waiting import LIMIT


def command(*arguments: object, **options: Any) -> Any:
    return subprocess.run(
        [sys.executable, "-m", "tests.autograder", "1", *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, check=False, **options,
    )  # fmt: skip


@pytest.mark.slow
def test_the_command_line(tmp_path: Path) -> None:
    shutil.copy(HW1, tmp_path)
    files = tmp_path / "report.json", tmp_path / "results.json"
    options = ("--json", files[0], "--gradescope", files[1], "--autolab", "--no-training")
    result = command(tmp_path, *options)
    assert result.returncode == 0, result.stderr
    assert json.loads(files[0].read_text())["layout"] == "2019"
    assert json.loads(files[1].read_text())["score"] == 91
    assert json.loads(result.stdout.splitlines()[-1])["scores"]["3.6 Momentum"] == 10
    assert sorted(p.name for p in tmp_path.iterdir()) == ["hw1.py", "report.json", "results.json"]
    result = command(tmp_path, "--question", "3.3a")
    assert "4 of 4 points" in result.stdout
    assert "there is no question 9" in command(tmp_path, "--question", "9").stderr
    assert command(tmp_path / "nowhere").returncode == 2
    assert "expected a positive number" in command("--timeout", "0").stderr
    result = command(tmp_path, "--json", "/nowhere/x", "--no-training")
    assert result.returncode == 2
    assert "No such file" in result.stderr
    assert "91 of 91 points" in result.stdout
    assert "expected a path" in command("").stderr
    assert "at least 512 MB" in command("--memory", "50").stderr
    assert "expected a number" in command("--seed", "-1").stderr
    drawn = command(tmp_path, "--seed", "5", "--question", "2.1")
    assert "cases of seed 5\n" in drawn.stdout
    assert drawn.returncode == 0


def test_the_sandbox_is_never_left_out_silently(tmp_path: Path) -> None:
    result = command(ROOT, "--sandbox", "--no-training", env={"PATH": str(tmp_path)})
    assert result.returncode == 2
    assert "--sandbox needs bwrap" in result.stderr


@pytest.mark.slow
def test_plots_of_the_training(tmp_path: Path) -> None:
    result = command(ROOT, "--plots", tmp_path / "plots")
    assert "graded by a person" in result.stdout
    assert len(list((tmp_path / "plots").glob("*.png"))) == 5
