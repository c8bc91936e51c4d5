"""A record as JSON, for Gradescope and for Autolab."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from mytorch.system.atomic import replacing
from tests.autograder.results.manual import MOST
from tests.autograder.results.record import Record, explanation, problem

HAND_IN, QUESTIONS = "Hand-in", "Questions"
"""Autolab's stages."""


def as_dictionary(record: Record) -> dict[str, Any]:
    """All of a run, for `--json`."""
    session = record.session
    return {
        "submission": record.submission,
        "homework": session.course.title,
        "layout": session.layout,
        "reason": record.reason or None,
        "left_out": list(record.left_out),
        "notes": session.notes,
        "seed": session.seed,
        "seconds": round(record.seconds, 2),
        "score": record.score,
        "max_score": record.max_score,
        "training": None if session.training is None else session.training.summary,
        "manual": None if record.manual is None else record.manual._asdict(),
        "printed": list(session.printed),
        "questions": [
            {
                "id": result.question.id,
                "title": result.question.title,
                "score": result.score,
                "max_score": result.question.points,
                "status": result.status,
                "seconds": round(result.seconds, 3),
                "checks": [
                    {"name": check.name, "passed": check.passed, "message": check.message}
                    for check in result.checks
                ],
                "diagnosis": [diagnosis._asdict() for diagnosis in result.diagnosis],
                "unwritten": [diagnosis._asdict() for diagnosis in result.unwritten],
                "repairs": [repair.as_dictionary() for repair in result.repairs],
                "standins": list(result.standins),
                "printed": list(result.printed),
                **({} if result.question.graded else {"graded_by_the_course": False}),
            }
            for result in session.results
        ],
    }


def as_gradescope(record: Record) -> dict[str, Any]:
    """What Gradescope reads from `results.json`."""
    tests = [
        _gradescope_test(
            result.question.id,
            result.question.title,
            result.score,
            result.question.points,
            explanation(result),
        )
        for result in record.session.results
    ]
    if record.manual is not None:
        trained = record.session.course.training
        points, comment = record.manual
        tests.append(_gradescope_test(trained.id, trained.title, points, MOST, comment))
    return {
        "score": record.score,
        "execution_time": round(record.seconds, 2),
        "output": record.remark,
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {
            "submission": record.submission,
            "homework": record.session.course.title,
            "layout": record.session.layout,
            "seed": record.session.seed,
            "max_score": record.max_score,
            "reason": record.reason,
            "left_out": list(record.left_out),
        },
        "tests": tests,
    }


def _gradescope_test(id: str, title: str, score: float, most: float, output: str) -> dict[str, Any]:
    return {
        "name": title,
        "number": id,
        "score": score,
        "max_score": most,
        "status": "passed" if score >= most else "failed",
        "output": output,
        "output_format": "text",
        "visibility": "visible",
    }


def as_autolab(record: Record) -> list[str]:
    """The last two lines of the output: what Autolab shows, and the scores that it reads."""
    session = record.session
    questions, scores = {}, {}
    for result in session.results:
        name = problem(result.question.id, result.question.title)
        points = f"{result.score:g} of {result.question.points:g} points"
        hint = "\n".join([points, *filter(None, [explanation(result)])])
        questions[name] = {"passed": result.score >= result.question.points, "hint": hint}
        scores[name] = result.score
    if record.manual is not None:
        trained = session.course.training
        name = problem(trained.id, trained.title)
        scores[name], comment = record.manual
        hint = "\n".join([f"{scores[name]:g} of {MOST:g} points", *filter(None, [comment])])
        questions[name] = {"passed": scores[name] >= MOST, "hint": hint}
    shown = {
        "_presentation": "semantic",
        "stages": [HAND_IN, QUESTIONS],
        HAND_IN: {record.submission: {"passed": not record.reason, "hint": record.remark}},
        QUESTIONS: questions,
    }
    return [json.dumps(shown), json.dumps({"scores": scores})]


def write(value: dict[str, Any], file: Path) -> bool:
    """Writes JSON whole or not at all; says why not on standard error, and returns whether."""
    try:
        with replacing(file) as target:
            text = json.dumps(value, indent=2, ensure_ascii=False)
            target.write(text.encode(errors="replace"))
    except OSError as error:
        print(f"grade: {file}: {error.strerror}", file=sys.stderr)
        return False
    return True
