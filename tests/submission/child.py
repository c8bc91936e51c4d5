"""What every child process does before somebody else's code runs, and how it reports."""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import gc
import mmap
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.submission.calls import refuse_calls
from tests.submission.clock import PATIENCE
from tests.submission.disk import LARGEST_FILE
from tests.submission.loading import search_only
from tests.submission.wire import pack


class Reporter:
    """Sends messages to the parent; where a call hangs, its traceback goes to `trace`."""

    def __init__(self, channel: int, trace: int) -> None:
        self._channel, self._trace = channel, trace

    def __call__(self, **message: Any) -> None:
        data = pack(message)
        while data:
            data = data[os.write(self._channel, data) :]

    @contextlib.contextmanager
    def watched(self, seconds: float) -> Iterator[None]:
        """A block that is traced where it takes most of `seconds` of the processor, or of
        `PATIENCE` times as many of the clock; again and again, as the last trace counts.
        """
        first, step = 0.7 * seconds, 0.05 * seconds
        faulthandler.register(signal.SIGPROF, file=self._trace, all_threads=True)
        faulthandler.dump_traceback_later(PATIENCE * first, repeat=True, file=self._trace)
        signal.setitimer(signal.ITIMER_PROF, first, step)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            faulthandler.cancel_dump_traceback_later()
            faulthandler.unregister(signal.SIGPROF)


def prepare(root: Path, search: Sequence[Path], memory: int) -> None:
    """Limits this process, and makes the coursework in `root` the only one that can be imported."""
    gc.freeze()  # what is there stays, and need not be looked through again, in forks either
    die_with_parent()
    limit_memory(memory)
    refuse_calls()
    sys.argv[:] = [sys.argv[0]]
    os.chdir(root)
    search_only(search)


def count_forks(most: int, over: Callable[[], None]) -> None:
    """Ends this process and all of its group at once when they fork more often than `most`.

    The parent watches for that too, but a loop that forks is faster; `over` is called before.
    """
    count = mmap.mmap(-1, 4)  # shared by all that are forked
    fork = os.fork

    def counted() -> int:
        number = int.from_bytes(count[:4], "little") + 1
        count[:4] = number.to_bytes(4, "little")
        if number > most:
            over()
            os.killpg(0, signal.SIGKILL)
        return fork()

    os.fork = counted


def die_with_parent() -> None:
    """Asks the system to kill this process when its parent is gone, where it can (Linux)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def limit_memory(size: int) -> None:
    """Lets this process have `size` bytes of memory and write small files, where that can be."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (size, size))
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
