"""Which hand-ins have code in common beyond the handout and beyond what many of the class share.

A hint for a person to look at both, and no more: a formula has few right forms.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from math import log
from pathlib import Path
from typing import NamedTuple

from tests.autograder.classes.fingerprints import Place, fingerprints

SHARE = 0.1
"""What more than this part of the class has is nobody's own."""
FEW = 3
"""What so few hand-ins have is nobody's own only in a large class."""
LEAST = 40
"""How many fingerprints two hand-ins must have in common, about a hundred tokens."""
ALIKE = 0.6
"""Which part of the smaller hand-in's own fingerprints, weighted by their rarity."""
MOST_PASSAGES = 6


class Passage(NamedTuple):
    """Two functions that share code; each with its lines."""

    first: Place
    second: Place
    shared: int
    texts: tuple[str, str]


class Pair(NamedTuple):
    """Two hand-ins that are alike: which part of their own code, and where."""

    first: str
    second: str
    alike: float
    passages: list[Passage]


Sources = Mapping[str, Mapping[str, str]]


def similar(hand_ins: Sources, handout: Mapping[str, str] | None = None) -> list[Pair]:
    """The pairs of hand-ins that are alike, the most alike first.

    `hand_ins` has the files of each by its name.
    """
    given = fingerprints(handout or {})
    marks = {name: fingerprints(files) for name, files in hand_ins.items()}
    count = Counter(mark for found in marks.values() for mark in found)
    most = max(FEW, int(SHARE * len(hand_ins)))
    weight = {
        mark: log((len(hand_ins) + 1) / n)
        for mark, n in count.items()
        if n <= most and mark not in given
    }
    owners: dict[int, list[str]] = defaultdict(list)
    for name, found in marks.items():
        for mark in found:
            if mark in weight and count[mark] > 1:
                owners[mark].append(name)
    shared: dict[tuple[str, str], list[int]] = defaultdict(list)
    for mark, names in owners.items():
        for number, first in enumerate(names):
            for second in names[number + 1 :]:
                shared[first, second].append(mark)
    own = {name: sum(weight.get(mark, 0.0) for mark in found) for name, found in marks.items()}
    pairs = []
    for (first, second), common in shared.items():
        alike = sum(weight[mark] for mark in common) / min(own[first], own[second])
        if len(common) >= LEAST and alike >= ALIKE:
            where = _passages(common, marks[first], marks[second])
            texts = hand_ins[first], hand_ins[second]
            passages = [
                Passage(a, b, n, (_lines(texts[0], a), _lines(texts[1], b))) for a, b, n in where
            ]
            pairs.append(Pair(first, second, alike, passages))
    return sorted(pairs, key=lambda pair: (-pair.alike, pair.first, pair.second))


def _passages(
    common: Sequence[int], first: Mapping[int, set[Place]], second: Mapping[int, set[Place]]
) -> list[tuple[Place, Place, int]]:
    """The pairs of functions with most in common; each function of the first hand-in once."""
    together = Counter((a, b) for mark in common for a in first[mark] for b in second[mark])
    taken: dict[Place, tuple[Place, Place, int]] = {}
    for (a, b), n in together.most_common():
        taken.setdefault(a, (a, b, n))
    return list(taken.values())[:MOST_PASSAGES]


def _lines(files: Mapping[str, str], place: Place) -> str:
    return "\n".join(files[place.file].splitlines()[place.first - 1 : place.last])


def read_handout(folder: Path) -> dict[str, str]:
    """The Python files of a folder. Raises OSError where it cannot be read."""
    files = [folder] if folder.is_file() else sorted(folder.rglob("*.py"))
    return {str(file): file.read_text(encoding="utf-8", errors="replace") for file in files}
