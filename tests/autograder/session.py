"""One run of the autograder from a path to results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.autograder import training
from tests.autograder.course import Course, Question
from tests.autograder.grading import Interrupted, Limits, ask_all
from tests.autograder.references import References
from tests.autograder.scoring import Check, Result, score_all
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
    """

    course: Course
    layout: str
    root: Path
    seed: int
    results: list[Result]
    training: training.Training | None
    interrupted: bool

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
) -> Session:
    """Grades a submission.

    Raises NotCoursework where it has nothing of that course, WrongUse for an unknown question.
    """
    questions = asked(submission, course, only)
    trained = course.training
    every = [*questions, trained] if with_training and not only else questions
    cases = {
        **references.cases,
        trained.exercise: course.module("training").cases() if len(every) > len(questions) else {},
    }
    interrupted = False
    try:
        transcripts = ask_all(submission, course, every, cases, limits, wrapper)
    except Interrupted as error:
        transcripts, interrupted = error.transcripts, True
    flat = submission.layout == "2019"
    results = score_all(course, questions, transcripts, cases, references.answers, flat)
    outcome = None
    if len(every) > len(questions):
        outcome = training.summarize(course, transcripts[trained.id], plots)
    return Session(
        course, submission.layout, submission.root, references.seed, results, outcome, interrupted
    )


def ungraded(course: Course, reason: str, only: Sequence[str] = ()) -> Session:
    """The session of a hand-in that cannot be graded, for `reason`: no points for any question.

    Raises WrongUse for an unknown question.
    """
    results = [
        Result(question, 0.0, "not graded", 0.0, [Check("hand-in", False, reason)], [], [])
        for question in chosen(course.questions, only)
    ]
    return Session(course, "none", Path(), 0, results, None, False)


def asked(submission: Submission, course: Course, only: Sequence[str]) -> list[Question]:
    """The questions of a course that this layout is asked; raises as `grade`."""
    objection = course.objection(submission)
    if objection:
        raise NotCoursework(f"it has {objection}")
    return chosen(course.module("questions").asked(submission.layout), only)


def chosen(questions: Sequence[Question], only: Sequence[str]) -> list[Question]:
    """Those of `questions` whose ids are in `only`, all where that is empty; raises as `grade`."""
    unknown = set(only) - {question.id for question in questions}
    if unknown:
        names = ", ".join(question.id for question in questions)
        raise WrongUse(f"there is no question {', '.join(sorted(unknown))}; there are {names}")
    return [question for question in questions if not only or question.id in only]
