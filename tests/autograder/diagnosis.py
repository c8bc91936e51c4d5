"""Finds which mistakes of the catalogue explain what a submission gave."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import combinations
from typing import NamedTuple

from tests.autograder.cases import Case
from tests.autograder.catalogue import CATALOGUE
from tests.autograder.comparing import Given, Key, same, same_flat
from tests.autograder.model import Mistakes
from tests.autograder.model_answers import answers

Answers = dict[Key, Given]
"""What a submission gave, by case and output."""

MOST = 25
"""How many mistakes are tried in pairs: those that explain most by themselves."""
ALWAYS_TRIED = "gradients accumulated"
"""A mistake that shows in an MLP only together with another, so it is always tried in pairs."""


class Puzzle(NamedTuple):
    """What there is to explain in one question.

    `wrong` are the outputs that are not right, `raised` the cases that ended in an exception.
    """

    probe: str
    cases: Mapping[str, Case]
    given: Answers
    wrong: frozenset[Key]
    raised: frozenset[str]
    flat: bool

    def predicted(self, mistakes: Mistakes) -> frozenset[Key]:
        """The outputs that a submission with these mistakes gives exactly as this one did.

        An output that neither gives, because an exception came before it, counts as predicted.
        """
        agreed = set()
        for name, case in self.cases.items():
            model = answers(self.probe, case, mistakes)
            for output in answers(self.probe, case):
                key = (name, output)
                given = self.given.get(key)
                if output not in model:
                    if given is None and name in self.raised:
                        agreed.add(key)
                    continue
                expected = model[output]
                if output.endswith("/input") and "input modified" in mistakes:
                    if key in self.wrong:  # whatever was written into it
                        agreed.add(key)
                elif same(given, expected) or (self.flat and same_flat(given, expected)):
                    agreed.add(key)
        return frozenset(agreed)


def explain(puzzle: Puzzle, known: Iterable[str], unlikely: Collection[str] = ()) -> frozenset[str]:
    """The fewest mistakes that explain the most; those that are `known` from before cost nothing.

    Explained is an output that the mistakes predict as it was given, right or wrong. Tried are
    the known mistakes, every other one, then pairs; what is `unlikely`, because it would have
    shown before, comes last. The first that explains everything is taken, else what explains
    most, if it explains more than no mistake at all.
    """
    everything = frozenset(
        (name, output)
        for name, case in puzzle.cases.items()
        for output in answers(puzzle.probe, case)
    )
    best, explained = frozenset[str](), everything - puzzle.wrong
    hits: dict[str, int] = {}

    def better(mistakes: frozenset[str]) -> bool:
        """Keeps the mistakes if they are the best so far; whether they explain everything."""
        nonlocal best, explained
        found = puzzle.predicted(mistakes)
        if len(mistakes) == 1 and found & puzzle.wrong:
            hits[min(mistakes)] = len(found & puzzle.wrong)
        if len(found) > len(explained):
            best, explained = mistakes, found
        return found == everything

    known = sorted(known)
    if better(frozenset(known)) and known:
        return _needed(puzzle, frozenset(known))
    for mistake in (*known, *sorted(CATALOGUE, key=lambda name: name in unlikely)):
        if better(frozenset([mistake])):
            return frozenset([mistake])
    likely = sorted(hits, key=lambda mistake: (mistake in unlikely, -hits[mistake]))
    likely = [*likely[: MOST - 1], ALWAYS_TRIED]
    for pair in combinations(list(dict.fromkeys([*known, *likely]))[:MOST], 2):
        if better(frozenset(pair)):
            break
    return _needed(puzzle, best)


def _needed(puzzle: Puzzle, mistakes: frozenset[str]) -> frozenset[str]:
    """Without those that make no difference to what is explained."""
    explained = puzzle.predicted(mistakes)
    for mistake in sorted(mistakes):
        if puzzle.predicted(mistakes - {mistake}) >= explained:
            mistakes -= {mistake}
    return mistakes
