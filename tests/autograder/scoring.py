"""Turns the answers to all questions into points, with right parts for those that failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.autograder import unwritten
from tests.autograder.course import Case, Course, Question
from tests.autograder.places import Sources
from tests.autograder.question_scoring import Charged, QuestionScoring
from tests.autograder.result import Diagnosis, Result
from tests.autograder.transcript import Transcript


class Scoring:
    """Scores questions; `right` has the right answers by exercise and case, `sources` the code."""

    def __init__(
        self,
        course: Course,
        cases: Mapping[str, Mapping[str, Case]],
        right: Mapping[str, Mapping[str, Mapping[str, Any]]],
        flat: bool,
        sources: Sources,
    ) -> None:
        self.course, self.cases, self.right, self.flat = course, cases, right, flat
        self.sources = sources
        self.charged = Charged(set(), set())

    def _of(
        self, question: Question, transcript: Transcript, clean: frozenset[str] = frozenset()
    ) -> QuestionScoring:
        exercise = question.exercise
        return QuestionScoring(
            self.course, question, transcript, self.cases[exercise], self.right[exercise],
            self.flat, Charged(*(set(part) for part in self.charged)), clean, self.sources,
        )  # fmt: skip

    def is_right(self, question: Question, transcript: Transcript) -> bool:
        """Whether everything that was asked is right."""
        return not any(self._of(question, transcript).objections.values())

    def failed(
        self, questions: Iterable[Question], transcripts: Mapping[str, Transcript]
    ) -> frozenset[str]:
        """The exercises about parts that others are made of, where not everything is right."""
        questions = list(questions)
        used = {exercise for question in questions for exercise in question.uses}
        asked = [q for q in questions if q.exercise in used]
        return frozenset(q.exercise for q in asked if not self.is_right(q, transcripts[q.id]))

    def score_all(
        self,
        questions: Sequence[Question],
        transcripts: Mapping[str, Transcript],
        again: Mapping[str, Transcript],
        failed: frozenset[str],
    ) -> list[Result]:
        """Every question in order; a mistake that cost points once costs none where it follows.

        `again` has what was answered with the grader's parts in the place of those that `failed`;
        of both answers the better one counts.
        """
        about = {q.exercise: q.needs[0] for q in questions}
        parts = {exercise for q in questions for exercise in q.uses}
        bad = {about[e] for e in failed}
        good = frozenset(about[e] for e in parts if e in about) - bad
        results: list[Result] = []
        right: list[QuestionScoring] = []
        scored: list[QuestionScoring] = []
        for question in questions:
            own = good if question.uses else frozenset[str]()
            scoring = self._of(question, transcripts[question.id], own)
            scoring.before = right
            if question.id in again:
                names = tuple(sorted({about[e] for e in failed & set(question.uses)}))
                replaced = self._of(question, again[question.id], good | set(names))
                replaced.before = right
                result = replaced.result()._replace(standins=names)
                if result.score < question.points and scoring.says_more_than(replaced):
                    result = scoring.result()
                else:
                    scoring = replaced
            else:
                result = scoring.result()
            traces = self.sources.traces(scoring.transcript.traces)
            result = result._replace(printed=transcripts[question.id].printed, traces=traces)
            self.charged = scoring.charged
            right += [] if scoring.lost else [scoring]
            scored.append(scoring)
            if not self.course.has_standins and result.score < question.points:
                used = set() if question.uses_are_optional else failed & set(question.uses)
                waited = [q for q in questions if q.exercise in used]
                result = unwritten.waiting(result, waited, results) if waited else result
            results.append(result)
        results = [
            self._without_refuted(result, own, scored)
            for result, own in zip(results, scored, strict=True)
        ]
        observed = self.course.observed({**transcripts, **again})
        for result in results:
            known = (m for m in observed.get(result.question.id, ()) if m in self.course.mistakes)
            for mistake in known:
                result.diagnosis.append(Diagnosis(mistake, self.course.mistakes[mistake]))
        return results

    def _without_refuted(
        self, result: Result, own: QuestionScoring, scored: Iterable[QuestionScoring]
    ) -> Result:
        """The result of `own`: what another question shows to be written is not unwritten.

        A step that multiplies its gradient by the momentum changes nothing where that is 0.
        """
        about = own.question.needs[0]
        others = [one for one in scored if one.question.needs[0] == about and one is not own]
        known = self.course.mistakes
        shown = {
            name: [one.question.id for one in others if one.refutes(name, own.puzzle.altered(name))]
            for name in sorted({d.id for d in result.unwritten} & self.course.undone)
        }
        refuted = [
            Diagnosis(f"{name} here", f"{known[name]}: in this question, not in {where[0]}")
            for name, where in shown.items()
            if where
        ]
        if not refuted:
            return result
        kept = [d for d in result.unwritten if not shown.get(d.id)]
        return result._replace(
            diagnosis=[*result.diagnosis, *refuted], unwritten=kept, only_unwritten=False
        )
