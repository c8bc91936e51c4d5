"""A run of the walk-through from beginning to end: on the library, or on somebody's folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tests.submission.layout import Submission
from tests.submission.loading import printable
from tests.support.terminal import cut
from tests.walkthrough.others import Run, run, suited
from tests.walkthrough.sections import with_earlier
from tests.walkthrough.steps import Section
from tests.walkthrough.verdict import MISMATCH, STRICT, Check, judge
from tests.walkthrough.walk import Outcome, walk

THEIRS = 1e-4
"""How far a user's values may be off, relatively, as the homeworks have it."""


SCREEN = 24
"""Rows of the smallest terminal."""


class Session(NamedTuple):
    """The checks of the chosen sections, and what else there is to tell.

    Attributes
    ----------
    outcomes : of the chosen sections and of those that they go on from.
    checks : of the chosen sections.
    first_wrong : the first check that mismatches, of an earlier section too, with its class
        there; None if none does.
    heading, closing : lines for the reader, about a folder with classes of the user's own.
    """

    outcomes: list[Outcome]
    checks: list[Check]
    first_wrong: Check | None
    heading: list[str]
    closing: list[str]


def of_library(sections: Sequence[Section], classes: Mapping[str, Any]) -> Session:
    """The sections on the library's own `classes`."""
    return _session(list(walk(with_earlier(sections), dict(classes))), sections, STRICT)


def of_folder(
    submission: Submission,
    sections: Sequence[Section],
    seconds: float,
    notice: Callable[[str], None],
    tolerance: float = THEIRS,
) -> Session:
    """The sections that `submission` has classes for, on its classes; see `others.run`."""
    fitting = suited(submission, with_earlier(sections))
    result = run(submission, fitting, seconds, notice)
    session = _session(result.outcomes, sections, tolerance, flat=submission.layout == "2019")
    return session._replace(
        heading=list(_heading(submission, result)), closing=list(_closing(session, result))
    )


def _session(
    outcomes: list[Outcome], sections: Sequence[Section], tolerance: float, flat: bool = False
) -> Session:
    keys = {section.own_key for section in sections}
    checks = [judge(outcome, tolerance, flat) for outcome in outcomes if outcome.step.is_check]
    wrong = [check for check in checks if check.status == MISMATCH]
    first = next((check for check in wrong if not check.missing), None)
    shown = [check for check in checks if check.section.own_key in keys]
    return Session(outcomes, shown, first, [], [])


def _heading(submission: Submission, result: Run) -> Iterator[str]:
    layout = submission.layout or submission.courses[0].replace("_", "-")
    yield f"{submission.root}: {layout} layout"
    modules: dict[str, list[str]] = {}
    for name, module in result.found.items():
        modules.setdefault(printable(module), []).append(name)
    for module, names in modules.items():
        yield f"  {module}: {', '.join(names)}"
    modules = {}
    for module, problem in result.problems.items():
        modules.setdefault(printable(problem), []).append(module)
    for problem, broken in modules.items():
        yield f"  {', '.join(broken)}: {problem}"
    if not result.found:
        yield "No class was found, so nothing could be checked."


def _closing(session: Session, result: Run) -> Iterator[str]:
    reasons = [check.reason for check in session.checks if check.missing]
    missing = dict.fromkeys(reason.partition(";")[0].split()[-1] for reason in reasons)
    if missing:
        yield f"Not checked, because the class is not there: {', '.join(missing)}"
        if session.first_wrong is None and len(reasons) < len(session.checks):
            yield "All that could be checked is right."
    for module, problem in result.problems.items():
        if not problem.startswith("it needs "):
            yield f"To be mended first: {module}: {printable(problem)}"
    first = session.first_wrong
    if first is not None:
        step = f"{first.section.number} {first.step.name}, {first.step.code}"
        yield f"The first step that goes wrong is {step}"
        yield f"  {first.reason}"
        yield "  What uses its value goes wrong after it. To see all of the step, add"
        yield f"  --section {first.section.number} --step"
    lines = result.printed.splitlines()
    if lines:
        yield "Your code printed:"
        yield from (f"  {cut(printable(line), 76)}" for line in lines[:20])
        if len(lines) > 20:
            yield "  ..."
    if not any(check.section.course for check in session.checks):
        yield "The pages do not ask about momentum, zero_grads, or batch norm inside an MLP."


def network_values(session: Session) -> dict[str, dict[str, Any]]:
    """The arrays `(batch, units)` of each section by the page's names, as they were computed."""
    values: dict[str, dict[str, Any]] = {}
    for outcome in session.outcomes:
        section = outcome.section
        if section.own_key not in values:
            inherited = dict(values.get(section.after, {}))
            if any(step.variable == "Y1lin" for step in section.steps):  # it goes forward again
                for name in [n for n in inherited if n.startswith(("Y", "grad"))]:
                    del inherited[name]
            given = {name: outcome.names[name] for name in section.given}
            values[section.own_key] = inherited | given
        known = values[section.own_key]
        if outcome.step.variable:
            good = not outcome.failure and np.shape(outcome.value) == np.shape(outcome.right)
            known[outcome.step.variable] = outcome.value if good else outcome.right
    return values


def plot(session: Session, folder: Path) -> Iterator[Path]:
    """Draws the network of each section that has one, and yields the paths of the pictures."""
    from tests.walkthrough.picture import draw_network

    values = network_values(session)
    sections = {check.section.own_key: check.section for check in session.checks}
    for key, section in sections.items():
        if section.network:
            descends = any(step.call.startswith("weights(") for step in section.steps)
            yield draw_network(section, values[key], folder, descends)


def step_through(
    lines_of: Callable[[Check], Iterable[str]], checks: Sequence[Check], ask: Callable[[str], str]
) -> None:
    """Prints the lines of each check, a screen at a time, and waits for Enter.

    `b` goes back one screen; `q`, or the end of input, stops.
    """
    screens: list[list[list[str]]] = []  # of each check until the one at hand
    number, page = 0, 0
    while number < len(checks):
        if number == len(screens):
            screens.append(split_into_screens(list(lines_of(checks[number]))))
        pages = screens[number]
        print(*pages[page], sep="\n")
        part = f", page {page + 1} of {len(pages)}" if len(pages) > 1 else ""
        try:
            question = f"[{number + 1} of {len(checks)}{part}] Enter: next, b: back, q: quit "
            answer = ask(question).strip().lower()
        except (EOFError, RuntimeError):  # the end of the input, or none at all
            answer = "q"
            print()
        if answer.startswith("q"):
            return
        print()
        if not answer.startswith("b"):
            number, page = (number, page + 1) if page + 1 < len(pages) else (number + 1, 0)
        elif page:
            page -= 1
        elif number:
            number -= 1
            page = len(screens[number]) - 1


def split_into_screens(lines: list[str]) -> list[list[str]]:
    """Lines in screens that leave a row for the question; each begins with the first line."""
    head, body = lines[:1], lines[1:]
    rows = SCREEN - 2
    return [head + body[start : start + rows] for start in range(0, max(1, len(body)), rows)]
