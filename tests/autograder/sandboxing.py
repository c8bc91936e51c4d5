"""The command in front of a child's that leaves it a minimal view of the machine, by bubblewrap."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path

from tests.autograder.options import ROOT
from tests.autograder.session import WrongUse
from tests.submission.disk import MOST_BYTES, OWN

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
"""Programs and libraries of the system."""
FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/etc/alternatives")
KERNEL = ("/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs", "/proc/scsi")
"""Root owns these files, and may write them without any capability; bwrap leaves them as they are
where their folder itself cannot be written."""
UNREADABLE = ("/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/kallsyms", "/proc/kmsg")
NAMESPACES = ("--unshare-all", "--unshare-user", "--cap-drop", "ALL", "--uid", "65534", "--gid",
              "65534", "--hostname", "grader", "--new-session", "--die-with-parent")  # fmt: skip
"""No network, no other processes, no capability, and no terminal to type on."""
NO_MORE = ("--disable-userns",)
"""No user namespace within, where capabilities could be had; bubblewrap 0.8 and newer."""
SIZED = ("--size", str(MOST_BYTES))
"""The size of a file system in memory; bubblewrap 0.7 and newer."""
SECRET = (ROOT / "data", ROOT / "tests", ROOT / "mytorch", ROOT / ".git")
"""Hidden where a folder that is seen holds them: this project has the answers."""


@lru_cache
def sandbox() -> Callable[[Path], Sequence[str]]:
    """What makes the command for a child that may write into `OWN` below a folder alone.

    It sees the interpreter, its packages and the system's libraries, read-only; its own processes
    in `/proc`. Raises WrongUse where bwrap is not installed or may not run: to grade without it is
    not what was asked for.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise WrongUse("--sandbox needs bwrap (bubblewrap), which is not installed")
    said = ""
    for more, sized in ((NO_MORE, SIZED), ((), SIZED), ((), ())):
        command = [program, *NAMESPACES, *more, *_view()]
        make = partial(_command, command, sized)
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, OWN).mkdir()
            trial = [*make(Path(folder)), sys.executable, "-c", "import numpy"]
            tried = subprocess.run(trial, capture_output=True, text=True, check=False, cwd="/")
        if not tried.returncode:
            return make
        said = said or tried.stderr.strip()
    raise WrongUse(f"--sandbox: bwrap cannot run here: {said[-300:]}")


def _command(command: Sequence[str], sized: Sequence[str], folder: Path) -> list[str]:
    """Only the child's own folder can be written: it is in memory, and small.

    Where bwrap cannot make it small, a folder on the disk takes no memory that limits do not see.
    """
    place, own = str(folder), str(folder / OWN)
    only = [*sized, "--tmpfs", own] if sized else ["--bind", own, own]
    return [*command, "--ro-bind", place, place, *only, "--remount-ro", "/", "--remount-ro", "/dev"]


def _view() -> Iterator[str]:
    """What the child sees, but for its own folder."""
    for place in SYSTEM:
        if os.path.islink(place):
            yield from ("--symlink", os.readlink(place), place)
        elif os.path.isdir(place):
            yield from ("--ro-bind", place, place)
    for place in FILES:
        yield from ("--ro-bind-try", place, place)
    yield from ("--proc", "/proc", "--dev", "/dev", "--dir", "/tmp")
    for place in KERNEL:
        yield from ("--ro-bind-try", place, place)
    for place in UNREADABLE:
        if os.path.isfile(place):
            yield from ("--ro-bind", "/dev/null", place)
    seen = sorted({*_python()})
    for place in seen:
        yield from ("--ro-bind", place, place)
    for secret in map(str, SECRET):
        if os.path.isdir(secret) and any(_is_below(secret, place) for place in (*seen, "/usr")):
            yield from ("--tmpfs", secret, "--remount-ro", secret)


def _python() -> Iterator[str]:
    """The folders of the interpreter and of its packages that are not below /usr."""
    packages = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    for place in (sys.base_prefix, sys.prefix, *packages, *_links(sys.executable)):
        if os.path.isdir(place) and place != "/" and not _is_below(place, "/usr"):
            yield place


def _links(program: str) -> Iterator[str]:
    """The folders that a program's links lead through."""
    for _ in range(20):
        yield os.path.dirname(program)
        if not os.path.islink(program):
            return
        program = os.path.join(os.path.dirname(program), os.readlink(program))


def _is_below(path: str, folder: str) -> bool:
    return Path(path).is_relative_to(folder)
