"""The processes that a child started, however they try to leave it; needs /proc (Linux)."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

MARK = "MYTORCH_CHILD"
"""A variable in a child's environment, which what it starts has too."""

HAS_TABLE = os.path.isdir("/proc/self")
"""Whether there is a table of processes that can be read."""
KNOWN: set[int] = set()
"""The children that this process started itself, by number."""
_STARTING = threading.Lock()


def start(command: Sequence[Any], **options: Any) -> subprocess.Popen[Any]:
    """Starts a process and notes it as this one's own; `forget` it once it has ended."""
    with _STARTING:  # nobody shall take it for a stray before it is noted
        process = subprocess.Popen(command, **options)
        KNOWN.add(process.pid)
    return process


def forget(process: subprocess.Popen[Any]) -> None:
    """The process has ended; its number may be another's from now on."""
    KNOWN.discard(process.pid)


class Process(NamedTuple):
    """A line of the process table: parent, session, bytes of memory, seconds of the processor.

    The seconds are those of the children that it has waited for, too.
    """

    parent: int
    session: int
    memory: int
    seconds: float


def adopt_orphans() -> None:
    """Makes this process the parent of what its children leave behind, where that is possible."""
    with contextlib.suppress(OSError, AttributeError):
        prctl = ctypes.CDLL(None).prctl
        prctl(36, 1)  # PR_SET_CHILD_SUBREAPER
        prctl(4, 0)  # PR_SET_DUMPABLE: nobody but root may look into this process


def processes(dead: bool = False) -> dict[int, Process]:
    """All processes that are not dead already, or all that are; empty without /proc."""
    found = {}
    page, tick = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")
    # no `glob`, which raises where a process ends while it looks
    for number in filter(str.isdecimal, os.listdir("/proc") if HAS_TABLE else ()):
        with contextlib.suppress(OSError, ValueError, IndexError):
            with open(f"/proc/{number}/stat", "rb") as file:
                stat = file.read()
            state, parent, _, session, *rest = stat.rpartition(b")")[2].split()
            if (state == b"Z") == dead:
                seconds = sum(map(int, rest[7:11])) / tick
                memory = int(rest[17]) * page
                found[int(number)] = Process(int(parent), int(session), memory, seconds)
    return found


def family(child: int, token: str) -> dict[int, Process]:
    """The child, its descendants, its session, and orphans that bear its mark."""
    table = processes()
    # A killed child counts as dead, and is not in the table, once its main thread is gone; until
    # its last thread is gone too, its children are still its own.
    members = {child} | {number for number, p in table.items() if p.session == child}
    grown = True
    while grown:
        more = {n for n, p in table.items() if p.parent in members} - members
        members |= more
        grown = bool(more)
    mine = os.getpid()
    members |= {n for n, p in table.items() if p.parent == mine and _bears(n, token)}
    return {number: table[number] for number in members if number in table}


def _bears(number: int, token: str) -> bool:
    with contextlib.suppress(OSError):
        return f"{MARK}={token}".encode() in Path(f"/proc/{number}/environ").read_bytes()
    return False


def strays(since: set[int]) -> set[int]:
    """Orphans that came to this process since, and are no children of its own making."""
    mine = os.getpid()
    with _STARTING:
        table = processes()
        return {n for n, p in table.items() if p.parent == mine and n not in KNOWN | since}


def reap(before: set[int]) -> None:
    """Takes dead orphans that came to this process since out of the process table."""
    mine = os.getpid()
    for number, process in processes(dead=True).items():
        if process.parent == mine and number not in KNOWN | before:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(number, os.WNOHANG)


def kill_family(child: int, token: str, before: set[int]) -> None:
    """Kills them all, again and again until none is left, for at most two seconds."""
    deadline = time.monotonic() + 2.0
    while time.monotonic() < deadline:
        members = set(family(child, token)) | strays(before)
        members.discard(os.getpid())
        if not members:
            reap(before)
            return
        for number in members:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(number, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                if number != child and number not in KNOWN:
                    os.waitpid(number, os.WNOHANG)
        time.sleep(0.01)
