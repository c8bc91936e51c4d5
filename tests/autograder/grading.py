"""Runs questions on a submission and keeps what it answers."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mytorch.system.atomic import replacing
from mytorch.system.progress import progress_bar
from tests.autograder.compiled import bring
from tests.autograder.course import Cases, Course
from tests.autograder.properties import CASE
from tests.autograder.rounds import Request, Rounds, Run
from tests.autograder.transcript import Listening, Transcript, keep_print, shown
from tests.submission.copying import copy, scratch
from tests.submission.disk import OWN
from tests.submission.layout import NotCoursework, Submission
from tests.submission.loading import printable
from tests.submission.process import Child, Ended, TimedOut

KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH")
PROCESSES = 32
MOST_NOTES = 20
AT_ONCE = 12  # questions that have a process of their own; most only wait
TESTS = Path(__file__).resolve().parents[1]
CHILDS = (
    *("__init__.py", "autograder/__init__.py", "autograder/child.py", "autograder/sheet.py"),
    *("autograder/properties.py", "autograder/replacing.py"),
    *("autograder/courses/__init__.py", "submission/__init__.py", "submission/child.py"),
    *(
        "submission/loading.py",
        "submission/printing.py",
        "submission/importing.py",
        "submission/homeworks.py",
        "submission/calls.py",
        "submission/clock.py",
        "submission/disk.py",
        "submission/wire.py",
    ),
)
OF_THE_COURSE = ("__init__.py", "exam*.py", "standins.py")
"""The files that the child is made of."""
SHARED = tuple(
    f"autograder/shared/{name}.py"
    for name in (
        *("__init__", "conventions", "exam", "exam_bonus", "exam_networks", "exam_properties"),
        *("exam_properties_bonus", "exam_properties_networks", "standins", "model_layers"),
    )
)
"""Those that it has besides for a course without an exam of its own; a handout has a part."""


class NotStarted(RuntimeError):
    """The child could not even start, which is not the submission's fault."""


class Limits(NamedTuple):
    """What a submission may take for one question: seconds of the processor, bytes of memory."""

    seconds: float = 10.0
    memory: int = 2 << 30


class Interrupted(Exception):
    """Ctrl-C came; the exception has the transcripts of what was asked until then."""

    def __init__(self, transcripts: dict[str, Transcript]) -> None:
        super().__init__("interrupted")
        self.transcripts = transcripts


