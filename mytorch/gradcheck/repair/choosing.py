"""Which of the changes that make everything right is said, and what is known for sure by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from mytorch.gradcheck.repair.edit import Edit
from mytorch.gradcheck.repair.trying import Score

GROWTH, LARGEST = 0.03, 10
"""How much less usual a change is for each part that the code has more after it, and of how many
at most: of two that give the same, nobody writes the longer one.
"""
RIVALS, AS_LIKELY = 0.3, 0.1
"""How much less usual a change may be that makes another one unsure, and one that is as likely."""
MOST_OTHERS, MOST_METHODS = 2, 2
"""How many other lines are said of which a change would do, for each line, and in how many methods
they may be.
"""
NOISE = 10
"""How far from each other digests are that differ by rounding only."""
Edits = tuple[Edit, ...]
Place = tuple[Path, int]
Places = tuple[Place, ...]


class Hit(NamedTuple):
    """A change that makes everything right, and what `confirm` says of it."""

    edits: Edits
    score: Score


@dataclass
class Found:
    """A repair: edits that make everything right together, and others that would do instead.

    `is_sure` is whether it is the only one; where another is as likely that gives other results
    elsewhere, only the place is known. `is_placed` is whether it is: not where as likely ones are
    in many methods.
    """

    edits: Edits
    others: list[Edits] = field(default_factory=list)
    is_sure: bool = True
    is_placed: bool = True


def chosen(before: Edits, hits: Sequence[Hit]) -> Found:
    """The most usual of the changes that mend the most, on top of what was repaired `before`."""
    best = min(hits, key=lambda hit: (-hit.score[0], round(_rank(hit.edits), 3)))
    same = [hit for hit in hits if hit.score[0] == best.score[0]]
    likely = cost_of(best.edits) + RIVALS
    rivals = [hit for hit in same if not _alike(hit, best) and cost_of(hit.edits) <= likely]
    others = rivals or [hit for hit in same if _alike(hit, best)]
    different: dict[Places, Edits] = {}
    for hit in sorted(others, key=lambda hit: cost_of(hit.edits)):
        different.setdefault(places_of(hit.edits), hit.edits)
    different.pop(places_of(best.edits), None)
    near = [
        edits
        for edits in (best.edits, *different.values())
        if cost_of(edits) <= cost_of(best.edits) + AS_LIKELY
    ]
    methods = {(edit.function.file, edit.function.name) for edits in near for edit in edits}
    is_placed = len(methods) <= MOST_METHODS + len(best.edits) - 1
    return Found((*before, *best.edits), list(different.values()), not rivals, is_placed)


def _alike(one: Hit, two: Hit) -> bool:
    """Whether the results elsewhere are the same but for rounding."""
    return abs(one.score[1] - two.score[1]) <= NOISE


def cost_of(edits: Edits) -> float:
    """How unusual it is that all are needed."""
    return sum(edit.cost for edit in edits)


def place_of(edits: Edits) -> Place:
    """Where the first one is."""
    return edits[0].function.file, edits[0].line


def places_of(edits: Edits) -> Places:
    """Where they are."""
    return tuple(sorted({(edit.function.file, edit.line) for edit in edits}))


def _rank(edits: Edits) -> float:
    growth = sum(edit.growth for edit in edits)
    return cost_of(edits) + GROWTH * max(-LARGEST, min(growth, LARGEST))
