"""Two edits at once that a person makes for one reason: in one line, or the same one twice."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from itertools import combinations
from operator import itemgetter

from mytorch.gradcheck.repair.edit import Change, Edit
from mytorch.gradcheck.repair.twins import TWINS

LINE, TWICE = 2.4, 1.5
"""What two edits of one line cost at most together, and one that is made twice."""
MOST_PLACES, MOST, MOST_TWICE = 30, 3_000, 9_000
"""In how many places the same edit is tried, and how many pairs of both kinds are."""
NEAR, FAR = 3, 0.4
"""How many lines are near each other, and how much less usual the same mistake is elsewhere."""
TOKEN = re.compile(r"\w+|\S")
SAME = {word: "twin" for pair in TWINS for word in pair}
Edits = tuple[Edit, ...]


def pairs_of_a_line(edits: Iterable[Edit], usual: float) -> list[Edits]:
    """Every two usual edits of one line, the most usual first."""
    lines: dict[tuple[object, int], list[tuple[Edit, float, Change]]] = {}
    for edit in edits:
        if edit.cost <= usual and len(edit.changes) == 1:
            place = edit.changes[0]._replace(new=None)
            key = edit.function.file, edit.line
            lines.setdefault(key, []).append((edit, edit.cost, place))
    found = [
        (cost + other, one, two)
        for same in lines.values()
        for (one, cost, where), (two, other, elsewhere) in combinations(same, 2)
        if cost + other <= LINE and where is not elsewhere and where != elsewhere
    ]
    found.sort(key=itemgetter(0))
    return [(one, two) for _, one, two in found[:MOST]]


def twice(edits: Iterable[Edit]) -> list[Edits]:
    """The same edit in two places of a class, the most usual first: what was once thought wrong."""
    groups: dict[tuple[object, ...], list[Edit]] = {}
    for edit in edits:
        if edit.cost <= TWICE and len(edit.changes) == 1 and isinstance(edit.place, ast.expr):
            function = edit.function
            where = function.file, function.outer or function.name
            groups.setdefault((*where, edit.kind, *_difference(edit)), []).append(edit)
    found = [
        (one.cost + two.cost + FAR * (abs(one.line - two.line) > NEAR), one, two)
        for same in groups.values()
        for one, two in combinations(same[:MOST_PLACES], 2)
        if one.place not in ast.walk(two.place) and two.place not in ast.walk(one.place)
    ]
    found.sort(key=itemgetter(0))
    return [(one, two) for _, one, two in found[:MOST_TWICE]]


def _difference(edit: Edit) -> tuple[object, ...]:
    """What an edit does, whatever it is done to: what it puts around it, takes off or replaces."""
    before, after = TOKEN.findall(edit.before), TOKEN.findall(edit.after)
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
