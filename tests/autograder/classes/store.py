"""The results of a class in a folder: one JSON file for each hand-in, whole or not there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mytorch.system.atomic import replacing
from tests.autograder.classes.station import Outcome
from tests.autograder.classes.task import Task

RESULTS = "results"
NEEDED = {"id", "name", "key", "record", "sources", "pictures"}


class Store:
    """The results in `folder/results`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.results = folder / RESULTS
        self.results.mkdir(parents=True, exist_ok=True)

    def __getitem__(self, task: Task) -> Outcome | None:
        """The outcome of a task of this key; None where there is none yet, or of another key."""
        found = self._read(self._file(task.id))
        return found if found is not None and found["key"] == task.key else None

    def add(self, outcome: Outcome) -> None:
        """Writes an outcome. Raises OSError where it cannot be written."""
        write_json(outcome, self._file(outcome["id"]))

    def keep_only(self, tasks: Iterable[Task]) -> list[str]:
        """Deletes the results of hand-ins that are gone; returns their names."""
        files = {self._file(task.id) for task in tasks}
        gone = []
        for file in sorted(set(self.results.glob("*.json")) - files):
            found = self._read(file)
            gone.append(found["name"] if found else file.name)
            file.unlink()
        return gone

    def all(self) -> Iterator[Outcome]:
        """Every outcome, sorted by name."""
        found = [self._read(file) for file in sorted(self.results.glob("*.json"))]
        whole = [outcome for outcome in found if outcome is not None]
        yield from sorted(whole, key=lambda outcome: (outcome["name"].casefold(), outcome["id"]))

    def _file(self, id: str) -> Path:
        return self.results / f"{id}.json"

    def _read(self, file: Path) -> Outcome | None:
        """The outcome in a file; None for a file that is damaged or something else."""
        found = read_json(file)
        return found if found is not None and found.keys() >= NEEDED else None


def read_json(file: Path) -> dict[str, Any] | None:
    """The dictionary in a file; None for a file that is damaged, something else or not there."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def write_json(value: Any, file: Path) -> None:
    """Writes JSON whole or not at all. Raises OSError where it cannot be written."""
    with replacing(file) as target:
        target.write(json.dumps(value, indent=1).encode())
