"""The library broken in each way of the catalogue: what `./grade.sh mutants` and the tests grade.

The `mutants.txt` of each course has the edits. What an edit replaces must stand in its file
exactly once, so that a mutant cannot quietly become the library itself.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from tests.autograder.answering import INPUT_MODIFIED
from tests.autograder.course import Course, own_courses

ROOT = Path(__file__).resolve().parents[2]
PAIRS = 30


class Mutant(NamedTuple):
    """One way to break one file: pairs of a text and what it is replaced by."""

    course: Course
    file: str
    mistake: str
    edits: tuple[tuple[str, str], ...]


def mutants() -> list[Mutant]:
    """All mutants of all courses in the order of their files."""
    return [m for course in own_courses() for m in of_course(course)]


def of_course(course: Course) -> list[Mutant]:
    """All mutants of a course."""
    return list(read(course, (course.folder / "mutants.txt").read_text(encoding="utf-8")))


def read(course: Course, text: str) -> Iterator[Mutant]:
    """The mutants of a file: its format stands at the top of each."""
    for header, body in re.findall(r"^\[(.+)\]\n((?:[-+@].*\n)+)", text, re.M):
        file, mistake = header.split(" | ")
        hunks = [hunk.splitlines() for hunk in re.split(r"^@\n", body, flags=re.M)]
        yield Mutant(course, file, mistake, tuple((_of(h, "-"), _of(h, "+")) for h in hunks))


def _of(hunk: list[str], sign: str) -> str:
    return "\n".join(line[1:] for line in hunk if line.startswith(sign))


def pairs() -> list[tuple[Mutant, Mutant]]:
    """Pairs of different mutants that can be made at once, spread over all.

    They are of the course that has the most. What a file computes of an input that it has written
    into may be anything, so that no other mistake can be told there.
    """
    single = max(map(of_course, own_courses()), key=len)
    possible = [
        (a, b)
        for a, b in combinations(single, 2)
        if a.file != b.file
        or not (
            INPUT_MODIFIED in (a.mistake, b.mistake)
            or {old for old, _ in a.edits} & {old for old, _ in b.edits}
        )
    ]
    return [pair for pair in possible[:: len(possible) // (2 * PAIRS)] if _fit(pair)][:PAIRS]


def _fit(pair: tuple[Mutant, Mutant]) -> bool:
    try:
        edited(pair)
    except ValueError:
        return False
    return True


def edited(chosen: Iterable[Mutant]) -> dict[Path, str]:
    """The files that mutants change, by their place in the project, with the changed text.

    Raises ValueError where the text of an edit does not stand in its file exactly once.
    """
    texts: dict[Path, str] = {}
    for mutant in chosen:
        place = Path("mytorch") / mutant.file
        text = texts.get(place) or (ROOT / place).read_text(encoding="utf-8")
        for old, new in mutant.edits:
            start = "\n" * old.startswith(" ")  # an indented line is not the end of a deeper one
            if (times := text.count(start + old)) != 1:
                raise ValueError(f"{mutant.mistake}: {place} has {times} times {old!r}")
            text = text.replace(start + old, start + new)
        texts[place] = text
    return texts


def write(chosen: Iterable[Mutant], target: Path) -> None:
    """This project's coursework in `target`, with the edits of mutants; raises as `edited`."""
    texts = edited(chosen)
    for name in ("mytorch", "hw1"):
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    for place, text in texts.items():
        (target / place).write_text(text, encoding="utf-8")
