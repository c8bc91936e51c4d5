"""Runs the walk-through on somebody else's classes, in processes that may hang or crash."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tests.submission.layout import Submission
from tests.submission.loading import printable
from tests.submission.process import Child, Ended, TimedOut
from tests.walkthrough.sections import AUTOGRAD, CLASSIC, without_library
from tests.walkthrough.steps import Section
from tests.walkthrough.walk import Outcome, walk

RESTARTS = 20
START = "the start"
AUTOGRAD_MODULES = ("mytorch.tensor", "mytorch.autograd_engine", "mytorch.nn.functional")


class TooShort(ValueError):
    """Not even the interpreter started within the time that a call may take."""


class Run(NamedTuple):
    """What came out of somebody else's classes.

    Attributes
    ----------
    outcomes : one for each step of the sections.
    found : where each class was found.
    problems : the modules that could not be imported, and why.
    printed : the beginning of what their code printed.
    """

    outcomes: list[Outcome]
    found: dict[str, str]
    problems: dict[str, str]
    printed: str


def suited(submission: Submission, sections: Sequence[Section]) -> list[Section]:
    """The sections that this kind of coursework has classes for."""
    return [
        without_library(section)
        for section in sections
        if section.course in submission.courses
        or (section in CLASSIC and submission.is_classic)
        or (section in AUTOGRAD and submission.has_autograd)
    ]


def run(
    submission: Submission,
    sections: Sequence[Section],
    seconds: float,
    notice: Callable[[str], None] = lambda text: None,
) -> Run:
    """Runs `sections`, which are in order and complete, on the classes of `submission`.

    What does not return within `seconds`, or ends the process, is not called again: a new process
    goes on without it, and `notice` is told.
    """
    refused: dict[str, str] = {}
    task = {
        "root": str(submission.root),
        **_classes(submission, next((s.course for s in sections), "")),
        "sections": [section.own_key for section in sections],
        "refused": refused,
        "seconds": seconds,
    }
    result = Run(list(walk(sections, {})), {}, {}, "")
    for attempt in range(RESTARTS + 1):
        result, stopped = _attempt(task, result, seconds)
        if not stopped:
            return result
        culprit, reason = stopped
        if attempt == RESTARTS or culprit in refused:
            break
        refused[culprit] = reason
        notice(f"{reason}; going on without it")
    not_run = f"not run, because {reason}"
    unfinished = [
        outcome if outcome.value is not None else outcome._replace(failure=not_run)
        for outcome in result.outcomes
    ]
    return result._replace(outcomes=unfinished)


def _classes(submission: Submission, course: str) -> dict[str, Any]:
    """Where classes are found: folders, modules, and by a class the modules that may have it."""
    if not course:
        autograd = AUTOGRAD_MODULES if submission.has_autograd else ()
        modules = [*submission.modules, *autograd]
        return {"search": list(map(str, submission.search)), "modules": modules, "homes": {}}
    from tests.autograder.course import find_course

    found = find_course(course)
    return {
        "search": [str(folder) for folder in found.searched(submission)],
        "modules": found.imported(submission, list(found.homes)),
        "homes": dict(found.homes),
    }


def _attempt(
    task: dict[str, Any], result: Run, seconds: float
) -> tuple[Run, tuple[str, str] | None]:
    """One process: what it reported, and what hung or ended it, if something did."""
    outcomes, found, problems = list(result.outcomes), result.found, result.problems
    current = START
    stopped = None
    with Child("tests.walkthrough.child", json.dumps(task)) as child:
        try:
            received = 0
            for message in child.messages(seconds):
                if "start" in message:
                    current = printable(str(message["start"]))
                elif "found" in message:
                    found, problems = dict(message["found"]), dict(message["problems"])
                else:
                    number = int(message["outcome"])
                    outcomes[number] = outcomes[number]._replace(**_reported(message))
                    received += 1
            if received != len(outcomes):
                stopped = current, f"{current} wrote into the channel of the report"
        except TimedOut:
            place = child.place(Path(task["root"]))
            stopped = current, f"{current} did not return within {seconds:g} s{place}"
            if current == START:
                raise TooShort(f"{seconds:g} s are too short to start a process") from None
        except Ended as error:
            stopped = current, f"{current} {error}"
        except (KeyError, IndexError, TypeError, ValueError):
            stopped = current, f"{current} wrote into the channel of the report"
    printed = child.printed.decode(errors="replace")
    return Run(outcomes, found, problems, printed or result.printed), stopped


def _reported(message: dict[str, Any]) -> dict[str, Any]:
    value = message["value"]
    if value is not None and not isinstance(value, np.ndarray):
        raise TypeError("expected an array")
    return {
        "value": value,
        "failure": printable(str(message["failure"])),
        "missing": message["missing"] is True,
    }
