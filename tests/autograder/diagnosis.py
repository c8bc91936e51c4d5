"""Finds which mistakes of the catalogue explain what a submission gave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import NamedTuple

from tests.autograder.cases import Case
from tests.autograder.catalogue import CATALOGUE
from tests.autograder.comparing import Given, same, same_flat
from tests.autograder.model import Mistakes
from tests.autograder.model_answers import answers

Answers = dict[tuple[str, str], Given]
"""What a submission gave, by case and output."""


class Explanation(NamedTuple):
    """A set of mistakes and the outputs that it predicts as they were given."""

    mistakes: Mistakes
    explained: frozenset[tuple[str, str]]


class Question(NamedTuple):
    """What there is to explain in one question.

    `wrong` are the outputs that are not right, `raised` the cases that ended in an exception.
    """

    probe: str
    cases: Mapping[str, Case]
    given: Answers
    wrong: frozenset[tuple[str, str]]
    raised: frozenset[str]
    flat: bool

    def predicted(self, mistakes: Mistakes) -> frozenset[tuple[str, str]]:
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
                if same(given, expected) or (self.flat and same_flat(given, expected)):
                    agreed.add(key)
        return frozenset(agreed)


def explain(question: Question, known: Iterable[str]) -> Explanation:
    """The fewest mistakes that explain the most; those that are `known` from before cost nothing.

    Explained is what is predicted as it was given. Only sets that contradict nothing that is
    right are considered; where none explains all that is wrong, the one that explains most is
    taken, if it explains something.
    """
    everything = frozenset(
        (name, output)
        for name, case in question.cases.items()
        for output in answers(question.probe, case)
    )
    known = frozenset(known)
    best = Explanation(frozenset(), everything - question.wrong)
    alone: list[tuple[int, str]] = []
    candidates = [frozenset[str]()] + [frozenset([known_one]) for known_one in sorted(known)]
    if len(known) > 1:
        candidates.append(known)
    for base in candidates:
        explanation = Explanation(base, question.predicted(base))
        if explanation.explained == everything:
            return explanation
    for mistake in CATALOGUE:
        explained = question.predicted(frozenset([mistake]))
        if explained == everything:
            return Explanation(frozenset([mistake]), explained)
        hits = len(explained & question.wrong)
        if hits:
            alone.append((hits, mistake))
            if len(explained) > len(best.explained):
                best = Explanation(frozenset([mistake]), explained)
    names = [mistake for _, mistake in sorted(alone, key=lambda pair: -pair[0])]
    names = [*dict.fromkeys([*sorted(known), *names])][:MOST]
    for pair in combinations(names, 2):
        explained = question.predicted(frozenset(pair))
        if explained == everything:
            return Explanation(frozenset(pair), explained)
        if len(explained) > len(best.explained):
            best = Explanation(frozenset(pair), explained)
    return best


MOST = 25
"""How many mistakes are tried in pairs: those that explain most by themselves."""
