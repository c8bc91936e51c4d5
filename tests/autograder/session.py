"""One run of the autograder from a path to results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.autograder import training
from tests.autograder.grading import Interrupted, Limits, ask_all
from tests.autograder.questions import HOMEWORKS, TRAINING, Question
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
    homework, layout, root : which homework was graded, and what was found where.
    seed : the cases can be drawn again from it.
    results : one for each question.
    training : what the submission's training reached; None where it was not asked for.
    interrupted : whether Ctrl-C ended the run early.
    """

    homework: str
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
    homework: str,
    references: References,
    limits: Limits,
    only: Sequence[str] = (),
    plots: Path | None = None,
    with_training: bool = True,
    wrapper: Wrapper = lambda folder: (),
) -> Session:
    """Grades a submission.

    Raises NotCoursework where it has nothing of that homework, WrongUse for an unknown question.
    """
    questions = asked(submission, homework, only)
    trained = TRAINING[homework]
    every = [*questions, trained] if with_training and not only else questions
    cases = {
        **references.cases,
        trained.probe: training.cases(homework) if len(every) > len(questions) else {},
    }
    interrupted = False
    try:
        transcripts = ask_all(submission, every, cases, limits, wrapper)
    except Interrupted as error:
        transcripts, interrupted = error.transcripts, True
    flat = submission.layout == "2019"
    results = score_all(questions, transcripts, cases, references.answers, flat)
    outcome = None
    if len(every) > len(questions):
        outcome = training.summarize(homework, transcripts[trained.id], plots)
    return Session(
        homework, submission.layout, submission.root, references.seed, results, outcome, interrupted
    )


def ungraded(homework: str, reason: str, only: Sequence[str] = ()) -> Session:
    """The session of a hand-in that cannot be graded, for `reason`: no points for any question.

    Raises WrongUse for an unknown question.
    """
    questions = chosen(HOMEWORKS[homework], only)
    results = [
        Result(question, 0.0, "not graded", 0.0, [Check("hand-in", False, reason)], [])
        for question in questions
    ]
    return Session(homework, "none", Path(), 0, results, None, False)


def asked(submission: Submission, homework: str, only: Sequence[str]) -> list[Question]:
    """The questions of a homework that this layout is asked; raises as `grade`."""
    if homework == "autograd" and not submission.has_autograd:
        raise NotCoursework("it has no mytorch/tensor.py: this is not the autograd homework")
    if homework == "classic" and not submission.is_classic:
        raise NotCoursework("it has no classic homework, only the autograd one")
    questions = [
        question
        for question in HOMEWORKS[homework]
        if not (question.id == "linear" and submission.layout == "2019")
    ]
    return chosen(questions, only)


def chosen(questions: Sequence[Question], only: Sequence[str]) -> list[Question]:
    """Those of `questions` whose ids are in `only`, all where that is empty; raises as `grade`."""
    unknown = set(only) - {question.id for question in questions}
    if unknown:
        names = ", ".join(question.id for question in questions)
        raise WrongUse(f"there is no question {', '.join(sorted(unknown))}; there are {names}")
    return [question for question in questions if not only or question.id in only]
