"""A class at a glance: how points are spread, what questions cost, which mistakes are made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from statistics import mean, median
from typing import Any, NamedTuple

from mytorch.gradcheck.repair.edit import KINDS
from tests.autograder.classes.tables import Grade
from tests.autograder.course import Course

BINS = 10
NOT_WRITTEN = "a part is not written yet"
Record = Mapping[str, Any]


class Bin(NamedTuple):
    """How many hand-ins have a share of the points, in percent; the last bin is full points."""

    label: str
    size: int


class OfQuestion(NamedTuple):
    """What the class reached in a question; `mean` is in points."""

    id: str
    title: str
    points: float
    mean: float
    full: int
    none: int
    asked: int


class OfMistake(NamedTuple):
    """A mistake of the class: its sentence with the source's section, and who makes it where."""

    id: str
    text: str
    questions: tuple[str, ...]
    names: tuple[str, ...]


class Statistics(NamedTuple):
    """The figures of a class; hand-ins that could not be graded count in `ungraded` alone."""

    handed_in: int
    ungraded: int
    full: int
    mean: float
    median: float
    bins: list[Bin]
    questions: list[OfQuestion]
    mistakes: list[OfMistake]

    def made_by(self, name: str) -> list[str]:
        """The mistakes of one hand-in."""
        return [mistake.text for mistake in self.mistakes if name in mistake.names]


def statistics(grades: Sequence[Grade], course: Course) -> Statistics:
    """The figures of the hand-ins among the rows of a class."""
    named = [(grade.name, grade.record) for grade in grades if grade.record is not None]
    graded = [(name, record) for name, record in named if not record["reason"]]
    scores = [record["score"] for _, record in graded]
    return Statistics(
        len(named),
        len(named) - len(graded),
        sum(record["score"] >= record["max_score"] for _, record in graded),
        mean(scores) if scores else 0.0,
        median(scores) if scores else 0.0,
        _bins([record for _, record in graded]),
        _questions([record for _, record in graded]),
        _mistakes(graded, course),
    )


def _bins(records: Sequence[Record]) -> list[Bin]:
    counts = [0] * (BINS + 1)
    for record in records:
        share = record["score"] / record["max_score"] if record["max_score"] else 0.0
        counts[min(int(share * BINS), BINS)] += 1
    width = 100 // BINS
    labels = [*(f"{n * width}-{(n + 1) * width - 1} %" for n in range(BINS)), "100 %"]
    return [Bin(*pair) for pair in zip(labels, counts, strict=True)]


def _questions(records: Sequence[Record]) -> list[OfQuestion]:
    asked: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for record in records:
        for question in record["questions"]:
            asked[question["id"]].append(question)
    found = []
    for id, questions in asked.items():
        most = questions[0]["max_score"]
        scores = [question["score"] for question in questions]
        full, none = sum(s >= most for s in scores), sum(s == 0 for s in scores)
        title = questions[0]["title"]
        found.append(OfQuestion(id, title, most, mean(scores), full, none, len(scores)))
    return found


def _mistakes(graded: Sequence[tuple[str, Record]], course: Course) -> list[OfMistake]:
    """The mistakes, those of most hand-ins first; each hand-in counts once."""
    names: dict[str, dict[str, None]] = defaultdict(dict)
    where: dict[str, dict[str, None]] = defaultdict(dict)
    texts: dict[str, str] = {}
    for name, record in graded:
        for question in record["questions"]:
            for id, text in _named(question, course):
                texts.setdefault(id, text)
                names[id][name] = None
                where[id][question["id"]] = None
    mistakes = [OfMistake(id, texts[id], tuple(where[id]), tuple(names[id])) for id in names]
    return sorted(mistakes, key=lambda mistake: (-len(mistake.names), mistake.text))


def _named(question: Mapping[str, Any], course: Course) -> Iterator[tuple[str, str]]:
    """The mistakes of a question, each with its sentence: those of the course's table, and what
    was found by repairing the code and bears no name there.
    """
    for found in (*question["diagnosis"], *question["unwritten"]):
        yield found["id"], course.mistakes.get(found["id"], NOT_WRITTEN)
    for repair in question["repairs"]:
        if not repair["named"]:
            about = "; ".join(filter(None, [KINDS[repair["kind"]], repair["formula"]]))
            yield f"{repair['method']}: {repair['kind']}", f"in {repair['method']}, {about}"
