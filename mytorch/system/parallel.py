"""Work in pieces on as many threads as matrix products may use.

NumPy computes on one thread, but for products of matrices, and while it computes, another thread of
Python may. So a large array is cut into pieces, and whichever thread is free takes the next one: a
thread whose processor is busy with another program takes fewer. Products inside a piece run on its
thread alone.

The pieces follow from the data, never from the number of threads, and each is computed in the same
way on any thread. So the results are the same to the last bit however many threads there are.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

import numpy as np

from mytorch.system.threads import Limit, limits

Piece = Callable[[], object]


def in_parallel(pieces: Iterable[Piece]) -> None:
    """Calls every piece, in any order, and returns when all have ended.

    What a piece raises is raised here; pieces that no thread has begun by then are left out.
    """
    threads = limits.count()
    if threads == 1:
        for call in pieces:
            call()
        return
    with _Job() as job:
        job.add(list(pieces), threads)


def later(pieces: Iterable[Piece]) -> None:
    """As `in_parallel`; but inside `meanwhile()` it returns at once.

    The pieces then have time until the block ends.
    """
    block: _Job | None = getattr(_here, "block", None)
    threads = limits.count()
    if block is None or threads == 1:
        in_parallel(pieces)
    else:
        block.add(list(pieces), threads)


@contextmanager
def meanwhile() -> Iterator[None]:
    """Lets other threads compute what is to be done `later` while this one goes on.

    A thread waits for others between any two operations of NumPy, so two threads are hardly faster
    with many short ones than one. But long ones in one go well with short ones in another.
    """
    outer = getattr(_here, "block", None)
    with _Job(patient=True) as job:
        _here.block = job
        try:
            yield
        finally:
            _here.block = outer


def at_once(call: Callable[..., Any], *arguments: Any) -> Any:
    """`call(*arguments)`, after which nothing of it is left for `later`."""
    outer = getattr(_here, "block", None)
    _here.block = None
    try:
        return call(*arguments)
    finally:
        _here.block = outer


def idle_threads(pieces: Iterable[Piece]) -> None:
    """`in_parallel`, but on this thread alone while others have work for `later`.

    For pieces of short operations.
    """
    block: _Job | None = getattr(_here, "block", None)
    if block is None or not block.has_work():
        in_parallel(pieces)
    else:
        for call in pieces:
            call()


class _Job:
    """Pieces of work, and the other threads that are at it; a block, which ends with the work.

    Attributes
    ----------
    patient : whether its pieces have time: other threads leave them for those of other jobs.
    errors : what was raised in other threads than the caller's.
    """

    def __init__(self, patient: bool = False) -> None:
        self.patient = patient
        self.errors: list[BaseException] = []
        self._calls: deque[Piece] = deque()
        self._handling: Any = {}
        self._lock = threading.Lock()
        self._open, self._helping = True, 0
        self._ended = threading.Lock()  # released by the last thread that helped
        self._ended.acquire()
        self._limit: Limit | None = None

    def add(self, calls: list[Piece], threads: int) -> None:
        """More pieces, for so many threads, the caller's among them; without patience it waits."""
        if self._limit is None:
            self._handling = np.geterr()  # each thread has its own
            self._limit = Limit(1, inside=True)
            limits.enter(self._limit)
        self._calls.extend(calls)
        _helpers.ask(self, min(threads - 1, len(calls) - (not self.patient)))

    def __enter__(self) -> _Job:
        return self

    def __exit__(self, kind: Any, *_: object) -> None:
        """Takes part in what is left; after an exception leaves out what nobody has begun."""
        try:
            if kind is None:
                self.run()
        finally:
            try:
                self._close()
            except KeyboardInterrupt:  # other threads would go on writing into the caller's arrays
                self._close()
                raise
        if self.errors and kind is None:
            raise self.errors[0]

    def has_work(self) -> bool:
        """Whether there are pieces that nobody has begun."""
        return bool(self._calls)

    def run(self, patient: bool = False) -> None:
        """Calls pieces that nobody has begun, until none is left.

        With patience the rest is put off where another job asks for help.
        """
        while self._calls:
            if patient and _helpers.urgent:
                _helpers.ask(self, 1)
                return
            try:
                call = self._calls.popleft()
            except IndexError:  # another thread was faster
                return
            call()

    def help(self) -> None:
        """`run` in another thread than the caller's; nothing where the caller is through."""
        with self._lock:
            if not self._open:
                return
            self._helping += 1
        try:
            with np.errstate(**self._handling):
                self.run(self.patient)
        except BaseException as error:
            self.errors.append(error)
            self._calls.clear()
        with self._lock:
            self._helping -= 1
            if not self._open and not self._helping:
                self._ended.release()

    def _close(self) -> None:
        """Leaves out what nobody has begun, and waits for the threads that are in a piece."""
        self._calls.clear()
        with self._lock:
            self._open = False
            waiting = self._helping > 0
        if waiting:
            self._ended.acquire()
        if self._limit is not None:
            limits.leave(self._limit)


class _Helpers:
    """The other threads: started when first needed, then waiting for jobs.

    Attributes
    ----------
    urgent, patient : the jobs that ask for help, those without patience first.
    """

    def __init__(self) -> None:
        self.urgent: deque[_Job] = deque()
        self.patient: deque[_Job] = deque()
        self._lock = threading.Lock()
        self._requests: SimpleQueue[None] = SimpleQueue()  # one for each job in the two
        self._count = 0

    def ask(self, job: _Job, count: int) -> None:
        """Lets `count` threads help; fewer where the system gives this process no more."""
        with self._lock:
            while self._count < count:
                thread = threading.Thread(target=self._work, daemon=True)
                try:
                    thread.start()
                except RuntimeError:
                    break
                self._count += 1
        for _ in range(min(count, self._count)):
            (self.patient if job.patient else self.urgent).append(job)
            self._requests.put(None)

    def _work(self) -> None:
        while True:
            self._requests.get()
            try:
                job = self.urgent.popleft()
            except IndexError:
                job = self.patient.popleft()
            job.help()


_helpers = _Helpers()
_here = threading.local()


def _after_fork() -> None:
    """A forked process has one thread only."""
    global _helpers, _here
    _helpers, _here = _Helpers(), threading.local()
    limits.after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_after_fork)


__all__ = ["Piece", "at_once", "idle_threads", "in_parallel", "later", "meanwhile"]
