"""The points of one question: what is right, what follows from a mistake made before, and which."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from tests.autograder import unwritten
from tests.autograder.answering import FORMS
from tests.autograder.comparing import Key, constant_ratio, objection
from tests.autograder.course import Case, Course, Question
from tests.autograder.diagnosis import explain
from tests.autograder.places import Sources
from tests.autograder.properties import CASE
from tests.autograder.puzzle import Puzzle
from tests.autograder.result import (
    FOLLOWS,
    Check,
    Diagnosis,
    Result,
    asked,
    batch,
    belongs,
    called,
    in_proportion,
    spelled,
)
from tests.autograder.transcript import Transcript


class Charged(NamedTuple):
    """What has cost points already: mistakes, and exceptions by their text."""

    mistakes: set[str]
    raised: set[str]


class QuestionScoring:
    """Scores one question; adds what it charges to `charged`."""

    def __init__(
        self,
        course: Course,
        question: Question,
        transcript: Transcript,
        cases: Mapping[str, Case],
        right: Mapping[str, Mapping[str, Any]],
        flat: bool,
        charged: Charged,
        clean: frozenset[str],
        sources: Sources,
    ) -> None:
        self.course, self.charged, self.sources = course, charged, sources
        self.lost: set[Key] = set()
        """What was wrong and is not credited."""
        self.before: list[QuestionScoring] = []
        """The earlier questions where everything was right."""
        self._result: Result | None = None
        self.question, self.transcript, self.cases, self.right = question, transcript, cases, right
        self.objections = {
            (case, output): self._objection((case, output), value, flat)
            for case, outputs in right.items()
            for output, value in outputs.items()
        }
        wrong = frozenset(
            k for k, text in self.objections.items() if text and k in transcript.given
        )
        raised = frozenset(case for case, _ in transcript.failures)
        given = {k: v for k, v in transcript.given.items() if k not in transcript.after}
        wrong &= given.keys()
        self.puzzle = Puzzle(course, question, cases, right, given, wrong, raised, flat, clean)

    def _objection(self, key: Key, value: Any, flat: bool) -> str:
        given = self.transcript.given.get(key)
        text = "" if given is None else objection(given, value, flat)
        if given is not None and not text:
            return ""
        return self.transcript.cause(key) or text or "not given"

    def result(self) -> Result:
        """The points and what there is to say; computed once."""
        if self._result is None:
            self._result = self._computed()
        return self._result

    def says_more_than(self, other: QuestionScoring) -> bool:
        """Whether these answers earn more, or as much and are explained where others are not."""
        mine, others = self.result(), other.result()
        explained = bool(self.mistakes) and not other.mistakes
        return mine.score > others.score or (mine.score == others.score and explained)

    def refutes(self, mistake: str, outputs: Collection[str]) -> bool:
        """Whether the answers show that the mistake is not made, by these outputs of any layer.

        Wrong answers show it only where it is known why they are wrong.
        """
        if self.lost and (not self.mistakes or mistake in self.mistakes):
            return False
        return self.puzzle.refutes(mistake, outputs)

    def _computed(self) -> Result:
        about = self.question.needs[0]
        right = [one.puzzle for one in self.before if one.question.needs[0] == about]
        explanation = explain(self.puzzle, self.charged.mistakes, right)
        undone = self.course.undone
        unwritten_only = explanation.found and all(map(self._is_idle, explanation.found))
        self.mistakes = frozenset() if unwritten_only else explanation.mistakes
        score, checks = 0.0, []
        for part in self.question.parts:
            won, found = self._part(part.name)
            score += part.points * won
            checks += found
        order = list(self.course.mistakes)
        named = [self._diagnosed(name) for name in sorted(self.mistakes, key=order.index)]
        to_write = self._not_written()
        said = [Diagnosis("not written", text) for text in to_write.said]
        return Result(
            self.question,
            round(score, 2),
            self._status(score),
            self.transcript.seconds,
            checks,
            [d for d in named if d.id not in undone],
            [d for d in named if d.id in undone] + said,
            to_write=to_write.methods,
            only_unwritten=bool(said)
            and self.mistakes <= undone
            and (to_write.is_all or unwritten.is_all(self.transcript, self.lost, self.cases)),
        )

    def _is_idle(self, key: Key) -> bool:
        """Whether an output comes from a method that computes nothing, which is no mistake.

        Asked where every method is known that a question is about.
        """
        if self.course.conventions is None:
            return False
        thing, method = asked(self.question, key[1])
        idle = unwritten.by_source(self.course, self.question, self.sources).methods
        return f"{thing}.{method.partition('(')[0]}" in {place.function for place in idle}

    def _part(self, part: str) -> tuple[float, list[Check]]:
        """The share of a part's points, and its checks; charges what has cost some."""
        keys = [key for key in self.objections if belongs(key[1], part)]
        alone = self._right_alone(part, keys)
        credited = self._credited() | alone
        passed = {key: self._pass(key, credited) for key in keys}
        self.lost.update(key for key in keys if not passed[key][0])
        raised = {
            case: {why for (c, p), why in self.transcript.failures.items()
                   if c == case and belongs(p, part)} - self.charged.raised
            for case in self.cases if not any(key[0] == case for key in alone)
        }  # fmt: skip
        groups = {case: [k for k in keys if k[0] == case] for case in self.cases}
        groups = {case: members for case, members in groups.items() if members}
        won = {c: all(passed[k][0] for k in m) and not raised.get(c) for c, m in groups.items()}
        if CASE in won:  # what is missing or unchanged may have the properties, too
            won[CASE] = all(won.values())
        causes = {k: self.transcript.cause(k) if self.objections[k] else "" for k in keys}
        checks = [
            Check(f"{k[0]}: {spelled(k[1], self.course)}", *passed[k], causes[k]) for k in keys
        ]
        checks += [
            Check(f"{case}: {part}", False, f"its outputs are right, but it raised {why}", why)
            for case, members in groups.items()
            if all(passed[k][0] for k in members)
            for why in sorted(raised.get(case, ()))
        ]
        if not all(won.values()):
            self.charged.mistakes.update(m for m in self.mistakes if self._shows(m, keys))
            self.charged.raised.update(*raised.values())
        return sum(won.values()) / len(groups), checks

    def _credited(self) -> dict[Key, str]:
        """The wrong outputs that follow from what was charged before, and why."""
        before = (self.mistakes & self.charged.mistakes) - self.course.undone
        text = f"{FOLLOWS}: {', '.join(sorted(before))}"
        found = (self.puzzle.explained(self.mistakes) if before else None) or frozenset()
        models = {case: self.puzzle.model(case, before) for case, _ in found}
        follows = [(c, o) for c, o in found if self.puzzle.agrees((c, o), models[c].get(o), before)]
        return dict.fromkeys(follows, text)

    def _right_alone(self, part: str, keys: Iterable[Key]) -> dict[Key, str]:
        """The outputs of a part in the cases where it is right when it is asked alone."""
        alone: dict[str, list[bool]] = {}
        for case, output in self.objections:
            if output.startswith(f"{part} alone/"):
                alone.setdefault(case, []).append(not self.objections[case, output])
        raised = {c for (c, p), why in self.transcript.failures.items()
                  if p == f"{part} alone" and why not in self.charged.raised}  # fmt: skip
        right = {case for case, found in alone.items() if all(found) and case not in raised}
        own = [
            k for k in keys if k[0] in right and self.objections[k] and k[1].startswith(f"{part}/")
        ]
        return dict.fromkeys(own, "is right with right inputs")

    def _pass(self, key: Key, credited: Mapping[Key, str]) -> tuple[bool, str]:
        text = self.objections[key]
        if not text:
            return True, ""
        text = f"{called(self.question, key[1], self.cases[key[0]])}: {text}"
        if key in credited:
            return True, f"{text}; {credited[key]}"
        return False, text

    def _shows(self, mistake: str, keys: Iterable[Key]) -> bool:
        """Whether a mistake changes one of the outputs `keys` by itself."""
        only = frozenset([mistake])
        if mistake in FORMS:
            return any(key in keys for key in self.puzzle.explained(only) or ())
        changed = {case: set(self.puzzle.changed(case, only)) for case in self.cases}
        return any(output in changed[case] for case, output in keys)

    def _status(self, score: float) -> str:
        if self.transcript.missing:
            return "missing"
        if self.transcript.ended:
            return self.transcript.ended.partition(":")[0].partition(" after")[0]
        points = self.question.points
        return "passed" if abs(score - points) < 1e-9 else "partial" if score else "failed"

    def _not_written(self) -> unwritten.Unwritten:
        if not self.lost:
            return unwritten.NOTHING
        found = unwritten.by_source(self.course, self.question, self.sources)
        found = found.joined(unwritten.by_exception(self.transcript, self.sources))
        if not found.said and not self.mistakes:
            wrong = self.puzzle.wrong
            found = unwritten.by_values(
                self.question, self.transcript, self.right, self.lost & wrong, wrong, self.sources
            )
        return found

    def _diagnosed(self, mistake: str) -> Diagnosis:
        """The sentence for a mistake, with the first output it shows in and its ratio."""
        text = self.course.mistakes[mistake]
        for key in self.objections:
            given, value = self.transcript.given.get(key), self.right[key[0]][key[1]]
            if key not in self.puzzle.wrong or given is None or given.value is None:
                continue
            if value is None or given.value.shape != value.shape or not self._shows(mistake, [key]):
                continue
            ratio = constant_ratio(given.value.astype(float), value)
            if ratio is not None:
                output, rows = spelled(key[1], self.course), batch(self.cases[key[0]])
                text = f"{in_proportion(output, ratio, rows)}: {text}"
            break
        return Diagnosis(mistake, text)
