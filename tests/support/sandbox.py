"""The sandbox on a folder with classes, as `sandbox.py --path` runs it."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

SANDBOX = ROOT / "sandbox.py"
HW1 = ROOT / "tests" / "support" / "coursework" / "hw1.py"
Result = Any

Edit = tuple[str, str]


@pytest.fixture
def homework(tmp_path: Path) -> Callable[..., Path]:
    """A folder with a 2020 layout, edited: pairs of a text and what it is replaced by."""

    def make(file: str = "", *edits: Edit, more: str = "") -> Path:
        folder = tmp_path / "home work"
        for name in ("mytorch", "hw1"):
            ignored = shutil.ignore_patterns("__pycache__", "nn", "tensor.py", "*engine.py")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        if file:
            path = folder / file
            text = path.read_text()
            for old, new in edits:
                assert text.count(old) == 1, old
                text = text.replace(old, new)
            path.write_text(text + more)
        return folder

    return make


@pytest.fixture
def sandbox(python: Callable[..., Any]) -> Callable[..., Result]:
    return lambda path, *options: python(SANDBOX, "--path", path, *options)


def mismatches(result: Result) -> list[tuple[str, str, str]]:
    return [
        (check["section"], check["name"], check["reason"])
        for check in json.loads(result.stdout)
        if check["status"] == "mismatch"
    ]


NAP = f"9876.{os.getpid()}"  # seconds, and a name that no other run of the tests has


def left_behind() -> bool:
    return (
        subprocess.run(["pgrep", "-f", f"sleep {NAP}"], stdout=subprocess.DEVNULL).returncode == 0
    )
