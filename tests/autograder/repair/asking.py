"""In the parent: which questions are repaired, with which fresh cases, and whether it holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tests.autograder import unwritten
from tests.autograder.answering import answers
from tests.autograder.compiled import bring
from tests.autograder.course import SHARED, Case, Course, Question
from tests.autograder.grading import Asking
from tests.autograder.repair.result import Repair
from tests.autograder.result import Result
from tests.autograder.rounds import Request
from tests.autograder.scoring import Scoring
from tests.autograder.transcript import Listening
from tests.submission.copying import scratch
from tests.submission.layout import NotCoursework
from tests.submission.process import Ended, TimedOut

ENGINE = Path(__file__).resolve().parents[3] / "mytorch" / "gradcheck" / "repair"
OWN = Path(__file__).resolve().parent
CHILDS = ("__init__", "board", "child", "evidence", "judging", "localising")
"""The files here that the child is made of."""
SHARED_MODEL = "axes.py", "model*.py"
"""Those that it has besides of a course without classes of its own that are right."""
SEEDS = 20_261_125, 20_261_126
"""Of the fresh cases: those of the search, and those that confirm what it found."""
VARIED, ANYTHING = 0.6, 0.4
"""What settings are multiplied by in cases that say whether a change holds with other ones, and
what those that are 0 become; each of the others is 0 once.
"""
WRONG = ("partial", "failed")
START = 20.0
"""How many seconds the child may take to start, and to be through beside its searches."""


class Group(NamedTuple):
    """Questions about one class that are asked with the same stand-ins."""

    about: str
    failed: frozenset[str]
    questions: list[Question]


def repairs(
    asking: Asking,
    scoring: Scoring,
    results: Sequence[Result],
    failed: frozenset[str],
    effort: float,
    hints: int,
) -> Mapping[str, tuple[Repair, ...]]:
    """The places that are wrong, by the id of the question where each shows first.

    `effort` is how many seconds a question may take, `hints` how much may be told. Nothing
    is searched where a method is not written or nothing was ever answered, nor where the right
    answers are not known; where only a part may not be written, nothing is added to it.
    """
    wanted = [result.question for result in results if _is_wanted(result)]
    groups: list[Group] = []
    for question in wanted:
        key = question.needs[0], frozenset(failed & set(question.uses))
        group = next((g for g in groups if (g.about, g.failed) == key), None)
        if group is None:
            groups.append(group := Group(*key, []))
        group.questions.append(question)
    if not groups or effort <= 0 or hints <= 0:
        return {}
    try:
        fresh = _fresh(asking.course, wanted, [result.question for result in results])
    except ImportError:
        return {}
    found = _run(asking, scoring, groups, results, fresh, effort, failed)
    named = {result.question.id for result in results if result.diagnosis}
    told = {
        id: tuple(
            r._replace(hints=hints, named=id in named, formula=_formula(asking.course, r))
            for r in some
        )
        for id, some in found.items()
    }
    return _once(wanted, told)


def _formula(course: Course, repair: Repair) -> str:
    """What should stand in a place; empty where the course does not say it."""
    known = course.description.hints.get(repair.method, {})
    return next((known[name] for name in repair.assigned if name in known), known.get("", ""))


def _is_wanted(result: Result) -> bool:
    if result.status not in WRONG or result.score >= result.question.points:
        return False
    guessed = all(unwritten.is_a_guess(diagnosis.message) for diagnosis in result.unwritten)
    return guessed or not result.to_write


def _once(
    wanted: Iterable[Question], found: Mapping[str, tuple[Repair, ...]]
) -> dict[str, tuple[Repair, ...]]:
    """Each place where it is found first."""
    seen: set[tuple[str, int | str]] = set()
    result = {}
    for question in wanted:
        new = [r for r in found.get(question.id, ()) if (r.file, r.line or r.method) not in seen]
        seen |= {(r.file, r.line or r.method) for r in new}
        if new:
            result[question.id] = tuple(new)
    return result


def _fresh(
    course: Course, wanted: Iterable[Question], others: Iterable[Question]
) -> dict[str, Any]:
    """Inputs and right outputs of fresh cases; raises ImportError where nothing knows them.

    Those of the first and the third draw are for the questions that are wanted only; the third
    has other settings.
    """
    arrays: dict[str, Any] = {}
    drawn = [course.module("cases").draw(seed) for seed in SEEDS]
    drawn[1] = {exercise: _unlike(some) for exercise, some in drawn[1].items()}
    varied = {exercise: _varied(some) for exercise, some in drawn[1].items()}
    draws = (drawn[0], wanted), (drawn[1], others), (varied, wanted)
    for draw, (cases, questions) in enumerate(draws):
        for exercise, question in {q.exercise: q for q in questions}.items():
            for name, case in cases[exercise].items():
                start = f"{draw}|{exercise}|{name}"
                arrays |= {f"{start}|in|{key}": value for key, value in case.items()}
                for key, value in answers(course, question, case).items():
                    kind, array = ("none", np.zeros(0)) if value is None else ("out", value)
                    arrays[f"{start}|{kind}|{key}"] = array
    return arrays


def _unlike(cases: Mapping[str, Case]) -> dict[str, Case]:
    """The cases; of two tensors of the same shape one is a row, too, which is broadcast."""
    return {**cases} | {
        f"{name}, a row": {**case, "b": case["b"][0]}
        for name, case in cases.items()
        if {*case} == {"a", "b"} and case["a"].shape == case["b"].shape and len(case["b"]) > 1
    }


def _varied(cases: Mapping[str, Case]) -> dict[str, Case]:
    """The cases that have settings, with other ones: another learning rate, some momentum."""
    found: dict[str, Case] = {}
    for name, case in cases.items():
        settings = {k: v for k, v in case.items() if v.ndim == 0 and v.dtype.kind == "f"}
        if settings:
            other = {k: np.array(VARIED * v if v else ANYTHING) for k, v in settings.items()}
            found[name] = {**case, **other}
        for key, value in settings.items():
            if value:
                found[f"{name}, no {key}"] = {**case, key: np.zeros(())}
    return found


def _run(
    asking: Asking,
    scoring: Scoring,
    groups: Sequence[Group],
    results: Sequence[Result],
    fresh: dict[str, Any],
    effort: float,
    failed: frozenset[str],
) -> dict[str, tuple[Repair, ...]]:
    """What the child finds, as far as it makes the graded cases right, too."""
    questions = {q.id: q for group in groups for q in group.questions}
    guards = [result.question for result in results if result.status in ("passed", *WRONG)]
    heard = {id: Listening(asking.cases[q.exercise]) for id, q in questions.items()}
    found: dict[str, tuple[Repair, ...]] = {}
    explained: dict[str, str] = {}
    with scratch() as folder:
        try:
            task = asking.prepared([Request(question) for question in guards], folder)
        except (OSError, NotCoursework):
            return {}
        np.savez(folder / "fresh.npz", **fresh)
        _bring_engine(folder / "grader", asking.course)
        task |= {
            "fresh": str(folder / "fresh.npz"), "effort": effort, "flat": scoring.flat,
            "trusted": _trusted(results),
            "careful": [result.question.id for result in results if result.unwritten],
            "raised": [r.question.id for r in results if any(c.cause for c in r.checks)],
            "guards": [_as_guard(r, failed) for r in results if r.question in guards],
            "groups": [_as_task(group, task["questions"]) for group in groups],
        }  # fmt: skip
        seconds = START + 10 * effort * len(questions)
        with asking.child("tests.autograder.repair.child", task, folder) as child:
            asking.running.add(child)
            try:
                for message in child.messages(seconds, seconds):
                    if "found" in message:
                        told = [Repair.heard(one) for one in message["found"]]
                        found[message["question"]] = tuple(
                            one._replace(several=len(told) > 1) for one in told
                        )
                    elif "explained" in message:
                        explained[message["question"]] = message["explained"]
                    elif "methods" in message:
                        found[message["question"]] = (Repair.in_methods(message["methods"]),)
                    elif "question" in message:
                        heard[message.pop("question")].hear(message)
            except (TimedOut, Ended, KeyError, TypeError, ValueError, AttributeError):
                pass  # what was found until then counts
            finally:
                asking.running.discard(child)
    sure = {
        id: repair
        for id, repair in found.items()
        if not repair[0].line or scoring.is_right(questions[id], heard[id].transcript(0.0))
    }
    return {id: repair for id, repair in sure.items() if explained.get(id) not in sure}


def _trusted(results: Iterable[Result]) -> list[str]:
    """The classes of which every question of their own has full points."""
    about: dict[str, bool] = {}
    for result in results:
        name = result.question.needs[0].rpartition(".")[2]
        about[name] = about.get(name, True) and result.score >= result.question.points
    return [name for name, right in about.items() if right]


def _as_guard(result: Result, failed: frozenset[str]) -> dict[str, Any]:
    """A question that others' repairs are tried on; `failed` are the parts that may be to blame."""
    question = result.question
    lost = {question.exercise} if result.score < question.points else set()
    return {
        "id": question.id, "exercise": question.exercise, "needs": question.needs[0],
        "about": question.needs[0].rpartition(".")[2],
        "failed": sorted(failed & {*question.uses} | lost),
    }  # fmt: skip


def _as_task(group: Group, questions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    ids = {question.id for question in group.questions}
    return {
        "failed": sorted(group.failed),
        "questions": [question for question in questions if question["id"] in ids],
    }


def _bring_engine(grader: Path, course: Course) -> None:
    """The child finds the search as `mytorch.gradcheck.repair`, and nothing else of the library."""
    target = grader / "mytorch" / "gradcheck" / "repair"
    target.mkdir(parents=True, exist_ok=True)
    for package in (target.parent, target.parent.parent):
        (package / "__init__.py").touch()
    own = grader / "tests" / "autograder" / "repair"
    own.mkdir(parents=True, exist_ok=True)
    for folder, place in ((ENGINE, target), (OWN, own)):
        for name in folder.glob("*.py"):
            if folder is ENGINE or name.stem in CHILDS:
                bring(name, place / name.name)
    for pattern in SHARED_MODEL if course.conventions is not None else ():
        for file in SHARED.glob(pattern):
            bring(file, grader / "tests" / "autograder" / "shared" / file.name)
