"""What is graded in a class, kept beside the results: what is missing can be said from it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.autograder.classes.handins import HandIn
from tests.autograder.classes.naming import Student
from tests.autograder.classes.store import write_json
from tests.autograder.classes.task import Task
from tests.autograder.session import WrongUse

FILE = "class.json"


class Planned(NamedTuple):
    """A hand-in with its task."""

    hand_in: HandIn
    task: Task


class Plan(NamedTuple):
    """The hand-ins of a class, whose way of naming files they have, and what is asked of each."""

    course: str
    platform: str
    planned: list[Planned]

    @property
    def tasks(self) -> list[Task]:
        return [planned.task for planned in self.planned]

    def save(self, folder: Path) -> None:
        """Writes the plan. Raises OSError where it cannot be written."""
        entries = [
            {
                "task": task,
                "students": hand_in.students,
                "late": hand_in.late,
                "remarks": hand_in.remarks,
            }
            for hand_in, task in self.planned
        ]
        value = {"course": self.course, "platform": self.platform, "hand_ins": entries}
        write_json(value, folder / FILE)


def load_plan(folder: Path) -> Plan:
    """The plan in a folder. Raises WrongUse where there is none."""
    try:
        value = json.loads((folder / FILE).read_text(encoding="utf-8"))
        planned = [_planned(entry) for entry in value["hand_ins"]]
        return Plan(value["course"], value["platform"], planned)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WrongUse(f"{folder} is no folder of a graded class: {FILE}: {error}") from None


def _planned(entry: Any) -> Planned:
    id, name, files, course, options, key = entry["task"]
    named: Sequence[tuple[str, str]] = [(called, path) for called, path in files]
    task = Task(id, name, tuple(named), course, tuple(options), key)
    students = tuple(Student(*student) for student in entry["students"])
    paths = tuple((called, Path(path)) for called, path in named)
    return Planned(HandIn(name, paths, students, entry["late"], tuple(entry["remarks"])), task)


def part(tasks: Sequence[Task], shard: tuple[int, int] | None) -> Iterable[Task]:
    """The tasks of one shard, (1, n) to (n, n); all without one. No task is in two shards."""
    if shard is None:
        return tasks
    number, of = shard
    return tasks[number - 1 :: of]
