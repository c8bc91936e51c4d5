"""Turns answers into points: what is right, what follows from a mistake made before, and which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from tests.autograder import diagnosis
from tests.autograder.cases import Case
from tests.autograder.catalogue import CATALOGUE, UNDONE
from tests.autograder.comparing import Key, alike, constant_ratio, objection
from tests.autograder.grading import Transcript
from tests.autograder.model_answers import answers
from tests.autograder.own_inputs import right_for_own_inputs
from tests.autograder.questions import Question


class Check(NamedTuple):
    """One output of one case: whether it counts as right, and what there is to say."""

    name: str
    passed: bool
    message: str


class Diagnosis(NamedTuple):
    """A mistake: its name in the catalogue, and the sentence for the student."""

    id: str
    message: str


class Result(NamedTuple):
    """A question with its points.

    `status` is one of passed, partial, failed, missing, timed out, exited early, interrupted.
    """

    question: Question
    score: float
    status: str
    seconds: float
    checks: list[Check]
    diagnosis: list[Diagnosis]


def score_all(
    questions: Sequence[Question],
    transcripts: Mapping[str, Transcript],
    cases: Mapping[str, Mapping[str, Case]],
    right: Mapping[str, Mapping[str, Mapping[str, Any]]],
    flat: bool,
) -> list[Result]:
    """Every question in order; a mistake that cost points once costs none where it follows."""
    charged: set[str] = set()
    passed: list[_Scoring] = []
    # an MLP that fails with hidden layers too does not fail for having none
    deep = transcripts.get("3.4")
    ruled_out = set() if deep is None or deep.given else {"hiddens=[] crashes"}
    return [
        _Scoring(
            q, transcripts[q.id], cases[q.probe], right[q.probe], flat, charged, ruled_out, passed
        ).result()
        for q in questions
    ]


class _Scoring:
    """Scores one question; adds the mistakes that it charges to `charged`."""

    def __init__(
        self,
        question: Question,
        transcript: Transcript,
        cases: Mapping[str, Case],
        right: Mapping[str, Mapping[str, Any]],
        flat: bool,
        charged: set[str],
        ruled_out: set[str],
        passed: list[_Scoring],
    ) -> None:
        self.ruled_out, self.passed = ruled_out, passed
        self.question, self.transcript, self.cases = question, transcript, cases
        self.right, self.charged = right, charged
        self.objections = {
            (case, output): self._objection((case, output), value, flat)
            for case, outputs in right.items()
            for output, value in outputs.items()
        }
        self.wrong = frozenset(key for key, text in self.objections.items() if text)
        raised = frozenset(transcript.failures)
        self.puzzle = diagnosis.Puzzle(
            question.probe, cases, transcript.given, self.wrong, raised, flat
        )

    def _objection(self, key: Key, value: Any, flat: bool) -> str:
        case, _ = key
        given = self.transcript.given.get(key)
        if given is not None:
            return objection(given, value, flat)
        for reason in (self.transcript.missing, self.transcript.failures.get(case)):
            if reason:
                return reason
        return self.transcript.ended or "not given"

    def result(self) -> Result:
        mistakes: frozenset[str] = frozenset()
        if self.wrong and not self.transcript.missing:
            unlikely = set[str]().union(*(earlier.shows for earlier in self.passed))
            mistakes = diagnosis.explain(self.puzzle, self.charged, unlikely)
            if mistakes & self.ruled_out or not self._evidence(mistakes - self.charged):
                mistakes &= self.charged
        elif not self.wrong:
            self.passed.append(self)
        score, checks = 0.0, []
        for part in self.question.parts:
            keys = [key for key in self.objections if key[1].startswith(f"{part.name}/")]
            credited = self._credited(mistakes)
            passed = {key: self._pass(key, credited) for key in keys}
            groups = {case: [k for k in keys if k[0] == case] for case in self.cases}
            groups = {case: members for case, members in groups.items() if members}
            won = sum(all(passed[key][0] for key in members) for members in groups.values())
            score += part.points * won / len(groups)
            if won < len(groups):
                self.charged |= self._showing(mistakes, keys)
            checks += [Check(f"{k[0]}: {k[1]}", *passed[k]) for k in keys]
        return Result(
            self.question,
            round(score, 2),
            self._status(score),
            self.transcript.seconds,
            checks,
            [self._diagnosed(name) for name in sorted(mistakes, key=list(CATALOGUE).index)],
        )

    @cached_property
    def shows(self) -> set[str]:
        """The mistakes that would show in this question: where all is right, none was made."""
        return self._showing(CATALOGUE, None)

    def _evidence(self, mistakes: frozenset[str]) -> bool:
        """Whether the mistakes predict a wrong value, not only that something is not there."""
        if not mistakes:
            return True
        explained = self.puzzle.predicted(mistakes) & self.wrong
        return "hiddens=[] crashes" in mistakes or any(
            k in self.transcript.given for k in explained
        )

    def _credited(self, mistakes: frozenset[str]) -> dict[Key, str]:
        """The wrong outputs that follow from what was charged before, and why."""
        before = (frozenset(self.charged) & mistakes) - UNDONE
        own = right_for_own_inputs(self.question.probe, self.cases, self.transcript.given)
        credited = dict.fromkeys(own, "is right for what was computed before it")
        if before:
            text = f"follows from what has cost points before: {', '.join(sorted(before))}"
            credited |= dict.fromkeys(self.puzzle.predicted(before), text)
        return credited

    def _pass(self, key: Key, credited: Mapping[Key, str]) -> tuple[bool, str]:
        text = self.objections[key]
        if not text:
            return True, ""
        text = f"{called(self.question, key[1], self.cases[key[0]])}: {text}"
        if key in credited:
            return True, f"{text}; {credited[key]}"
        return False, text

    def _showing(self, mistakes: Iterable[str], keys: list[Key] | None) -> set[str]:
        """Those of `mistakes` that change one of the outputs `keys`, or any, by themselves."""
        showing = set()
        for mistake in mistakes:
            for case, inputs in self.cases.items():
                with_it = answers(self.question.probe, inputs, frozenset([mistake]))
                for name, value in answers(self.question.probe, inputs).items():
                    if (keys is None or (case, name) in keys) and not alike(
                        with_it.get(name), value, rtol=1e-6, atol=1e-9
                    ):
                        showing.add(mistake)
        return showing

    def _status(self, score: float) -> str:
        if self.transcript.missing:
            return "missing"
        if self.transcript.ended:
            return self.transcript.ended.partition(":")[0].partition(" after")[0]
        points = self.question.points
        return "passed" if abs(score - points) < 1e-9 else "partial" if score else "failed"

    def _diagnosed(self, mistake: str) -> Diagnosis:
        """The sentence for a mistake, with the first output it shows in and its ratio."""
        text = CATALOGUE[mistake]
        for key in self.objections:
            given = self.transcript.given.get(key)
            value = self.right[key[0]][key[1]]
            if key not in self.wrong or given is None or given.value is None or value is None:
                continue
            if given.value.shape != value.shape or not self._showing([mistake], [key]):
                continue
            ratio = constant_ratio(given.value.astype(float), value)
            quantity = key[1].partition("/")[2]
            if ratio is not None and abs(ratio - 1) > 1e-4:
                rows = _batch(self.cases[key[0]])
                size = ""
                if rows and abs(ratio - rows) < 1e-6:
                    size = ", the batch size"
                elif rows > 1 and abs(ratio * rows - 1) < 1e-6:
                    size = ", 1 over the batch size"
                text = f"{quantity} equals the right value times {ratio:g}{size}: {text}"
            break
        return Diagnosis(mistake, text)


CALLS = {"eval": "forward(eval)", "running": "forward", "graph": "backward"}
"""What is called in a part whose name is not the method's."""
LATER = {"second batch": ("x2", "x1"), "second step": ("x1",), "step 2": ("x1",), "step 3": ("x2",)}
"""Which input an output belongs to that does not belong to the first."""


def called(question: Question, output: str, case: Case) -> str:
    """What was called, and what was put in."""
    part = output.partition("/")[0]
    size = f"({'-'.join(str(int(n)) for n in case['sizes'])})" if "sizes" in case else ""
    later = next((names for words, names in LATER.items() if output.endswith(words)), ())
    if part == "eval":
        later = ("x_eval", "x1")
    name = next(n for n in (*later, "x", "x0", "z", "a", "W", "train_x") if n in case)
    thing = question.needs[0].removeprefix("nn.")
    return f"{thing}{size}.{CALLS.get(part, part)}, {name} {case[name].shape}"


def _batch(case: Case) -> int:
    for name in ("x", "x0", "z"):
        if name in case:
            return len(case[name])
    return 0
