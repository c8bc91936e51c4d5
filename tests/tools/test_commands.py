"""`python -m mytorch`: from any folder, from an installed wheel, and on other systems."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from mytorch import __main__ as commands
from tests.conftest import ROOT
from tests.support.quick import first_is_quick
from tests.support.waiting import LIMIT

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def mytorch(tmp_path: Path) -> Run:
    """Runs `python -m mytorch`, in an empty folder unless told, with `place`'s library."""

    def run(
        *arguments: object, place: Path = ROOT, folder: Path | None = None
    ) -> "subprocess.CompletedProcess[str]":
        folder = folder or tmp_path / "elsewhere"
        folder.mkdir(exist_ok=True)
        environment = {"PYTHONPATH": str(place), "MYTORCH_MIRRORS": "", "MYTORCH_DATA": ""}
        return subprocess.run(
            [sys.executable, "-m", "mytorch", *map(str, arguments)],
            cwd=folder,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )

    return run


@pytest.mark.parametrize("command", commands.COMMANDS)
def test_every_command_says_its_options(command: str, mytorch: Run) -> None:
    result = mytorch(command, "--help")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("usage: ")


def test_the_list_names_every_command(mytorch: Run) -> None:
    listed = mytorch().stdout
    assert all(f"\n  {name} " in listed for name in commands.COMMANDS)
    assert max(map(len, listed.splitlines())) <= 80
    wrong = mytorch("trian")
    assert wrong.returncode == 2
    assert "there is no command 'trian'; did you mean train?" in wrong.stderr
    assert mytorch("xyz").stderr.endswith("there is no command 'xyz'\n")
    assert mytorch("--version").stdout == f"mytorch {metadata.version('mytorch')}\n"


def test_a_path_is_one_of_the_callers_folder(mytorch: Run, tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "alice").mkdir(parents=True)
    result = mytorch("grade", "1", "alice")
    assert "alice" in result.stdout + result.stderr
    assert "does not exist" not in result.stderr


@pytest.mark.slow
def test_an_installed_wheel_has_the_commands(
    mytorch: Run, tmp_path: Path, python: Callable[..., Any]
) -> None:
    """The wheel is built and unpacked, and everything is started from there and nowhere else."""
    built = python(
        "-m", "pip", "wheel", ROOT, "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path
    )
    assert built.returncode == 0, built.stderr
    site = tmp_path / "site-packages"
    zipfile.ZipFile(*tmp_path.glob("mytorch-*.whl")).extractall(site)

    trained = mytorch("train", "--data", "digits", "--epochs", 1, "--seed", 1, place=site)
    assert trained.returncode == 0, trained.stderr
    written = json.loads((tmp_path / "elsewhere" / "stats.json").read_text())
    assert written["epochs"] == 1

    listed = mytorch("sandbox", "--section", "3.7", "--json", place=site)
    assert listed.returncode == 0, listed.stderr
    assert all(check["status"] != "mismatch" for check in json.loads(listed.stdout))
    theirs = mytorch("sandbox", "--section", "2.1", "--path", ROOT / "hw1" / "..", place=site)
    assert theirs.returncode == 0, theirs.stdout + theirs.stderr

    graded = mytorch("grade", "1", ".", place=site)
    assert graded.returncode == 2
    assert "not part of an installed package; run it in a folder that has tests/" in graded.stderr
    graded = mytorch("grade", "1", "--help", place=site, folder=ROOT)
    assert graded.returncode == 0, graded.stderr
    assert graded.stdout.startswith("usage: ")


def test_grading_is_refused_where_processes_cannot_be_forked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delattr(os, "fork")
    monkeypatch.setattr("platform.system", lambda: "Windows")
    assert commands.main(["grade", "1", "."]) == 2
    assert "needs Linux, macOS or WSL, not Windows" in capsys.readouterr().err


def test_where_a_process_cannot_be_replaced_it_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """As on Windows."""
    monkeypatch.setattr("os.name", "nt")
    started: list[Any] = []

    class Process(subprocess.Popen[bytes]):
        def __init__(self, command: list[str], env: dict[str, str]) -> None:
            started.append(command)
            monkeypatch.setattr("os.name", "posix")
            super().__init__(command, env=env)

    monkeypatch.setattr(subprocess, "Popen", Process)
    assert commands.main(["sandbox", "--section", "none"]) == 2
    assert started[0][1:] == [str(ROOT / "sandbox.py"), "--section", "none"]
    assert "sandbox.py: " in capfd.readouterr().err


@pytest.mark.parametrize("word", first_is_quick([(), ("grade",), ("1",)]))
def test_a_hand_in_is_graded_with_and_without_a_course(
    word: tuple[str, ...], tmp_path: Path, mytorch: Run
) -> None:
    """`grade DIR` and `grade COURSE DIR`: a folder is no course."""
    shutil.copytree(ROOT / "tests" / "support" / "hand_ins" / "classic2020", tmp_path / "alice")
    result = mytorch("grade", *word, "alice", "--question", "2.1", folder=tmp_path)
    assert "Softmax cross-entropy" in result.stdout, result.stderr
    found = "found out from the files of the hand-in" in result.stdout
    assert found == (word != ("1",))


def test_an_unknown_course_is_named(mytorch: Run) -> None:
    unknown = mytorch("grade", "bob")
    assert unknown.returncode == 2
    assert "there is no course 'bob'; there are" in unknown.stderr
