"""What a hand-in tries against the grader costs its own question, as root and as a user."""

import ctypes
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.options import ROOT
from tests.autograder.sandboxing import SECRET, sandbox
from tests.autograder.session import WrongUse
from tests.support.classroom import command
from tests.support.escapes import LOUD, QUIET
from tests.support.grading import HW1, tanh
from tests.support.sandbox import left_behind
from tests.support.waiting import LIMIT

USER = 1234
FOR_A_USER = ("a fork bomb", "kill whatever can be killed", "forged messages", "a core dump")
NAMES = re.findall(r"(?m)^def (\w+)\(\):", QUIET)[:-1]
GRADER = ("tests/autograder", "data/autograder")
LIMITS = ("--timeout", 60, "--effort", 0)


def works() -> bool:
    try:
        sandbox.cache_clear()
        sandbox()
    except WrongUse:
        return False
    return True


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not works(), reason="bwrap is not installed or may not run here"),
]


def as_user(folder: Path) -> tuple[list[str], str]:
    """A command that runs another as a user, and a Python that this user may run.

    Where the tests' own is root's alone, one of the system, of the same version, stands in for it.
    """
    setpriv = shutil.which("setpriv")
    if os.getuid() or setpriv is None:
        pytest.skip("the tests run as a user already, or there is no setpriv")
    drop = [setpriv, f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
    own = os.path.realpath(sys.executable)
    packages = sysconfig.get_path("purelib")
    readable = [*drop, "test", "-x", own, "-a", "-r", packages]
    if subprocess.run(readable, check=False).returncode == 0:
        return drop, sys.executable
    other = shutil.which(f"python3.{sys.version_info[1]}", path="/usr/bin:/usr/local/bin")
    if other is None:
        pytest.skip("a user may not run this Python, and there is no other")
    subprocess.run([other, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    place = subprocess.check_output(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
    )
    Path(place.strip(), "tests.pth").write_text(packages)
    return drop, str(python)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that a user can reach; pytest's own are root's."""
    with tempfile.TemporaryDirectory(prefix="class-") as name:
        os.chmod(name, 0o755)
        yield Path(name)


@pytest.fixture
def facts(folder: Path) -> Iterator[dict[str, Any]]:
    """What there is to reach outside: sockets, shared memory, files."""
    libc = ctypes.CDLL(None)
    key, name = os.getpid() % 30_000 + 1, f"mytorch-{os.getpid()}"
    shared = Path("/dev/shm") / name
    with socket.socket(socket.AF_UNIX) as abstract, socket.create_server(("127.0.0.1", 0)) as net, \
            socket.socket(socket.AF_UNIX) as unix:  # fmt: skip
        abstract.bind(f"\0{name}")
        unix.bind(str(folder / "socket"))
        for listening in (abstract, unix):
            listening.listen()
        (folder / "socket").chmod(0o777)
        shared.write_text("x")
        segment = libc.shmget(key, 1, 0o1666)
        (folder / "out").mkdir()
        (folder / "out" / "canary").write_text("whole")
        (folder / "temporary").write_text("x")
        yield {
            "abstract": name, "socket": str(folder / "socket"), "port": net.getsockname()[1],
            "shm": str(shared), "key": key, "grader": os.getpid(), "out": str(folder / "out"),
            "canary": str(folder / "out" / "canary"), "hand_ins": str(folder / "in"),
            "secrets": [str(place) for place in SECRET], "names": NAMES,
            "temporary": str(folder / "temporary"), "host": socket.gethostname(),
        }  # fmt: skip
        shared.unlink()
        libc.shmctl(segment, 0, None)


def written(folder: Path, facts: dict[str, Any], loud: Iterable[str], files: int = 3_000) -> None:
    """The hand-ins: one for all that is quiet, one for each that is loud, and a right one."""
    (folder / "in").mkdir()
    text = HW1.read_text()
    known = f"\nFACTS = {facts!r}\nFILES = {files}\n"
    quiet = tanh("out()\nself.state = np.tanh(x)\nreturn self.state")
    (folder / "in" / "quiet.py").write_text(text + known + QUIET + quiet)
    (folder / "in" / "right.py").write_text(text)
    for name in loud:
        (folder / "in" / f"{name}.py").write_text(text + known + tanh(LOUD[name]))


def state(*places: Path) -> dict[str, tuple[int, int]]:
    """Every file below these with its size and time, but for Python's caches."""
    return {
        str(file): (file.lstat().st_size, file.lstat().st_mtime_ns)
        for place in places
        for file in sorted(place.rglob("*"))
        if "__pycache__" not in file.parts and not file.is_dir()
    }


def escaped(text: str) -> set[str]:
    """The attempts that got out, by the message of the hand-in that tried them all."""
    numbers = re.search(r"ESCAPED: ([\d, ]+)", text)
    return {NAMES[int(n)] for n in numbers[1].split(",") if n.strip()} if numbers else set()


def test_there_are_thirty_and_more() -> None:
    assert len(NAMES) + len(LOUD) >= 50
    assert len({*NAMES}) == len(NAMES)


@pytest.mark.parametrize("user", [False, True], ids=["as we are", "as a user"])
def test_escapes_are_harmless(folder: Path, facts: dict[str, Any], user: bool, slow: bool) -> None:
    """All, but as a user only some of the loud ones, which take seconds; all with --slow."""
    loud = FOR_A_USER if user and not slow else tuple(LOUD)
    before, python = as_user(folder) if user else ([], sys.executable)
    written(folder, facts, loud, 100_000 if slow else 3_000)
    if user:  # the folder is theirs
        for path in (folder, folder / "out", *folder.rglob("*")):
            os.chown(path, USER, USER)
    outside = state(folder / "in", *(ROOT / name for name in GRADER))
    (folder / "scratch").mkdir()
    (folder / "scratch").chmod(0o777)
    result = subprocess.run(
        [*before, python, *command(folder / "in", "--out", folder / "out", *LIMITS)[1:]],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=LIMIT,
        env={**os.environ, "TOKEN": "SECRET", "HOME": str(folder),
             "TMPDIR": str(folder / "scratch")},
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    assert "graded in a sandbox" in result.stdout
    found = {}
    for file in (folder / "out" / "results").iterdir():
        outcome = json.loads(file.read_text())
        found[outcome["name"]] = outcome["record"]
    assert set(found) == {"quiet", "right", *loud}
    assert escaped(json.dumps(found["quiet"])) == set()
    assert (found["quiet"]["score"], found["right"]["score"]) == (91, 91)
    for name in loud:
        lost = {q["id"] for q in found[name]["questions"] if q["score"] < q["max_score"]}
        assert lost == {"3.3b"}, (name, lost)
    assert (folder / "out" / "canary").read_text() == "whole"
    assert state(folder / "in", *(ROOT / name for name in GRADER)) == outside
    assert list((folder / "scratch").iterdir()) == []
    assert not left_behind()
    pages = "".join(f.read_text() for f in (folder / "out").rglob("*.html"))
    assert not set(result.stdout + result.stderr + pages) & {"\x1b", "\x07"}


def test_the_attempts_do_get_out_where_there_is_no_sandbox(
    folder: Path, facts: dict[str, Any]
) -> None:
    """Else they would show nothing: as who we are, many of them succeed without it."""
    quiet = [name if name in HARMLESS else "out_of_question" for name in NAMES]
    written(folder, {**facts, "names": quiet}, ())
    only = folder / "only"
    only.mkdir()
    shutil.move(folder / "in" / "quiet.py", only)
    subprocess.run(
        command(only, "--out", folder / "out", "--no-sandbox", *LIMITS),
        cwd=ROOT, capture_output=True, check=True, timeout=LIMIT,
    )  # fmt: skip
    text = next((folder / "out" / "results").iterdir()).read_text()
    assert escaped(text) >= HARMLESS


HARMLESS = {
    "an_abstract_socket", "a_socket_in_a_folder", "the_local_network", "other_hand_ins",
    "a_file_in_the_shared_folder", "shared_memory", "system_v_memory", "the_stored_answers",
    "signal_the_grader", "a_name_for_the_machine",
}  # fmt: skip
"""Attempts that change nothing where they succeed."""