class Asking:
    """Asks questions of one submission.

    `cases` has the inputs by exercise. `wrapper` is a command in front of the child's. `notes`
    collects what could not be executed while the submission was imported, `printed` the first lines
    that it printed then.
    """

    def __init__(
        self,
        submission: Submission,
        course: Course,
        cases: Cases,
        limits: Limits,
        wrapper: Callable[[Path], Sequence[str]] = lambda folder: (),
    ) -> None:
        self.submission, self.course, self.cases = submission, course, cases
        self.limits, self.wrapper = limits, wrapper
        self.notes: list[str] = []
        self.printed: list[str] = []
        self.running: set[Child] = set()

    def ask_all(
        self,
        requests: Sequence[Request],
        alone: Sequence[Request] = (),
        seconds: float | None = None,
    ) -> dict[str, Transcript]:
        """Asks all of them, as few processes as possible (`rounds.py`).

        Those in `alone` are not tried with the others; `seconds` may be less than the limit.
        Raises Interrupted on Ctrl-C, with what was asked until then; NotStarted where the limits or
        the wrapper do not let Python start.
        """
        seconds = min(seconds or self.limits.seconds, self.limits.seconds)
        transcripts: dict[str, Transcript] = {}
        stopping = threading.Event()

        def ask(some: Sequence[Request], limit: float) -> Run:
            return Run({}, False) if stopping.is_set() else self._ask(some, limit)

        def keep(found: dict[str, Transcript]) -> None:
            transcripts.update(found)
            bar.update(len(found))

        with (
            ThreadPoolExecutor(max_workers=AT_ONCE) as pool,
            progress_bar(len(requests) + len(alone), "grading", "question") as bar,
        ):
            try:
                Rounds(ask, self._modules, keep, pool).run(requests, alone, seconds)
            except KeyboardInterrupt:
                stopping.set()
                done = dict(transcripts)
                pool.shutdown(wait=False, cancel_futures=True)
                for child in tuple(self.running):
                    child.kill()
                nothing = Transcript({}, {}, "interrupted", "", 0.0)
                ids = [request.question.id for request in (*requests, *alone)]
                raise Interrupted({id: done.get(id, nothing) for id in ids}) from None
        return transcripts

    def _modules(self, request: Request) -> list[str]:
        """What is imported for a question."""
        return self.course.imported(self.submission, list(request.question.needs))

    def _ask(self, requests: Sequence[Request], seconds: float) -> Run:
        """Questions on a temporary copy of the submission, all in one process."""
        heard = {r.question.id: Listening(self.cases[r.question.exercise]) for r in requests}
        missing = ended = ""
        started = imported = False
        printed: list[str] = []
        with scratch() as folder:
            try:
                task = self.prepared(requests, folder)
            except (OSError, NotCoursework) as error:
                missing = f"it could not be copied: {error}"
                found = {id: one.transcript(0.0, missing=missing) for id, one in heard.items()}
                return Run(found, False)
            with self.child("tests.autograder.child", task, folder) as child:
                self.running.add(child)
                try:
                    child.begun(self.limits.seconds)
                    for message in child.messages(seconds, seconds):
                        if "notes" in message and started:
                            imported = True
                            self._keep(message["notes"])
                        elif "printed" in message and "question" not in message:
                            keep_print(printed, message["printed"])
                        elif "over" in message:
                            raise Ended(shown(message["over"]))
                        elif "start" not in message:
                            heard[message.pop("question")].hear(message)
                        started = True
                except TimedOut as error:
                    place = child.place(Path(task["root"]))
                    ended = f"timed out after {error}{place}"
                    frame = child.frame(Path(task["root"]))
                    for one in heard.values():
                        one.traces[ended] = [frame] if frame else []
                except Ended as error:
                    ended = f"exited early: it {error}"
                except (KeyError, TypeError, ValueError, AttributeError):
                    ended = "exited early: it wrote into the grader's channel"
                finally:
                    self.running.discard(child)
            if not started:
                printed = printable(child.printed.decode(errors="replace")[-300:])
                raise NotStarted(f"the grader's child did not start ({ended}): {printed}")
        self.printed = self.printed or printed  # every process imports it anew
        return Run({id: one.transcript(child.used, ended) for id, one in heard.items()}, imported)

    def child(self, module: str, task: Mapping[str, Any], folder: Path) -> Child:
        """The process of a task that was prepared in `folder`."""
        own = folder / OWN
        environment = {k: os.environ[k] for k in KEPT_VARIABLES if k in os.environ}
        environment["HOME"] = environment["TMPDIR"] = str(own)
        return Child(
            module, json.dumps(task), self.wrapper(folder), environment, PROCESSES,
            self.limits.memory, folder / "grader", own,
        )  # fmt: skip

    def _keep(self, notes: Any) -> None:
        for note in notes if isinstance(notes, list) else []:
            text = shown(note)
            if text not in self.notes and len(self.notes) < MOST_NOTES:
                self.notes.append(text)

    def prepared(self, requests: Sequence[Request], folder: Path) -> dict[str, Any]:
        """A copy of the submission and the inputs in `folder`; what the child has to know."""
        course, submission = self.course, self.submission
        shared = SHARED if course.conventions is not None else ()
        brought = {name: TESTS / name for name in CHILDS}
        brought |= {name: TESTS / name for name in shared if (TESTS / name).is_file()}
        for name in OF_THE_COURSE:
            for file in course.folder.glob(name):
                brought[f"autograder/courses/{course.name}/{file.name}"] = file
        for name, file in brought.items():  # the child finds these, and not what knows the answers
            bring(file, folder / "grader" / "tests" / name)
        original, root = folder / "submission", folder / OWN / "submission"
        copy(submission.root, original)
        root.parent.mkdir()
        inputs = folder / "inputs.npz"
        exercises = {request.question.exercise for request in requests}
        arrays = {
            f"{exercise}|{name}|{key}": value
            for exercise in exercises
            for name, case in self.cases[exercise].items()
            for key, value in case.items()
        }
        needed = dict.fromkeys(name for r in requests for name in r.question.needs)
        with replacing(inputs) as file:
            np.savez(file, **arrays)
        return {
            "original": str(original),
            "root": str(root),
            "search": [
                str(root / p.relative_to(submission.root)) for p in course.searched(submission)
            ],
            "modules": course.imported(submission, list(needed)),
            "course": f"tests.autograder.courses.{course.name}",
            "conventions": asdict(course.conventions) if course.conventions else None,
            "standins": course.has_standins,
            "properties": any(CASE in self.cases[exercise] for exercise in exercises),
            "homes": course.homes,
            "questions": [
                {
                    "id": question.id,
                    "exercise": question.exercise,
                    "needs": list(question.needs),
                    "failed": list(failed),
                }
                for question, failed in requests
            ],
            "inputs": str(inputs),
            "memory": self.limits.memory,
            "processes": PROCESSES,
            "seconds": self.limits.seconds,
        }
