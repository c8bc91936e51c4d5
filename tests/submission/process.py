"""A child process that runs somebody else's code and reports over a pipe of its own."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from math import inf
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.submission.clock import PATIENCE
from tests.submission.disk import overuse
from tests.submission.family import (
    HAS_TABLE,
    MARK,
    Process,
    adopt_orphans,
    family,
    forget,
    kill_family,
    processes,
    start,
)
from tests.submission.loading import printable
from tests.submission.wire import LONGEST, unpack

ROOT = Path(__file__).resolve().parents[2]
NEXT_TRACE = "(most recent call first)"
"""What each traceback begins with."""
EVERY = 0.05
"""After how many seconds the child is looked at again."""
KEPT = 20_000
"""How much of what the child prints is kept, in bytes."""
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM")}


SETTLING = 5.0
"""How many seconds a child may take to end once it has closed its channel."""


class TimedOut(Exception):
    """The child said nothing for too long; the text says how long that was."""


class Ended(Exception):
    """The child ended before it had said everything; the text says how."""


class Child:
    """`python -m module CHANNEL TRACE ARGUMENT`, in a session of its own; for a `with` block.

    The child writes messages to the file descriptor CHANNEL. Its standard input is closed; what
    it prints is read, so that it cannot block, and the beginning kept in `printed`. Leaving the
    block kills it and all that it started. Where the child hangs, its `faulthandler` may write
    to the file descriptor TRACE, for `place`.

    `used` is how many seconds the processor worked for it and all that it started.

    `wrapper` is a command in front of Python's, `environment` the child's instead of this
    process's, `processes` and `memory` (bytes) what its family may have together, 0 for no limit,
    `cwd` where Python finds the module, instead of this repository, `disk` the folder where what
    it writes is counted.
    Raises OSError where the process cannot be started.
    """

    def __init__(
        self,
        module: str,
        argument: str,
        wrapper: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        processes: int = 0,
        memory: int = 0,
        cwd: Path | None = None,
        disk: Path | None = None,
    ) -> None:
        if not hasattr(os, "fork"):
            raise OSError("running somebody else's code needs Linux, macOS or WSL")
        adopt_orphans()
        self.printed = bytearray()
        self.over = ""
        self.used = 0.0
        self._token = secrets.token_hex(16)
        self._before = _children()
        self._trace = tempfile.TemporaryFile()  # noqa: SIM115 - closed on leaving the block
        self._channel, theirs = os.pipe()
        descriptors = theirs, self._trace.fileno()
        try:
            self._process = start(
                [*wrapper, sys.executable, "-B", "-m", module, *map(str, descriptors), argument],
                cwd=cwd or ROOT,
                env={
                    **(os.environ if environment is None else environment),
                    **ONE_THREAD,
                    MARK: self._token,
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=descriptors,
                start_new_session=True,
            )
        except BaseException:
            os.close(self._channel)
            self._trace.close()
            raise
        finally:
            os.close(theirs)
        self._start = time.monotonic()
        self._left = threading.Event()
        self._threads = [
            threading.Thread(target=self._read_prints, daemon=True),
            threading.Thread(
                target=self._watch, args=(processes, memory, disk, bool(wrapper)), daemon=True
            ),
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._left.set()
        self.kill()
        kill_family(self._process.pid, self._token, self._before)
        self._process.wait()
        for thread in self._threads:
            thread.join(timeout=1)
        os.close(self._channel)
        self._trace.close()
        forget(self._process)

    def kill(self) -> None:
        """Kills the child and its session."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _watch(self, most: int, memory: int, disk: Path | None, isolated: bool) -> None:
        """Kills the child's family when it has too many processes, memory or files."""
        while not self._left.wait(EVERY) and self._process.poll() is None:
            members = self._measure()
            if most and len(members) > most:
                self.over = f"started more than {most} processes"
            elif memory and sum(p.memory for p in members.values()) > memory:
                self.over = f"took more than {memory >> 20} MB of memory"
            elif disk is not None:
                self.over = overuse(disk, members, isolated)
            if self.over:
                self.kill()
                kill_family(self._process.pid, self._token, self._before)
                return

    def _measure(self) -> Mapping[int, Process]:
        """The child's family; keeps how much of the processor it had. Without /proc: the clock."""
        members = family(self._process.pid, self._token)
        used = sum(p.seconds for p in members.values())
        self.used = max(self.used, used if HAS_TABLE else time.monotonic() - self._start)
        return members

    def place(self, root: Path) -> str:
        """Where below `root` the child hangs, as ` (file, line N)`; empty if it did not say."""
        frame = self.frame(root)
        return f" ({printable(Path(frame[0]).name)}, line {frame[1]})" if frame else ""

    def frame(self, root: Path) -> tuple[str, int] | None:
        """The same as a file, relative to `root`, and a number; None if it did not say."""
        self._trace.seek(max(0, self._trace.seek(0, os.SEEK_END) - KEPT))
        traces = self._trace.read().decode(errors="replace").split(NEXT_TRACE)
        for trace in reversed(traces):  # the last one is the nearest to the end
            for file, line in re.findall(r'File "(.+)", line (\d+)', trace):
                if Path(file).is_relative_to(root):
                    return Path(file).relative_to(root).as_posix(), int(line)
        return None

    def begun(self, seconds: float) -> None:
        """Waits until the child says something, or ends: what Python needs to start is not its own.

        On a busy machine that may be longer than what it is asked takes.
        """
        select.select([self._channel], [], [], PATIENCE * seconds)

    def messages(self, seconds: float, total: float = inf) -> Iterator[dict[str, Any]]:
        """The child's messages until it says `{"end": true}`.

        Raises TimedOut where it took `seconds` of the processor without one, or `total` from now
        on, or PATIENCE times as long by the clock; Ended where the child ended without an end or
        sent something that is no message.
        """
        rest = b""
        self._measure()
        begin = last = time.monotonic(), self.used
        while len(rest) <= LONGEST:
            while not select.select([self._channel], [], [], EVERY)[0]:
                self._check_time(begin, total)
                self._check_time(last, seconds)
            *lines, end = self._more().split(b"\n")
            for line in lines:
                try:
                    message = unpack(rest + line)
                except ValueError as error:
                    raise Ended(f"wrote to a descriptor that is not its own ({error})") from None
                if message.get("end") is True:
                    self._measure()
                    return
                yield message
                rest, last = b"", (time.monotonic(), self.used)
                self._check_time(begin, total)
            rest += end
        raise Ended("wrote to a descriptor that is not its own, without end")

    def _check_time(self, since: tuple[float, float], seconds: float) -> None:
        """Raises TimedOut where the child took longer since a moment than it may."""
        clock, processor = since
        if self.used - processor > seconds:
            raise TimedOut(f"{seconds:g} s")
        if time.monotonic() - clock > PATIENCE * seconds:
            raise TimedOut(f"{PATIENCE * seconds:g} s by the clock")

    def _more(self) -> bytes:
        """What the child has said since; raises Ended where it says nothing more."""
        data = os.read(self._channel, 1 << 16)
        if data:
            return data
        deadline = time.monotonic() + SETTLING
        while self._process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        raise Ended(self.over or how_it_ended(self._process.returncode))

    def _read_prints(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as pipe:
            while data := os.read(pipe.fileno(), 1 << 16):
                self.printed += data[: max(0, KEPT - len(self.printed))]


def _children() -> set[int]:
    """The processes that are this one's children already."""
    mine = os.getpid()
    return {number for number, process in processes().items() if process.parent == mine}


def how_it_ended(code: int | None) -> str:
    """A return code in words."""
    if code is None:
        return "closed a descriptor that is not its own"
    if code >= 0:
        return f"ended the process (exit code {code})"
    names = {number.value: number.name for number in signal.Signals}
    return f"ended the process (killed by {names.get(-code, f'signal {-code}')})"
