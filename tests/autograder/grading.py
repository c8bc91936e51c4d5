"""Runs the questions of a homework on a submission and turns the answers into points."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

from mytorch.files import replacing
from mytorch.progress import progress_bar
from tests.autograder.cases import Case, Cases
from tests.autograder.comparing import Given
from tests.autograder.diagnosis import Answers
from tests.autograder.questions import Question
from tests.submission.copying import copy
from tests.submission.layout import Submission
from tests.submission.loading import printable
from tests.submission.process import Child, Ended, TimedOut

KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT")
PROCESSES = 32


class Limits(NamedTuple):
    """What a submission may take for one question: seconds and bytes of memory."""

    seconds: float = 10.0
    memory: int = 2 << 30


class Transcript(NamedTuple):
    """What a submission answered to one question.

    Attributes
    ----------
    given : its outputs by case and name.
    failures : for a case that ended early, what it raised.
    ended : how its process ended before it was through: `timed out after 10 s`, `exited early`.
    missing : why the question could not be asked at all.
    seconds : how long it took.
    """

    given: Answers
    failures: Mapping[str, str]
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
    questions: Sequence[Question],
    cases: Cases,
    limits: Limits,
    wrapper: Callable[[Path], Sequence[str]] = lambda folder: (),
) -> dict[str, Transcript]:
    """Asks every question in a process of its own, as many at once as there are processors."""
    transcripts: dict[str, Transcript] = {}
    running: set[Child] = set()

    def ask_one(question: Question) -> None:
        found = ask(submission, question, cases[question.probe], limits, wrapper, running)
        transcripts[question.id] = found

    with (
        ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool,
        progress_bar(len(questions), "grading", "question") as bar,
    ):
        futures = [pool.submit(ask_one, question) for question in questions]
        try:
            for future in as_completed(futures):
                future.result()
                bar.update(1)
        except KeyboardInterrupt:
            done = dict(transcripts)
            pool.shutdown(wait=False, cancel_futures=True)
            for child in tuple(running):
                child.kill()
            nothing = Transcript({}, {}, "interrupted", "", 0.0)
            raise Interrupted({q.id: done.get(q.id, nothing) for q in questions}) from None
    return transcripts


def ask(
    submission: Submission,
    question: Question,
    cases: Mapping[str, Case],
    limits: Limits,
    wrapper: Callable[[Path], Sequence[str]] = lambda folder: (),
    running: set[Child] | None = None,
) -> Transcript:
    """One question, on a temporary copy of the submission."""
    running = set() if running is None else running
    start = time.monotonic()
    given: Answers = {}
    failures: dict[str, str] = {}
    ended = missing = ""
    with TemporaryDirectory(prefix="mytorch-") as folder:
        root = Path(folder).resolve() / "submission"
        copy(submission.root, root)
        inputs = Path(folder).resolve() / "inputs.npz"
        with replacing(inputs) as file:
            np.savez(file, **{f"{c}/{k}": v for c, case in cases.items() for k, v in case.items()})
        task = {
            "root": str(root),
            "search": [str(root / p.relative_to(submission.root)) for p in submission.search],
            "modules": list(submission.modules),
            "needs": list(question.needs),
            "probe": question.probe,
            "inputs": str(inputs),
            "memory": limits.memory,
        }
        environment = {k: os.environ[k] for k in KEPT_VARIABLES if k in os.environ}
        environment["HOME"] = environment["TMPDIR"] = folder
        deadline = start + limits.seconds
        with Child(
            "tests.autograder.child",
            json.dumps(task),
            wrapper(Path(folder)),
            environment,
            PROCESSES,
            limits.memory,
        ) as child:
            running.add(child)
            try:
                for message in child.messages(deadline - time.monotonic(), deadline):
                    missing = _take(message, cases, given, failures) or missing
            except TimedOut:
                ended = f"timed out after {limits.seconds:g} s"
            except Ended as error:
                ended = f"exited early: it {error}"
            except (KeyError, TypeError, ValueError):
                ended = "exited early: it disturbed the report"
            finally:
                running.discard(child)
    return Transcript(given, failures, ended, missing, time.monotonic() - start)


def _take(
    message: dict[str, Any], cases: Mapping[str, Case], given: Answers, failures: dict[str, str]
) -> str:
    """Sorts one message in; returns why nothing can be asked, if it says so."""
    if "missing" in message:
        return printable(str(message["missing"]))
    if "start" in message:
        return ""
    case = message["case"]
    if case not in cases:
        raise ValueError("no such case")
    if "failure" in message:
        failures[case] = printable(str(message["failure"]))
        return ""
    value = message["value"]
    if value is not None and not isinstance(value, np.ndarray):
        raise TypeError("expected an array")
    given.setdefault((case, str(message["output"])), Given(value, printable(str(message["type"]))))
    return ""
