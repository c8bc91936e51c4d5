"""What a submission answered to one question, as it is heard from the child."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from tests.autograder.comparing import Given, Key
from tests.autograder.course import Case
from tests.submission.loading import printable

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
    seconds : how long it took.
    through : whether it was answered to its end.
    """

    given: Answers
    failures: Mapping[Key, str]
    ended: str
    missing: str
    seconds: float
    through: bool = False


class Listening:
    """Sorts a child's messages about one question."""

    def __init__(self, cases: Mapping[str, Case]) -> None:
        self.cases = cases
        self.given: dict[Key, Given] = {}
        self.failures: dict[Key, str] = {}
        self.missing = ""
        self.through = False

    def hear(self, message: dict[str, Any]) -> None:
        """Takes one message; raises KeyError, TypeError or ValueError for one that is none."""
        if self.through:
            raise ValueError("nothing comes after that")
        if message.get("done") is True:
            self.through = True
        elif "missing" in message:
            if self.given or self.failures or self.missing:
                raise ValueError("too late to say that")
            self.missing = shown(message["missing"]) or "nothing"
        else:
            self._output(message)

    def _output(self, message: dict[str, Any]) -> None:
        case = message["case"]
        if case not in self.cases or len(self.given) > MOST_OUTPUTS or self.missing:
            raise ValueError("nobody asked for that")
        if "failure" in message:
            self.failures.setdefault((case, str(message["part"])), shown(message["failure"]))
            return
        value = message["value"]
        if value is not None and not isinstance(value, np.ndarray):
            raise TypeError("expected an array")
        key = case, shown(message["output"])
        self.given.setdefault(key, Given(value, shown(message["type"])))

    def transcript(self, seconds: float, ended: str = "", missing: str = "") -> Transcript:
        """What was heard."""
        ended = "" if self.through else ended or "exited early: it did not come to its end"
        missing = missing or self.missing
        return Transcript(self.given, self.failures, ended, missing, seconds, self.through)


def shown(text: Any) -> str:
    return printable(str(text))[:500]
