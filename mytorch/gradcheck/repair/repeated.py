"""Two edits at once that a person makes for one reason: in one line, or the same one twice."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from operator import itemgetter
from typing import NamedTuple

from mytorch.gradcheck.repair.choosing import Edits
from mytorch.gradcheck.repair.edit import Change, Edit
from mytorch.gradcheck.repair.sensitivity import Effects, penalty_inside
from mytorch.gradcheck.repair.twins import WORDS

LINE = 2.4
"""What two edits of one line cost at most together."""
MOST_PLACES, MOST, MOST_TWICE = 20, 3_000, 2_500
"""In how many places the same edit is tried, and how many pairs of both kinds are."""
NEAR, FAR, UNLIKE = 3, 0.4, 1.2
"""How many lines are near each other, and how much less usual the same mistake is elsewhere, and
with another thing.
"""
TOKEN = re.compile(r"\w+|\S")
SAME = dict.fromkeys(WORDS, "twin")


def pairs_of_a_line(edits: Iterable[Edit], usual: float) -> list[Edits]:
    """Every two usual edits of one line, the most usual first."""
    lines: dict[tuple[object, int], list[tuple[Edit, float, Change]]] = {}
    for edit in edits:
        if (cost := edit.cost - edit.blame) <= usual and len(edit.changes) == 1:
            place = edit.changes[0]._replace(new=None)
            key = edit.function.file, edit.line
            lines.setdefault(key, []).append((edit, cost, place))
    found = [
        (cost + other + one.blame, one, two)
        for same in lines.values()
        for (one, cost, where), (two, other, elsewhere) in combinations(same, 2)
        if cost + other <= LINE and where is not elsewhere and where != elsewhere
    ]
    found.sort(key=itemgetter(0))
    return [(one, two) for _, one, two in found[:MOST]]


class _Place(NamedTuple):
    """An edit, where it begins and ends, and what stands there."""

    edit: Edit
    start: tuple[int, int]
    end: tuple[int, int]
    meaning: tuple[str, ...]
    penalty: float


def twice(edits: Iterable[Edit], effects: Effects) -> list[Edits]:
    """The same edit in two places of a class, the most usual first: what was once thought wrong.

    What is wrong depends on one of them at least, most likely.
    """
    places: dict[int, tuple[list[str], _Place]] = {}
    groups: dict[tuple[object, ...], list[_Place]] = {}
    for edit in edits:
        node, function = edit.place, edit.function
        if len(edit.changes) == 1 and isinstance(node, ast.expr) and hasattr(node, "lineno"):
            if id(node) not in places:
                tokens = _tokens(edit.before)
                start, end = (
                    (node.lineno, node.col_offset),
                    (node.end_lineno or 0, node.end_col_offset or 0),
                )
                places[id(node)] = (
                    tokens,
                    _Place(edit, start, end, _meaning(tokens), penalty_inside(node, effects)),
                )
            tokens, place = places[id(node)]
            where = function.file, function.outer or function.name, edit.kind
            key = *where, *_difference(tokens, _tokens(edit.after))
            groups.setdefault(key, []).append(place._replace(edit=edit))
    found = [
        (_cost(one, two), one.edit, two.edit)
        for same in groups.values()
        for one, two in _pairs(same)
        if one.end <= two.start or two.end <= one.start
    ]
    found.sort(key=itemgetter(0))
    return [(one, two) for _, one, two in found[:MOST_TWICE]]


def _pairs(places: Sequence[_Place]) -> Iterator[tuple[_Place, _Place]]:
    """Every two places of which the same is said, and every two of a few."""
    alike: dict[tuple[str, ...], list[_Place]] = {}
    for place in places:
        alike.setdefault(place.meaning, []).append(place)
    for same in alike.values():
        yield from combinations(same[:MOST_PLACES], 2)
    for one, two in combinations(places[:MOST_PLACES], 2):
        if one.meaning != two.meaning:
            yield one, two


def _cost(one: _Place, two: _Place) -> float:
    far = abs(one.start[0] - two.start[0]) > NEAR
    cost = one.edit.cost + two.edit.cost - two.edit.blame + min(one.penalty, two.penalty)
    return cost + FAR * far + UNLIKE * (one.meaning != two.meaning)


def _tokens(code: str) -> list[str]:
    """The words and signs, without those that only say whose attribute it is."""
    return [token for token in TOKEN.findall(code) if token not in ("self", ".")]


def _difference(before: list[str], after: list[str]) -> tuple[object, ...]:
    """What an edit does, whatever it is done to: what it puts around it, takes off or replaces."""
    small, large = sorted((before, after), key=len)
    for i in range(len(large) - len(small) + 1):
        if large[i : i + len(small)] == small:
            left, right = large[:i], large[i + len(small) :]
            inner = len(left) > 1 and not left[-2].isidentifier()
            if inner and right and (left[-1], right[0]) == ("(", ")"):
                left, right = left[:-1], right[1:]  # which a single name would not need
            return len(after) > len(before), _general(left), _general(right)
    start = 0
    while start < len(small) and before[start] == after[start]:
        start += 1
    end = 0
    while end < len(small) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return _general(before[start : len(before) - end]), _general(after[start : len(after) - end])


def _general(tokens: Iterable[str]) -> tuple[str, ...]:
    """The same for names of twins: `mean` and `var`."""
    words = ("_".join(SAME.get(part, part) for part in token.split("_")) for token in tokens)
    return tuple(words)


def _meaning(tokens: Iterable[str]) -> tuple[str, ...]:
    """What stands in a place: the same for `self.running_var` and `var`."""
    return _general(token.rpartition("_")[2] or token for token in tokens)
