"""The part that a person grades: the submission's training, run on small data and drawn."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tests.autograder.course import Course
from tests.autograder.transcript import Transcript


class Training(NamedTuple):
    """What came of the training: a sentence, the pictures, and what it did not run for."""

    summary: str
    pictures: list[Path]
    reason: str = ""


def summarize(course: Course, transcript: Transcript, folder: Path | None) -> Training:
    """What the training reached, drawn into `folder` if there is one."""
    reason = transcript.missing or transcript.ended or "; ".join(transcript.failures.values())
    if reason:
        return Training(f"did not run: {reason}", [], reason)
    curves = [given.value for given in transcript.given.values()]
    of_course = course.module("training")
    if len(curves) != of_course.CURVES or any(
        c is None or c.ndim != 1 or not len(c) for c in curves
    ):
        shapes = ", ".join("nothing" if c is None else f"an array {c.shape}" for c in curves)
        return Training(f"did not return what was asked for, but {shapes}", [])
    return Training(*of_course.drawn(curves, folder))
