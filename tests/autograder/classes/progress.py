"""What is shown while a class is graded: a bar with the time left, and what is not right."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

from mytorch.system.progress import progress_bar
from tests.autograder.classes.station import Outcome
from tests.support.terminal import WIDTH, cut, pad, paint_for_output

EVERY = 30.0
"""After how many seconds a line says how far it is, where there is no terminal for a bar."""


class Shown:
    """Shows outcomes as they come; for a `with` block. `all` counts those of before, too."""

    def __init__(self, missing: int, all: int) -> None:
        self.missing, self.all, self.done = missing, all, 0
        self.paint = paint_for_output()
        self.start = self.said = time.monotonic()
        self.bar = progress_bar(missing, "grading", "hand-in")

    def __enter__(self) -> Shown:
        self.bar.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: Any) -> None:
        self.bar.__exit__(kind, *rest)
        if kind is not None:
            left = self.missing - self.done
            print(f"stopped: {left} of {self.all} have no result yet; the same command goes on")
            sys.stdout.flush()

    def __call__(self, outcome: Outcome) -> None:
        self.done += 1
        line = line_of(outcome)
        if line:
            self._print(line)
        now = time.monotonic()
        if not sys.stderr.isatty() and now - self.said > EVERY and self.done < self.missing:
            self.said = now
            left = (now - self.start) / self.done * (self.missing - self.done)
            self._print(f"{self.done} of {self.missing} graded, about {left / 60:.0f} min left")
        self.bar.update(1)

    def _print(self, line: str) -> None:
        """A line above the bar, which tqdm draws again."""
        write = getattr(self.bar, "write", None)
        if write is not None:
            write(line, file=sys.stdout)
        else:
            print(line, flush=True)


def line_of(outcome: Outcome) -> str:
    """One line for a hand-in that is not right; empty for one that is."""
    if "fault" in outcome:
        return cut(f"{pad(outcome['name'], 24)} not graded, the grader: {outcome['fault']}", WIDTH)
    record = outcome["record"]
    points = f"{record['score']:6.2f} of {record['max_score']:<4g}"
    if record["reason"]:
        return cut(f"{pad(outcome['name'], 24)} {points} {record['reason']}", WIDTH)
    said = ", ".join(_short(record))
    return cut(f"{pad(outcome['name'], 24)} {points} {said}", WIDTH) if said else ""


def _short(record: Mapping[str, Any]) -> Iterator[str]:
    """What went wrong, question by question."""
    for question in record["questions"]:
        if question["score"] < question["max_score"]:
            named = [d["id"] for d in (*question["diagnosis"], *question["unwritten"])]
            yield f"{question['id']} {named[0] if named else question['status']}"
