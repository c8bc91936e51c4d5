"""Runs changed code in forks, each candidate with a time limit, so that none can do harm.

One fork tries many candidates, one after the other, and says of each how far it came. Where one
takes too long, ends the process or fills its memory, the fork is killed, and another goes on with
the next candidate.
"""

from __future__ import annotations

import os
import select
import signal
import struct
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import CodeType

import numpy as np

from mytorch.gradcheck.repair.budget import LINE, NODE, PATIENCE, TRIAL, Budget
from mytorch.gradcheck.repair.edit import Edit
from mytorch.gradcheck.repair.switches import Switches, functions_of

FORK: Callable[[], int] = getattr(os, "fork", lambda: 0)  # which Windows does not have
GRACE = 0.3
"""How many seconds after its limit a candidate that catches every exception is killed."""
TOGETHER = 6_000
"""Of how many candidates those in one place are compiled together."""
BETWEEN, MOST_SPOILED = 200, 4
"""After how many candidates it is looked whether they have spoiled something, and how often."""
RECORD, SPOILED = struct.Struct("<iiqd"), -1
State = Callable[[], object]
Score = tuple[int, int]
"""How many cases are right, and how many results of the first one that is not."""
NOTHING: Score = (-1, -1)
Judge = Callable[[], Score]


class Spoiled(Exception):
    """A candidate has changed what others use, too."""


class TooSlow(BaseException):
    """A candidate took longer than it may."""


def unknown() -> None:
    """A state of which nothing is known."""


def _stop(number: int, frame: object) -> None:
    raise TooSlow


@contextmanager
def stoppable() -> Iterator[None]:
    """A block in which `timed` may stop what takes too long."""
    before = {number: signal.signal(number, _stop) for number in (signal.SIGPROF, signal.SIGALRM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def timed(seconds: float) -> Iterator[None]:
    """Raises TooSlow in a block that takes longer; again and again, where that is caught."""
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.02)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE * seconds, 0.02)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextmanager
def made(edits: Sequence[Edit], ready: Sequence[CodeType | None] | None = None) -> Iterator[bool]:
    """Runs the code with some edits inside the block; false where they are not valid Python.

    `ready` is the code of their functions, where it is compiled already; the tree has the change of
    the last edit only where it is not.
    """
    functions = functions_of(edits)
    codes: Sequence[CodeType | None]
    undo = [edit.make() for edit in (edits[:-1] if ready else edits)]
    try:
        codes = ready or [function.compiled() for function in functions]
        valid = all(code is not None for code in codes)
        if valid:
            for function, code in zip(functions, codes, strict=True):
                if code is not None:
                    function.install(code)
        yield valid
    finally:
        for function in functions:
            function.restore()
        for changes in reversed(undo):
            Edit.take_back(changes)


def judged(
    edits: Sequence[Edit],
    judge: Judge,
    seconds: float,
    ready: Sequence[CodeType | None] | None = None,
) -> Score:
    """How far the code comes with some edits, in this process; for `ready` see `made`."""
    with stoppable():
        return _judged(edits, judge, seconds, ready)


def _judged(
    edits: Sequence[Edit], judge: Judge, seconds: float, ready: Sequence[CodeType | None] | None
) -> Score:
    try:
        with made(edits, ready) as valid, warnings.catch_warnings(), np.errstate(all="ignore"):
            if not valid:
                return NOTHING
            warnings.simplefilter("ignore")
            with timed(seconds):
                return judge()
    except BaseException:
        return NOTHING


def scores(
    candidates: Sequence[Sequence[Edit]],
    judge: Judge,
    seconds: float,
    budget: Budget,
    lines: int = 0,
    state: State = unknown,
) -> Iterator[tuple[int, Score]]:
    """How far each candidate comes, in order, as long as the budget lasts.

    Each may take `seconds`; usually about so many `lines` run. A candidate may change an object
    that others use, too, such as a class. So it is looked from time to time whether the `state` is
    what it was; where it is not, the next ones are tried in a new fork.
    """
    start, forks = 0, MOST_SPOILED
    while start < len(candidates) and not budget.is_over:
        done = start
        try:
            known = state if forks else unknown
            for index, score in _from(start, candidates, judge, seconds, budget, known):
                size = sum(function.size for function in functions_of(candidates[index]))
                budget.spent += TRIAL + LINE * lines + NODE * size
                yield index, score
                done = index + 1
                if budget.is_over:
                    return
            if done < len(candidates):
                budget.spent += seconds  # a new fork, for the next one
            start = done + 1
        except Spoiled:
            start, forks = done, forks - 1


def _from(
    start: int,
    candidates: Sequence[Sequence[Edit]],
    judge: Judge,
    seconds: float,
    budget: Budget,
    state: State,
) -> Iterator[tuple[int, Score]]:
    """As `scores`, in one fork; raises Spoiled where the state is another one."""
    ours, theirs = os.pipe()
    child = FORK()
    if child == 0:
        try:
            os.close(ours)
            _silence()
            at_first = state()
            with stoppable():
                for index in range(start, len(candidates)):
                    number = (index - start) % TOGETHER
                    if number == 0:
                        switches = Switches(candidates[index : index + TOGETHER])
                    codes = switches.chosen(number)
                    cases, results = _judged(candidates[index], judge, seconds, codes)
                    os.write(theirs, RECORD.pack(index, cases, results, time.process_time()))
                    if (index - start + 1) % BETWEEN == 0 and state() != at_first:
                        os.write(theirs, RECORD.pack(SPOILED, 0, 0, time.process_time()))
                        return
        finally:
            os._exit(0)
    os.close(theirs)
    buffer, expected, spent = b"", start, 0.0
    try:
        while expected < len(candidates) and not budget.is_over:
            ready, _, _ = select.select([ours], [], [], PATIENCE * seconds + GRACE)
            data = os.read(ours, 1 << 16) if ready else b""
            if not data:
                return
            buffer += data
            while len(buffer) >= RECORD.size:
                index, cases, results, now = RECORD.unpack(buffer[: RECORD.size])
                if index == SPOILED:
                    raise Spoiled
                buffer, expected = buffer[RECORD.size :], index + 1
                budget.used, spent = budget.used + now - spent, now
                yield index, (cases, results)
    finally:
        os.close(ours)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        _, _, used = os.wait4(child, 0)  # a candidate that was killed said nothing of its time
        budget.used += max(0.0, used.ru_utime + used.ru_stime - spent)


def _silence() -> None:
    """Candidates may print what they like."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
