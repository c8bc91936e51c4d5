"""In which processes the questions of a submission are asked.

All in one process is the quickest. A question that ends it, or takes longer than one of many may,
is asked alone, with all the time that it has; another process goes on with the others. Those that
use the part which failed so are asked alone, too, and briefly where it hung: it will hang again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future
from typing import NamedTuple

from tests.autograder.course import Question
from tests.autograder.transcript import Transcript

BRIEF = 0.5
"""How many seconds a question has whose part hung."""
MOST_IN_VAIN = 2
"""How many processes in a row may end before one question is through."""


class Request(NamedTuple):
    """A question, and the exercises whose parts are replaced by the grader's, as they failed."""

    question: Question
    failed: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.question.id

    def uses(self, other: Request) -> bool:
        """Whether it calls the submission's part that another question is about."""
        exercise = other.question.exercise
        return exercise in self.question.uses and exercise not in self.failed


class Run(NamedTuple):
    """What came of one process; `imported` is whether it got as far as to ask a question."""

    transcripts: dict[str, Transcript]
    imported: bool


Ask = Callable[[Sequence[Request], float], Run]


class Rounds:
    """Asks questions with `ask`, which runs one process, until each has its transcript.

    `modules` says what is imported for a question; `keep` is given the transcripts as they come.
    """

    def __init__(
        self,
        ask: Ask,
        modules: Callable[[Request], Sequence[str]],
        keep: Callable[[dict[str, Transcript]], None],
        pool: Executor,
    ) -> None:
        self.ask, self.modules, self.keep, self.pool = ask, modules, keep, pool
        self.alone: list[Future[dict[str, Transcript]]] = []

    def run(self, requests: Sequence[Request], alone: Iterable[Request], seconds: float) -> None:
        """Returns when all are answered; `seconds` is what each may take."""
        for request in alone:
            self._alone(request, seconds)
        self._together(requests, seconds)
        for future in self.alone:
            self.keep(future.result())

    def _alone(self, request: Request, seconds: float) -> Future[dict[str, Transcript]]:
        self.alone.append(self.pool.submit(lambda: self.ask([request], seconds).transcripts))
        return self.alone[-1]

    def _together(self, requests: Sequence[Request], seconds: float) -> None:
        waiting, in_vain = list(requests), 0
        users: list[tuple[Request, Future[dict[str, Transcript]], Request]] = []
        while waiting:
            if len(waiting) == 1 or in_vain == MOST_IN_VAIN:
                for request in waiting:
                    self._alone(request, seconds)
                break
            run = self.ask(waiting, seconds)
            if not run.imported:
                self._by_modules(waiting, run, seconds)
                break
            through = {id: t for id, t in run.transcripts.items() if t.through}
            self.keep(through)
            in_vain = 0 if through else in_vain + 1
            rest = [request for request in waiting if request.id not in through]
            if not rest:
                break
            culprit, future = rest[0], self._alone(rest[0], seconds)
            users += [(r, future, culprit) for r in rest[1:] if r.uses(culprit)]
            waiting = [r for r in rest[1:] if not r.uses(culprit)]
        for request, future, culprit in users:
            hung = future.result()[culprit.id].ended.startswith("timed out")
            self._alone(request, min(BRIEF, seconds) if hung else seconds)

    def _by_modules(self, requests: Sequence[Request], run: Run, seconds: float) -> None:
        """Not even the import ended: only questions that import something else may do better."""
        groups: dict[tuple[str, ...], list[Request]] = {}
        for request in requests:
            groups.setdefault(tuple(self.modules(request)), []).append(request)
        if len(groups) == 1:
            self.keep(run.transcripts)
            return
        for group in groups.values():
            self._together(group, seconds)
