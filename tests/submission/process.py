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

from tests.submission.loading import printable
from tests.submission.wire import LONGEST, unpack

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "MYTORCH_CHILD"
KEPT = 20_000
"""How much of what the child prints is kept, in bytes."""
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM")}


class TimedOut(Exception):
    """The child said nothing for too long."""


class Ended(Exception):
    """The child ended before it had said everything; the text says how."""


class Child:
    """`python -m module CHANNEL TRACE ARGUMENT`, in a session of its own; for a `with` block.

    The child writes messages to the file descriptor CHANNEL. Its standard input is closed; what
    it prints is read, so that it cannot block, and the beginning kept in `printed`. Leaving the
    block kills it and all that it started. Where the child hangs, its `faulthandler` may write
    to the file descriptor TRACE, for `place`.
    """

    def __init__(
        self,
        module: str,
        argument: str,
        wrapper: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        processes: int = 0,
        memory: int = 0,
    ) -> None:
        if not hasattr(os, "fork"):
            raise OSError("running somebody else's code needs Linux, macOS or WSL")
        self.printed = bytearray()
        self._token = secrets.token_hex(16)
        self._trace = tempfile.TemporaryFile()  # noqa: SIM115 - closed on leaving the block
        self._channel, theirs = os.pipe()
        descriptors = theirs, self._trace.fileno()
        try:
            self._process = subprocess.Popen(
                [*wrapper, sys.executable, "-B", "-m", module, *map(str, descriptors), argument],
                cwd=ROOT,
                env={
                    **(os.environ if environment is None else environment),
                    **ONE_THREAD,
                    TOKEN: self._token,
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=descriptors,
                start_new_session=True,
            )
        finally:
            os.close(theirs)
        self._reader = threading.Thread(target=self._read_prints, daemon=True)
        self._reader.start()
        self.over = ""
        self._watching = bool(processes or memory)
        if self._watching:
            watch = threading.Thread(target=self._watch, args=(processes, memory), daemon=True)
            watch.start()

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._watching = False
        self.kill()
        self._process.wait()
        kill_marked(self._token)
        self._reader.join(timeout=1)  # a process that left the session may hold the pipe open
        os.close(self._channel)
        self._trace.close()

    def kill(self) -> None:
        """Kills the child and all of its session."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _watch(self, processes: int, memory: int) -> None:
        """Kills the child's session when it has too many processes or too much memory."""
        while self._watching and self._process.poll() is None:
            count, size = session_size(self._process.pid)
            if count > processes:
                self.over = f"started more than {processes} processes"
            elif size > memory:
                self.over = f"took more than {memory >> 20} MB of memory"
            if self.over:
                self.kill()
            time.sleep(0.02)

    def place(self, root: Path) -> str:
        """Where below `root` the child hangs, as ` (file, line N)`; empty if it did not say."""
        self._trace.seek(0)
        trace = self._trace.read(KEPT).decode(errors="replace")
        for file, line in re.findall(r'File "(.+)", line (\d+)', trace):
            if Path(file).is_relative_to(root):
                return f" ({printable(Path(file).name)}, line {line})"
        return ""

    def messages(self, seconds: float, deadline: float = inf) -> Iterator[dict[str, Any]]:
        """The child's messages until it says `{"end": true}`.

        Raises TimedOut where none came for `seconds`, or not all by `deadline`; Ended where the
        child ended without an end or sent something that is no message.
        """
        buffer = b""
        while True:
            line, newline, rest = buffer.partition(b"\n")
            if newline:
                buffer = rest
                try:
                    message = unpack(line)
                except ValueError as error:
                    raise Ended(f"wrote to a descriptor that is not its own ({error})") from None
                if message.get("end") is True:
                    return
                yield message
                continue
            if len(buffer) > LONGEST:
                raise Ended("wrote to a descriptor that is not its own, without end")
            buffer += self._more(max(0.0, min(seconds, deadline - time.monotonic())))

    def _more(self, seconds: float) -> bytes:
        ready, _, _ = select.select([self._channel], [], [], seconds)
        if not ready:
            raise TimedOut
        data = os.read(self._channel, 1 << 16)
        if data:
            return data
        deadline = time.monotonic() + 1.0
        while self._process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        raise Ended(self.over or how_it_ended(self._process.returncode))

    def _read_prints(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as pipe:
            while data := os.read(pipe.fileno(), 1 << 16):
                self.printed += data[: max(0, KEPT - len(self.printed))]


def session_size(session: int) -> tuple[int, int]:
    """How many processes a session has and how many bytes of memory; 0 without /proc."""
    count = size = 0
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = entry.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session and fields[0] != "Z":
                count, size = count + 1, size + int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    return count, size


def kill_marked(token: str) -> None:
    """Kills what left the child's session, where the system has /proc; a mark in the environment
    tells it.
    """
    mark = f"{TOKEN}={token}".encode()
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark in entry.read_bytes():
                os.kill(int(entry.parent.name), signal.SIGKILL)


def how_it_ended(code: int | None) -> str:
    """A return code in words."""
    if code is None:
        return "closed a descriptor that is not its own"
    if code < 0:
        return f"ended the process (killed by {signal.Signals(-code).name})"
    return f"ended the process (exit code {code})"
