"""Finds which mistakes of a course explain what a submission gave, and accuses nobody else.

A set of mistakes is consistent where every output that it changes was given exactly as it predicts.
It is named only if it explains wrong values that say something, and only as far as no other
consistent set explains as much: what all of the best ones have in common.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations, product
from typing import NamedTuple

from tests.autograder.comparing import Key
from tests.autograder.course import Mistakes
from tests.autograder.puzzle import Puzzle

MOST = 14
"""How many mistakes are tried in pairs: those that predict most wrong values by themselves."""
FEW = 20
"""Of so few mistakes, one that predicts nothing by itself is tried with those that do, too.

An averaged loss hides the epsilon in it from all that is predicted for the epsilon alone.
"""
ALWAYS_TRIED = "gradients accumulated"
"""A mistake that shows in an MLP only together with another, so it is always tried in pairs."""


class Explanation(NamedTuple):
    """Mistakes and the wrong outputs that they explain."""

    mistakes: Mistakes
    found: frozenset[Key]


def explain(puzzle: Puzzle, known: Iterable[str], right: Iterable[Puzzle] = ()) -> Explanation:
    """The mistakes that explain most; those that are `known` from before cost nothing.

    Tried are the known mistakes, every other one, then pairs. Of several that explain equally
    much the smallest count, then those that would not show in the questions that are `right`, and
    of several what they have in common.
    """
    nothing = Explanation(frozenset(), frozenset())
    if not puzzle.wrong or not puzzle.course.mistakes:
        return nothing
    known = list(known)
    before = frozenset(m for m in known if puzzle.explained(frozenset([m])))
    found: dict[Mistakes, frozenset[Key]] = {}

    def consider(mistakes: Mistakes) -> None:
        explained = puzzle.explained(mistakes)
        if (
            explained
            and not puzzle.hides(mistakes)
            and puzzle.is_whole(mistakes, explained)
            and puzzle.says_something(mistakes, explained)
        ):
            found[mistakes] = explained

    singles = puzzle.candidates
    for mistake in singles:
        consider(frozenset([mistake]))
        if before:
            consider(before | {mistake})
    consider(before)
    if not any(explained == puzzle.wrong for explained in found.values()):
        hits = {mistake: puzzle.hits(mistake) for mistake in singles}
        likely = sorted((m for m in singles if hits[m]), key=lambda m: -hits[m])[:MOST]
        likely += [ALWAYS_TRIED] * (ALWAYS_TRIED in puzzle.course.mistakes)
        others = singles if len(singles) <= FEW else []
        pairs = [*combinations(dict.fromkeys([*known, *likely]), 2), *product(likely, others)]
        for pair in dict.fromkeys(frozenset(pair) for pair in pairs):
            if len(pair) == 2:
                consider(pair)
    if not found:
        return nothing
    weights = {m: len(explained) + puzzle.crashes(m) for m, explained in found.items()}
    most = max(weights.values())
    best = [m for m in found if weights[m] == most]
    fewest = _size(frozenset(known))
    least = min(map(fewest, best))
    smallest = [m for m in best if fewest(m) == least]
    if len(smallest) > 1:
        likely_ones = [m for m in smallest if not any(one.shows(m - before) for one in right)]
        smallest = likely_ones or smallest
    common = frozenset.intersection(*smallest)
    return Explanation(common, (puzzle.explained(common) or frozenset()) if common else frozenset())


def _size(known: Mistakes) -> Callable[[Mistakes], tuple[int, int]]:
    """How much a set of mistakes says that was not known before, then how much in all."""
    return lambda mistakes: (len(mistakes - known), len(mistakes))
