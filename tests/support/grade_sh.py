"""A checkout's `grade.sh` with a stand-in for Python that notes what it is asked to do.

Making an environment for real takes a minute and the network; what the script decides does not.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.waiting import LIMIT

STAND_IN = """#!/bin/sh
echo "$@" >> "$LOG"
case "$*" in
"-m venv "*) [ -z "$NO_VENV" ] || { echo "ensurepip is not available"; exit 1; }
    mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
"-m pip install"*) [ -z "$NO_NETWORK" ] || { echo "Could not find a version"; exit 1; } ;;
"--version") echo "Python 3.11.0" ;;
"-c import sys; sys.exit(sys.version_info < (3, 10))") exit "${TOO_OLD:-0}" ;;
"-m pytest"*) echo "in $PWD" >> "$LOG" ;;
esac
"""


class Script:
    """A checkout in a folder with spaces, and a stand-in for Python on the PATH."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a folder with spaces"
        self.root.mkdir()
        for name in ("grade.sh", "pyproject.toml"):
            shutil.copy(ROOT / name, self.root)
        self.log = folder / "log"
        tools = folder / "tools"
        tools.mkdir()
        for name in ("python3", "python3.14", "python3.13", "python3.12", "python3.11", "python"):
            (tools / name).write_text(STAND_IN)
            (tools / name).chmod(0o755)
        (tools / "python3.10").symlink_to(tools / "python3")
        clean = {k: v for k, v in os.environ.items() if k not in ("PYTHON", "MYTORCH_VENV")}
        path = f"{tools}:{os.environ['PATH']}"
        self.environment = {**clean, "PATH": path, "LOG": str(self.log), "HOME": ""}
        self.elsewhere = folder

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        self.log.write_text("")
        return subprocess.Popen(
            [self.root / "grade.sh", *arguments],
            cwd=self.elsewhere,
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        with self.start(*arguments, **environment) as process:
            out, errors = process.communicate(timeout=LIMIT)
        return subprocess.CompletedProcess(process.args, process.returncode, out, errors)

    def pretend_to_be(self, system: str) -> None:
        """Lets `uname` say the name of another system."""
        uname = self.root.parent / "tools" / "uname"
        uname.write_text(f"#!/bin/sh\necho {system}\n")
        uname.chmod(0o755)

    def asked(self) -> str:
        """What Python was asked, but for whether it runs."""
        lines = self.log.read_text().splitlines(keepends=True)
        return "".join(line for line in lines if line != "-c \n")


@pytest.fixture
def script(tmp_path: Path) -> Script:
    return Script(tmp_path)
