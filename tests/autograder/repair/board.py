"""In the child: what was found, in memory that its forks share."""

from __future__ import annotations

import json
import mmap
from typing import NamedTuple

SIZE = 1 << 22
HEAD = 8
"""How many bytes say how long the rest is."""


class Entry(NamedTuple):
    """A repair of a question, by the number of its group, and whether it is the only one."""

    group: int
    question: str
    patch: str
    is_sure: bool = True


class Board:
    """A list of repairs that a fork adds to, and that those after it read."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, SIZE)

    def entries(self) -> list[Entry]:
        """What was found until now."""
        length = int.from_bytes(self._memory[:HEAD], "big")
        kept = json.loads(self._memory[HEAD : HEAD + length]) if length else []
        return [Entry(*one) for one in kept]

    def add(self, entry: Entry) -> None:
        """Keeps one more, where there is room for it."""
        data = json.dumps([*self.entries(), entry]).encode()
        if len(data) <= SIZE - HEAD:
            self._memory[HEAD : HEAD + len(data)] = data
            self._memory[:HEAD] = len(data).to_bytes(HEAD, "big")
