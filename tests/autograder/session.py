"""One run of the autograder from a path to results."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from tests.autograder import training, unwritten
from tests.autograder.course import Course, Question
from tests.autograder.grading import Asking, Interrupted, Limits
from tests.autograder.places import Place, Sources, Traces
from tests.autograder.references import References
from tests.autograder.result import Check, Result, without_names
from tests.autograder.rounds import Request
from tests.autograder.scoring import Scoring
from tests.autograder.transcript import Transcript
from tests.submission.layout import NotCoursework, Submission

Wrapper = Callable[[Path], Sequence[str]]


class WrongUse(ValueError):
    """The options ask for something that cannot be had."""


class Session(NamedTuple):
    """What came of a run.

    Attributes
    ----------
    course, layout, root : which edition was graded, and what was found where.
    seed : the cases can be drawn again from it.
    results : one for each question.
    training : what the submission's training reached; None where it was not asked for.
    interrupted : whether Ctrl-C ended the run early.
    notes : what could not be executed while the submission was imported.
    printed : the first lines that it printed then.
    traces : the lines that the training's exceptions came through; for a note, the line that it is
        about.
    """

    course: Course
    layout: str
    root: Path
    seed: int
    results: list[Result]
    training: training.Training | None
    interrupted: bool
    notes: list[str]
    printed: Sequence[str] = ()
    traces: Traces = MappingProxyType({})

    @property
    def score(self) -> float:
        """The points."""
        return round(sum(result.score for result in self.results), 2)

    @property
    def max_score(self) -> float:
        """The points that could be had."""
        return sum(result.question.points for result in self.results)


def grade(
    submission: Submission,
    course: Course,
    references: References,
    limits: Limits,
    only: Sequence[str] = (),
    plots: Path | None = None,
    with_training: bool = True,
    wrapper: Wrapper = lambda folder: (),
    effort: float = 0.0,
    hints: int = 3,
) -> Session:
    """Grades a submission.

    `effort` is for how many seconds a question the line of a mistake is searched, and `hints` how
    much may be told: 0 which quantities are wrong, 1 the kind of mistake, 2 the line, 3 the change.

    Raises NotCoursework where it has nothing of that course, WrongUse for an unknown question.
    """
    questions = asked(submission, course)
    wanted = {question.id for question in chosen(questions, only)}
    used = {exercise for q in questions if q.id in wanted for exercise in q.uses}
    questions = [q for q in questions if q.id in wanted or q.exercise in used]
    training_part = course.training if with_training and not only else None
    trained = [training_part] if training_part else []
    cases = dict(references.cases)
    if training_part:
        cases[training_part.exercise] = course.module("training").cases()
    sources = Sources(submission.root)
    asking = Asking(submission, course, cases, limits, wrapper)
    scoring = Scoring(course, cases, references.answers, submission.layout == "2019", sources)
    transcripts: dict[str, Transcript] = {}
    asked_again: Mapping[str, Transcript] = {}
    failed: frozenset[str] = frozenset()
    interrupted = False
    try:
        transcripts = asking.ask_all(requests(questions), requests(trained))
        failed = scoring.failed(questions, transcripts)
        again = [
            Request(q, tuple(failed & set(q.uses)))
            for q in questions
            if course.has_standins
            and failed & set(q.uses)
            and not scoring.is_right(q, transcripts[q.id])
        ]
        hung = any(t.ended.startswith("timed out") for t in transcripts.values())
        asked_again = asking.ask_all(again, seconds=1.5 if hung else None) if again else {}
    except Interrupted as error:
        # the second time, what was answered the first time is kept
        transcripts, interrupted = transcripts or error.transcripts, True
    results = scoring.score_all(questions, transcripts, asked_again, failed)
    if effort and not interrupted and course.has("model"):  # which knows the right answers
        from tests.autograder.pointing import pointed
        from tests.autograder.repair.asking import repairs

        found: Mapping[str, tuple[Any, ...]] = {}
        try:
            found = repairs(asking, scoring, results, failed, effort, hints)
            if course.conventions is not None and hints:
                found = pointed(course, sources, results, found, hints)
        except KeyboardInterrupt:
            interrupted = True
        results = [r._replace(repairs=found.get(r.question.id, ())) for r in results]
        repaired = {r.question.needs[0] for r in results if r.repairs}
        results = [
            unwritten.without_guesses(r) if r.question.needs[0] in repaired else r for r in results
        ]
    if not hints:
        results = [without_names(result) for result in results]
    results.sort(key=lambda result: not result.question.graded)
    outcome = None
    if training_part:
        outcome = training.summarize(course, transcripts[training_part.id], plots, sources)
    return Session(
        course,
        course.command if course.conventions else submission.layout,
        submission.root,
        references.seed,
        [result for result in results if result.question.id in wanted],
        outcome,
        interrupted,
        asking.notes,
        asking.printed,
        _traces(sources, [transcripts[q.id] for q in trained], asking.notes),
    )


def _traces(
    sources: Sources, transcripts: Iterable[Transcript], notes: Iterable[str]
) -> dict[str, tuple[Place, ...]]:
    places = {text: found for t in transcripts for text, found in sources.traces(t.traces).items()}
    for note in notes:
        about = re.match(r"(.+?), line (\d+): ", note)
        if about:
            places[note] = (sources.place((about[1], int(about[2]))),)
    return places


def requests(questions: Sequence[Question]) -> list[Request]:
    """Questions asked with the submission's own parts."""
    return [Request(question) for question in questions]


def ungraded(course: Course, reason: str, only: Sequence[str] = ()) -> Session:
    """The session of a hand-in that cannot be graded, for `reason`: no points for any question.

    Raises WrongUse for an unknown question.
    """
    results = [
        Result(question, 0.0, "not graded", 0.0, [Check("hand-in", False, reason)], [], [])
        for question in chosen(course.questions, only)
    ]
    return Session(course, "none", Path(), 0, results, None, False, [])


def asked(submission: Submission, course: Course) -> list[Question]:
    """The questions of a course that this layout is asked; raises as `grade`."""
    objection = course.objection(submission)
    if objection:
        raise NotCoursework(f"it has {objection}")
    return course.asked(submission.layout)


def chosen(questions: Sequence[Question], only: Sequence[str]) -> list[Question]:
    """Those of `questions` whose ids are in `only`, all where that is empty; raises as `grade`."""
    unknown = set(only) - {question.id for question in questions}
    if unknown:
        names = ", ".join(question.id for question in questions)
        raise WrongUse(f"there is no question {', '.join(sorted(unknown))}; there are {names}")
    return [question for question in questions if not only or question.id in only]
