"""A station grades one hand-in after the other, in a process of its own, asked over its pipes.

So whoever grades a class may have threads and children of any kind: what a hand-in leaves running
becomes an orphan of the station, and is ended there. A station that ends is replaced by another.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Any

from tests.autograder.classes.task import Task
from tests.autograder.options import ROOT

ATTEMPTS = 3
"""How often a hand-in is graded anew when the station ended in the middle."""
MOST_GRADED = 100
"""After how many hand-ins a station is replaced: what it caches grows."""
Outcome = dict[str, Any]


class Ended(RuntimeError):
    """The station ended before it had a result."""


class Stopped(RuntimeError):
    """`stop_all` was called: nothing more is graded."""


class Station:
    """The process of a station."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.graded = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.autograder.classes.grading"],
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # where it would draw a progress bar for each hand-in
            start_new_session=True,  # Ctrl-C on the terminal is for the one who grades the class
        )

    def grade(self, task: Task) -> Outcome:
        """What came of a task. Raises Ended where the station ended before."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.graded += 1
        try:
            self._process.stdin.write(json.dumps(task).encode() + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except (OSError, ValueError):
            line = b""
        if not line.endswith(b"\n"):
            raise Ended
        return json.loads(line)

    def end(self) -> None:
        """Lets it end what it runs, and waits for that."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]


_idle: list[Station] = []
_busy: set[Station] = set()
_lock = threading.Lock()
_stopped = threading.Event()


def grade_task(task: Task) -> Outcome:
    """Grades a hand-in at a station of this process; the one function that executors call.

    The outcome has `record`, as `--json` writes it, and `sources`; or `fault`, a message that says
    why the grader, not the hand-in, failed. Raises Stopped after `stop_all`.
    """
    for _ in range(ATTEMPTS):
        station = _taken()
        outcome = None
        try:
            outcome = station.grade(task)
        except Ended:
            continue
        finally:
            _returned(station, keep=outcome is not None)
        return {**outcome, "id": task.id, "name": task.name, "key": task.key}
    fault = f"the grader's process ended {ATTEMPTS} times while it graded this hand-in"
    return {"fault": fault, "id": task.id, "name": task.name, "key": task.key}


def _taken() -> Station:
    with _lock:
        if _stopped.is_set():
            raise Stopped("the grading was stopped")
        station = _idle.pop() if _idle else Station(os.environ)
        _busy.add(station)
    return station


def _returned(station: Station, keep: bool) -> None:
    with _lock:
        _busy.discard(station)
        if keep and station.graded < MOST_GRADED and not _stopped.is_set():
            _idle.append(station)
            return
    station.end()


def stop_all() -> None:
    """Ends all stations of this process, busy or not; none is started until `resume`."""
    _stopped.set()
    with _lock:
        stations = [*_idle, *_busy]
        _idle.clear()
    for station in stations:
        station._process.terminate()
    for station in stations:
        station.end()


def resume() -> None:
    """Stations may be started again."""
    _stopped.clear()


atexit.register(stop_all)
