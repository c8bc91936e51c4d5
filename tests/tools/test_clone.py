"""A clone by a Git that is told to write CR LF into text files, as on Windows it usually is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.waiting import LIMIT

READS = """
from mytorch.datasets import load
from tests.autograder.mutants import mutants
print(sum(len(x) for x, _ in load("digits")), len(mutants()) > 100)
"""


def ran(*command: object, cwd: Path) -> bytes:
    # inside a hook, Git's own variables name the repository of the hook
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    result = subprocess.run(
        [str(part) for part in command],
        cwd=cwd, env=environment, capture_output=True, timeout=LIMIT, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is committed, with the line ends that are asked for."""
    if not shutil.which("git"):
        pytest.skip("there is no git on this machine")
    if not (ROOT / ".git").exists():
        pytest.skip("this is no repository, as where an archive was unpacked")
    place = tmp_path_factory.mktemp("cloned") / "clone"
    ran("git", "clone", "-q", "-c", "core.autocrlf=true", ROOT, place, cwd=ROOT)
    return place


def test_every_file_has_the_bytes_that_are_stored(clone: Path) -> None:
    names = ran("git", "ls-files", "-z", cwd=clone).decode().split("\0")[:-1]
    assert "grade.sh" in names
    hashes = ran("git", "hash-object", "--no-filters", *names, cwd=clone).decode().split()
    stored = ran("git", "ls-files", "-s", "-z", cwd=clone).decode().split("\0")[:-1]
    assert {*zip(hashes, names, strict=True)} == {
        (entry.split()[1], entry.split("\t")[1]) for entry in stored
    }
    text = [name for name in names if not name.endswith((".png", ".npz", ".gz"))]
    assert [name for name in text if b"\r" in (clone / name).read_bytes()] == []


def test_its_programs_run(clone: Path) -> None:
    assert ran(sys.executable, "-c", READS, cwd=clone).split() == [b"1797", b"True"]
    assert b"0 mismatches" in ran(sys.executable, "sandbox.py", cwd=clone)
    assert b"usage: ./grade.sh" in ran("bash", "grade.sh", "--help", cwd=clone)
