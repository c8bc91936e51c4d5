"""What came of a question, and how its parts and outputs are called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from tests.autograder.course import Case, Course, Question
from tests.autograder.places import Place, Traces

if TYPE_CHECKING:  # a handout has no such search
    from tests.autograder.repair.result import Repair


class Check(NamedTuple):
    """One output of one case: whether it counts as right, and what there is to say.

    `cause` is the exception, or whatever else ended the submission, that the output was lost by.
    """

    name: str
    passed: bool
    message: str
    cause: str = ""


class Diagnosis(NamedTuple):
    """A mistake: its name in the course's table, and the sentence for the student."""

    id: str
    message: str


class Result(NamedTuple):
    """A question with its points.

    `status` is one of passed, partial, failed, missing, timed out, exited early, interrupted.
    `diagnosis` has the mistakes, `unwritten` what is no mistake but not written yet, `standins`
    the classes of the grader's that stood in for those of the submission. `to_write` are the
    methods that are not written yet, `only_unwritten` is whether nothing else is wrong, `printed`
    what the submission printed, `traces` the lines of it that exceptions came through, `repairs`
    the places in the code that are wrong, where they were searched and found.
    """

    question: Question
    score: float
    status: str
    seconds: float
    checks: list[Check]
    diagnosis: list[Diagnosis]
    unwritten: list[Diagnosis]
    standins: tuple[str, ...] = ()
    to_write: tuple[Place, ...] = ()
    only_unwritten: bool = False
    printed: Sequence[str] = ()
    traces: Traces = MappingProxyType({})
    repairs: tuple[Repair, ...] = ()


def belongs(output: str, part: str) -> bool:
    """Whether an output counts for a part: those of `step` and of `step and zero_grads` do."""
    name = output.partition("/")[0]
    return name == part or name.startswith(f"{part} and ")


CALLS = {"start": "__init__", "eval": "forward(eval)", "running": "forward", "graph": "backward"}
"""What is called in a part whose name is not the method's."""
LATER = {"second batch": ("x2", "x1"), "second step": ("x1",), "step 2": ("x1",), "step 3": ("x2",)}
"""Which input an output belongs to that does not belong to the first."""


def called(question: Question, output: str, case: Case) -> str:
    """What was called, and what was put in."""
    part = output.partition("/")[0].partition(" alone")[0].partition(" and ")[0]
    size = f"({'-'.join(str(int(n)) for n in case['sizes'])})" if "sizes" in case else ""
    later = next((names for words, names in LATER.items() if output.endswith(words)), ())
    if part == "eval":
        later = ("x_eval", "x1")
    name = next(n for n in (*later, "x", "x0", "z", "a", "W", "train_x") if n in case)
    thing, method = asked(question, output)
    return f"{thing}{size}.{method}, {name} {case[name].shape}"


def asked(question: Question, output: str) -> tuple[str, str]:
    """The class and the method that an output comes from."""
    part = output.partition("/")[0].partition(" alone")[0].partition(" and ")[0]
    return question.needs[0].removeprefix("nn."), CALLS.get(part, part)


def batch(case: Case) -> int:
    for name in ("x", "x0", "z"):
        if name in case:
            return len(case[name])
    return 0


NAMED = re.compile(r"(?<=/)(?:W|b|dW|db|dgamma|dbeta)(?=\d*\b)")
"""The arrays that an output of a shared exam is called by, and that a course calls otherwise."""


def spelled(output: str, course: Course) -> str:
    """An output with the course's own name of an array: `backward/dLdW`."""
    if course.conventions is None:
        return output
    return NAMED.sub(lambda found: course.spelling.name(found[0]), output)


def in_proportion(output: str, ratio: float, rows: int) -> str:
    """That an output is a multiple of what is right; `rows` are those of the batch."""
    size = ""
    if rows and abs(ratio - rows) < 1e-6:
        size = ", the batch size"
    elif rows > 1 and abs(ratio * rows - 1) < 1e-6:
        size = ", 1 over the batch size"
    return f"{output.partition('/')[2]} equals the right value times {ratio:g}{size}"


FOLLOWS = "follows from what has cost points before"
"""Said of a wrong value that costs nothing; the names of the mistakes come after it."""


def without_names(result: Result) -> Result:
    """A result that says which quantities are wrong, and not which mistakes were made."""
    checks = [
        check._replace(message=check.message.partition(f"{FOLLOWS}: ")[0] + FOLLOWS)
        if f"{FOLLOWS}: " in check.message
        else check
        for check in result.checks
    ]
    return result._replace(diagnosis=[], checks=checks)
