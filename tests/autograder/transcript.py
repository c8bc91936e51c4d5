"""What a submission answered to one question, as it is heard from the child."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from tests.autograder.comparing import Given, Key
from tests.autograder.course import NOT_WRITTEN, Case
from tests.autograder.places import Frame
from tests.submission.loading import MOST_FRAMES, printable
from tests.submission.printing import MOST

MOST_OUTPUTS = 1000
Answers = dict[Key, Given]
"""What a submission gave, by case and output."""


class Transcript(NamedTuple):
    """What a submission answered to one question.

    Attributes
    ----------
    given : its outputs by case and name.
    failures : by case and part, what was raised there.
    ended : how its process ended before it was through: `timed out after 10 s`, `exited early`.
    missing : why the question could not be asked at all.
    seconds : how long the processor worked for it.
    through : whether it was answered to its end.
    traces : through which lines of the submission each failure came, by its text.
    printed : the first lines that were printed, one more than are shown if there were more.
    after : the outputs that were given after something was raised in their own part.
    """

    given: Answers
    failures: Mapping[Key, str]
    ended: str
    missing: str
    seconds: float
    through: bool = False
    traces: Mapping[str, Sequence[Frame]] = MappingProxyType({})
    printed: Sequence[str] = ()
    after: frozenset[Key] = frozenset()

    def cause(self, key: Key) -> str:
        """The exception that an output was lost by, or how the process ended; empty if by none.

        What is raised after a method was missing follows from that.
        """
        case, output = key
        raised = {part: why for (c, part), why in self.failures.items() if c == case}
        here = raised.get(output.partition("/")[0], "")
        first = next(iter(raised.values()), "")
        if here and first.startswith(NOT_WRITTEN):
            here = first
        if key in self.given:
            return here
        return self.missing or here or first or self.ended


class Listening:
    """Sorts a child's messages about one question."""

    def __init__(self, cases: Mapping[str, Case]) -> None:
        self.cases = cases
        self.given: dict[Key, Given] = {}
        self.failures: dict[Key, str] = {}
        self.after: set[Key] = set()
        self.traces: dict[str, Sequence[Frame]] = {}
        self.printed: list[str] = []
        self.missing = ""
        self.seconds: float | None = None
        self.through = False

    def hear(self, message: dict[str, Any]) -> None:
        """Takes one message; raises KeyError, TypeError or ValueError for one that is none."""
        if self.through:
            raise ValueError("nothing comes after that")
        if message.get("done") is True:
            self.through, self.seconds = True, float(message["seconds"])
        elif "printed" in message:
            keep_print(self.printed, message["printed"])
        elif "missing" in message:
            if self.given or self.failures or self.missing:
                raise ValueError("too late to say that")
            self.missing = shown(message["missing"]) or "nothing"
            self._trace(self.missing, message["frames"])
        else:
            self._output(message)

    def _output(self, message: dict[str, Any]) -> None:
        case = message["case"]
        if case not in self.cases or len(self.given) > MOST_OUTPUTS or self.missing:
            raise ValueError("nobody asked for that")
        if "failure" in message:
            text = shown(message["failure"])
            self.failures.setdefault((case, str(message["part"])), text)
            self._trace(text, message["frames"])
            return
        value = message["value"]
        if value is not None and not isinstance(value, np.ndarray):
            raise TypeError("expected an array")
        key = case, shown(message["output"])
        if (case, key[1].partition("/")[0]) in self.failures:
            self.after.add(key)
        self.given.setdefault(key, Given(value, shown(message["type"])))

    def _trace(self, text: str, frames: Any) -> None:
        found = [(str(file)[:500], int(line)) for file, line in frames]
        self.traces.setdefault(text, found[-MOST_FRAMES:])

    def transcript(self, seconds: float, ended: str = "", missing: str = "") -> Transcript:
        """What was heard; `seconds` is what the whole process took."""
        took = self.seconds
        if took is None or not 0 <= took <= seconds + 1:  # a submission may have said it
            took = seconds
        ended = "" if self.through else ended or "exited early: it did not come to its end"
        missing = missing or self.missing
        return Transcript(
            self.given, self.failures, ended, missing, took, self.through,
            self.traces, self.printed, frozenset(self.after),
        )  # fmt: skip


def keep_print(lines: list[str], line: object) -> None:
    """Keeps a line that was printed, as long as there are few."""
    if len(lines) <= MOST:
        lines.append(shown(line))


def shown(text: Any) -> str:
    return printable(str(text))[:500]
