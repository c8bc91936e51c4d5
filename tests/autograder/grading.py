"""Runs the questions of a homework on a submission and turns the answers into points."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mytorch.system.atomic import replacing
from mytorch.system.progress import progress_bar
from tests.autograder.comparing import Given, Key
from tests.autograder.course import Case, Cases, Course, Question
from tests.submission.copying import copy, scratch
from tests.submission.layout import NotCoursework, Submission
from tests.submission.loading import printable
from tests.submission.process import Child, Ended, TimedOut

KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH")
PROCESSES = 32
MOST_OUTPUTS = 1000
TESTS = Path(__file__).resolve().parents[1]
CHILDS = (
    *("__init__.py", "autograder/__init__.py", "autograder/child.py", "autograder/sheet.py"),
    *("autograder/courses/__init__.py", "submission/__init__.py", "submission/child.py"),
    *("submission/loading.py", "submission/homeworks.py", "submission/wire.py"),
)
OF_THE_COURSE = ("__init__.py", "exam.py", "standins.py")
"""The files that the child is made of."""


class NotStarted(RuntimeError):
    """The child could not even start, which is not the submission's fault."""


class Limits(NamedTuple):
    """What a submission may take for one question: seconds and bytes of memory."""

    seconds: float = 10.0
    memory: int = 2 << 30


Answers = dict[Key, Given]
"""What a submission gave, by case and output."""


class Transcript(NamedTuple):
    """What a submission answered to one question.

    Attributes
    ----------
    given : its outputs by case and name.
    failures : by case and part, what was raised there.
    ended : how its process ended before it was through: `timed out after 10 s`, `exited early`.
    missing : why the question could not be asked at all.
    seconds : how long it took.
    """

    given: Answers
    failures: Mapping[Key, str]
    ended: str
    missing: str
    seconds: float


class Interrupted(Exception):
    """Ctrl-C came; the exception has the transcripts of what was asked until then."""

    def __init__(self, transcripts: dict[str, Transcript]) -> None:
        super().__init__("interrupted")
        self.transcripts = transcripts


def ask_all(
    submission: Submission,
    course: Course,
    questions: Sequence[Question],
    cases: Cases,
    limits: Limits,
    wrapper: Callable[[Path], Sequence[str]] = lambda folder: (),
) -> dict[str, Transcript]:
    """Asks every question in a process of its own, as many at once as there are processors.

    Raises Interrupted on Ctrl-C, with what was asked until then; NotStarted, see `ask`.
    """
    transcripts: dict[str, Transcript] = {}
    running: set[Child] = set()
    stopping = threading.Event()

    def ask_one(question: Question) -> None:
        if stopping.is_set():
            return
        found = ask(
            submission, course, question, cases[question.exercise], limits, wrapper, running
        )
        transcripts[question.id] = found

    with (
        ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool,
        progress_bar(len(questions), "grading", "question") as bar,
    ):
        try:
            futures = [pool.submit(ask_one, question) for question in questions]
            for future in as_completed(futures):
                future.result()
                bar.update(1)
        except KeyboardInterrupt:
            stopping.set()
            done = dict(transcripts)
            pool.shutdown(wait=False, cancel_futures=True)
            for child in tuple(running):
                child.kill()
            nothing = Transcript({}, {}, "interrupted", "", 0.0)
            raise Interrupted({q.id: done.get(q.id, nothing) for q in questions}) from None
    return transcripts


