"""In which processes questions are asked: as few as can be, and each question is answered."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.autograder.course import Question
from tests.autograder.rounds import BRIEF, Request, Rounds, Run
from tests.autograder.transcript import Transcript

PARTS = ("tanh", "relu", "linear")
REQUESTS = [
    *(Request(Question(part, part, (), part, (part,))) for part in PARTS),
    Request(Question("net", "net", (), "net", ("MLP",), PARTS)),
    Request(Question("deep", "deep", (), "deep", ("MLP",), PARTS)),
]
FULL = 10.0


class Submission:
    """Stands in for a process: what hangs, what crashes, and which modules are never imported."""

    def __init__(
        self, hangs: Sequence[str] = (), crashes: Sequence[str] = (), broken: Sequence[str] = ()
    ) -> None:
        self.hangs, self.crashes, self.broken = hangs, crashes, broken
        self.asked: list[tuple[tuple[str, ...], float]] = []

    def modules(self, request: Request) -> Sequence[str]:
        return ("mlp", *PARTS) if request.question.uses else (request.id,)

    def ask(self, requests: Sequence[Request], seconds: float) -> Run:
        self.asked.append((tuple(r.id for r in requests), seconds))
        found: dict[str, Transcript] = {}
        imported = {module for request in requests for module in self.modules(request)}
        ended = "timed out after 10 s" if imported & set(self.broken) else ""
        for request in requests:
            called = {request.id, *request.question.uses} - set(request.failed)
            if not ended and called & set(self.hangs):
                ended = "timed out after 10 s"
            elif not ended and called & set(self.crashes):
                ended = "exited early"
            found[request.id] = Transcript({}, {}, ended, "", 0.1, not ended)
        return Run(found, not imported & set(self.broken))

    def answered(self, requests: Sequence[Request]) -> dict[str, str]:
        kept: dict[str, Transcript] = {}

        def keep(found: dict[str, Transcript]) -> None:
            assert not kept.keys() & found.keys()
            kept.update(found)

        with ThreadPoolExecutor(4) as pool:
            Rounds(self.ask, self.modules, keep, pool).run(requests, (), FULL)
        assert {request.id for request in requests} == set(kept)
        return {id: t.ended.partition(" after")[0] for id, t in kept.items() if not t.through}


def test_what_is_right_takes_one_process() -> None:
    submission = Submission()
    assert submission.answered(REQUESTS) == {}
    assert submission.asked == [(("tanh", "relu", "linear", "net", "deep"), FULL)]


def test_what_hangs_has_its_time_once() -> None:
    """Those that use it hang again, so briefly; the others share another process."""
    submission = Submission(hangs=["tanh"])
    assert submission.answered(REQUESTS) == dict.fromkeys(("tanh", "net", "deep"), "timed out")
    assert sorted(submission.asked) == [
        (("deep",), BRIEF), (("net",), BRIEF), (("relu", "linear"), FULL), (("tanh",), FULL),
        (("tanh", "relu", "linear", "net", "deep"), FULL),
    ]  # fmt: skip


def test_with_a_stand_in_nothing_hangs() -> None:
    again = [Request(request.question, ("tanh",)) for request in REQUESTS[3:]]
    submission = Submission(hangs=["tanh"])
    assert submission.answered(again) == {}
    assert len(submission.asked) == 1


def test_what_crashes_leaves_all_the_time_to_others() -> None:
    submission = Submission(crashes=["relu"])
    assert submission.answered(REQUESTS) == dict.fromkeys(("relu", "net", "deep"), "exited early")
    assert {seconds for _, seconds in submission.asked} == {FULL}
    assert len(submission.asked) == 5


@pytest.mark.parametrize("kind", ["hangs", "crashes"])
def test_where_all_fail_few_processes_are_tried(kind: str) -> None:
    submission = Submission(**{kind: PARTS})
    assert len(submission.answered(REQUESTS)) == 5
    assert len(submission.asked) <= 8


def test_an_import_that_hangs_costs_those_that_import_it() -> None:
    submission = Submission(broken=["relu"])
    assert set(submission.answered(REQUESTS)) == {"relu", "net", "deep"}
    groups = [ids for ids, _ in submission.asked]
    assert groups.count(("net", "deep")) == 1
    assert ("net",) not in groups


def test_one_file_that_hangs_is_imported_once() -> None:
    """Another process would import the same, and hang as long."""
    submission = Submission(broken=["mlp"])
    assert set(submission.answered(REQUESTS[3:])) == {"net", "deep"}
    assert len(submission.asked) == 1
