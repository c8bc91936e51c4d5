"""What the README says is true: its scripts run when they are pasted, its paths exist."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()
SCRIPTS = re.findall(r"```python\n(.*?)```", README, re.S)


def pasted(index: int, folder: Path, python: Callable[..., Any]) -> str:
    file = folder / "script.py"
    file.write_text(SCRIPTS[index])
    result = python(file)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    return str(result.stdout)


def test_the_first_training_script(tmp_path: Path, python: Callable[..., Any]) -> None:
    assert len(SCRIPTS[0].splitlines()) < 20
    printed = pasted(0, tmp_path, python)
    assert "MLP(64 -> 64 -> 32 -> 10" in printed
    test_error = float(printed.split()[-1].rstrip(")"))
    assert test_error <= 0.04


def test_the_gradient_check(tmp_path: Path, python: Callable[..., Any]) -> None:
    assert "BatchNorm(3): gradients agree" in pasted(1, tmp_path, python)


def test_the_second_face(tmp_path: Path, python: Callable[..., Any]) -> None:
    printed = pasted(2, tmp_path, python)
    assert float(printed.split()[-1]) >= 0.95


def test_a_loop_of_one_s_own(tmp_path: Path, python: Callable[..., Any]) -> None:
    assert float(pasted(3, tmp_path, python).split()[-1]) < 2  # of ten classes; 2.3 is a guess


def test_what_the_sandbox_ends_with(python: Callable[..., Any]) -> None:
    last = python(ROOT / "sandbox.py").stdout.splitlines()[-1]
    assert f"`{last}`" in README


def test_every_path_exists() -> None:
    table = README.split("## What is where")[1].split("##")[0]
    for row in re.findall(r"^\| (`.*?`) \|", table, re.M):
        first, *others = re.findall(r"`(.*?)`", row)
        for path in (ROOT / first, *((ROOT / first).with_name(name) for name in others)):
            assert path.exists(), path
    for picture in re.findall(r"!\[.*?\]\((.*?)\)", README):
        assert (ROOT / picture).exists()


def test_lines_fit_100_columns() -> None:
    assert max(map(len, README.splitlines())) <= 100