def ask(
    submission: Submission,
    course: Course,
    question: Question,
    cases: Mapping[str, Case],
    limits: Limits,
    wrapper: Callable[[Path], Sequence[str]] = lambda folder: (),
    running: set[Child] | None = None,
) -> Transcript:
    """One question, on a temporary copy of the submission.

    Raises NotStarted where the limits or the wrapper do not even let Python start.
    """
    running = set() if running is None else running
    start = time.monotonic()
    answer = _Listening(cases)
    with scratch() as folder:
        try:
            task = _prepared(submission, course, question, cases, limits, folder)
        except (OSError, NotCoursework) as error:
            return answer.transcript(0.0, missing=f"it could not be copied: {error}")
        environment = {k: os.environ[k] for k in KEPT_VARIABLES if k in os.environ}
        environment["HOME"] = environment["TMPDIR"] = str(folder)
        arguments = "tests.autograder.child", json.dumps(task), wrapper(folder), environment
        ended = ""
        with Child(*arguments, PROCESSES, limits.memory, folder / "grader") as child:
            running.add(child)
            deadline = start + limits.seconds
            try:
                for message in child.messages(limits.seconds, deadline):
                    answer.hear(message)
            except TimedOut:
                place = child.place(Path(task["root"]))
                ended = f"timed out after {limits.seconds:g} s{place}"
            except Ended as error:
                ended = f"exited early: it {error}"
            except (KeyError, TypeError, ValueError):
                ended = "exited early: it wrote into the grader's channel"
            finally:
                running.discard(child)
        if not answer.started:
            printed = printable(child.printed.decode(errors="replace")[-300:])
            raise NotStarted(f"the grader's child did not start ({ended}): {printed}")
    return answer.transcript(time.monotonic() - start, ended)


def _prepared(
    submission: Submission,
    course: Course,
    question: Question,
    cases: Mapping[str, Case],
    limits: Limits,
    folder: Path,
) -> dict[str, Any]:
    """A copy of the submission and the inputs in `folder`; what the child has to know."""
    own = [f"autograder/courses/{course.name}/{name}" for name in OF_THE_COURSE]
    for name in (*CHILDS, *own):  # the child finds these, and not what knows the answers
        place = folder / "grader" / "tests" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TESTS / name, place)
    root = folder / "submission"
    copy(submission.root, root)
    inputs = folder / "inputs.npz"
    with replacing(inputs) as file:
        np.savez(file, **{f"{c}/{k}": v for c, case in cases.items() for k, v in case.items()})
    return {
        "root": str(root),
        "search": [str(root / p.relative_to(submission.root)) for p in submission.search],
        "modules": list(submission.modules),
        "needs": {name: course.homes.get(name, "") for name in question.needs},
        "course": f"tests.autograder.courses.{course.name}",
        "exercise": question.exercise,
        "inputs": str(inputs),
        "memory": limits.memory,
        "seconds": limits.seconds,
    }


class _Listening:
    """Sorts a child's messages."""

    def __init__(self, cases: Mapping[str, Case]) -> None:
        self.cases = cases
        self.started = False
        self.given: Answers = {}
        self.failures: dict[Key, str] = {}
        self.missing = ""

    def hear(self, message: dict[str, Any]) -> None:
        """Takes one message; raises KeyError, TypeError or ValueError for one that is none."""
        self.started = True
        if self.missing:
            raise ValueError("nothing comes after that")
        if "missing" in message:
            if self.given or self.failures:
                raise ValueError("too late to say that")
            self.missing = _shown(message["missing"]) or "nothing"
        elif "start" not in message:
            self._output(message)

    def _output(self, message: dict[str, Any]) -> None:
        case = message["case"]
        if case not in self.cases or len(self.given) > MOST_OUTPUTS:
            raise ValueError("nobody asked for that")
        if "failure" in message:
            self.failures.setdefault((case, str(message["part"])), _shown(message["failure"]))
            return
        value = message["value"]
        if value is not None and not isinstance(value, np.ndarray):
            raise TypeError("expected an array")
        key = case, _shown(message["output"])
        self.given.setdefault(key, Given(value, _shown(message["type"])))

    def transcript(self, seconds: float, ended: str = "", missing: str = "") -> Transcript:
        """What was heard."""
        missing = missing or self.missing
        return Transcript(self.given, self.failures, ended, missing, seconds)


def _shown(text: Any) -> str:
    return printable(str(text))[:500]
