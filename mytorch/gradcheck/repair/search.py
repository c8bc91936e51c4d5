"""Searches the smallest change after which everything is right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from math import inf

from mytorch.gradcheck.repair.branches import choosing
from mytorch.gradcheck.repair.budget import EDIT, LINE, Budget
from mytorch.gradcheck.repair.candidates import NOTHING_KNOWN, Known, candidates
from mytorch.gradcheck.repair.cases import BREAKS, Case, in_order, nothing, quietly
from mytorch.gradcheck.repair.choosing import Found, Hit, Place, chosen, cost_of, place_of
from mytorch.gradcheck.repair.edit import Edit
from mytorch.gradcheck.repair.repeated import Edits, pairs_of_a_line, twice
from mytorch.gradcheck.repair.sensitivity import NO_EFFECTS, Effects, effects_of, probes
from mytorch.gradcheck.repair.sources import Function
from mytorch.gradcheck.repair.tracing import traced
from mytorch.gradcheck.repair.trying import NOTHING, Score, judged, made, scores

ROUNDS, EVERYWHERE = ((-9.0, 2.3), (2.3, 9.0)), (-9.0, 1.3)
"""What the edits of each round cost, and the same edit in a second place."""
FIRST = 1.5
"""What those cost at most that are tried first."""
MOST = 25_000
"""How many candidates are tried in one round."""
DEPTH = 3
"""How many edits at once are tried at most."""
USUAL, SECOND = 1.4, 1.7
"""What the own cost of an edit is at most that is tried before another one, and of one on top of
it: two unusual ones can mend anything.
"""
SLACK, EXTRA_SECONDS = 0.7, 1.0
"""How much more unusual edits are still tried after a first one that works, and how long."""
MOST_OF_A_LINE = 10
"""How many edits of one line are confirmed."""
CONFIRMING, CAREFUL = 2.0, 0.6
"""How many seconds a confirmation may take, and which share is for what may not be written yet."""
SEEDS, MOST_SEEDS, SOON = 4, 60, 2
"""After how many edits that mend something a second one is searched, of how many, and after how
many at once.
"""
SINGLES, TWICE, RESERVED = 0.35, 0.12, 0.4
"""Which share of the time is left after single edits, used for the same edit twice, and left after
second ones on top of those that mend something.
"""


class Search:
    """Repairs the code of `functions` so that all `cases` come right, and `confirm` agrees.

    `confirm` says NOTHING where it does not, BREAKS where only something else gets wrong (such
    edits are `refused`), else how much is right then, where more is better, and a number of what
    is given besides: changes with different ones are not the same; `holds` may refuse what is
    confirmed. What was repaired `before` stays. `seconds` is the budget, in time of the processor.
    Nothing is random.
    """

    def __init__(
        self,
        functions: Sequence[Function],
        cases: Sequence[Case],
        confirm: Callable[[], Score],
        seconds: float,
        before: Edits = (),
        known: Known = NOTHING_KNOWN,
        holds: Callable[[Edits], bool] = lambda edits: True,
    ) -> None:
        self.functions, self.cases, self.confirm = functions, list(cases), confirm
        self.budget, self.before, self.known = Budget(seconds), before, known
        self.limit, self.lines, self.extreme, self.holds = 0.1, 0, False, holds
        self.effects: Effects = NO_EFFECTS
        self.refused: list[Edits] = []

    def run(self) -> Found | None:
        """The repair, one usual edit where something may not be written yet; None without any."""
        if not self.known.careful:
            found = self._repair(self.before, DEPTH)
            return found and self._needed(found)
        self.budget.seconds *= CAREFUL
        if not self._order(self.before):
            return None
        every = self._candidates(self.before, *ROUNDS[0])
        other = set(map(id, choosing(every)))  # what is missing in one branch needs no other one
        return self._best(self.before, _alone([e for e in every if id(e) not in other]))[0]

    def _repair(self, before: Edits, depth: int) -> Found | None:
        """One usual edit; one made twice; a second one after those that mend something; any."""
        if self.budget.is_over or not self._order(before):
            return None
        start = self.budget.left
        every = self._candidates(before, *ROUNDS[0])
        if depth < DEPTH:
            every = [edit for edit in every if edit.own <= SECOND]
        usual = sum(edit.cost <= FIRST for edit in every)
        found, better = self._best(before, _alone(every), most=FIRST)
        if depth <= 1:
            return found or self._best(before, _alone(every[usual:]))[0]
        later, tried = every[usual:], 0
        if found is None and not before:
            pairs = twice(self._everywhere(), self.effects)
            found, _ = self._best(before, pairs, self.budget.left - TWICE * start)
        if found is None:
            found = self._soon(before, better)
        if found is None:
            found, more = self._best(before, _alone(later), SINGLES * start)
            better, tried = better + more, self.tried
        if found is None:
            found = self._more(before, better, depth)
        if found is None:
            self._order(before)
            found = self._more(before, self._mending(before, every), depth)
        if found is None:
            self._order(before)
            found, _ = self._best(before, _alone(later[tried:]))
        if found is None:
            found, _ = self._best(before, pairs_of_a_line(every[:usual], USUAL))
        if found is None and not before:
            found, better = self._best(before, _alone(self._candidates(before, *ROUNDS[1])))
            found = found or self._more(before, better, depth)
        return found

    def _soon(self, before: Edits, better: list[tuple[Score, Edits]]) -> Found | None:
        """A usual edit on top of one of the best of those that make more right."""
        places: set[Place] = set()
        for edits in self._ranked(before, better):
            if place_of(edits) not in places and len(places) < SOON and not self.budget.is_over:
                places.add(place_of(edits))
                self._order(whole := (*before, *edits))
                usual = self._candidates(whole, ROUNDS[0][0], FIRST)
                found, _ = self._best(whole, _alone(usual), SINGLES * self.budget.left)
                if found is not None:
                    return found
        self._order(before)
        return None

    def _ranked(self, before: Edits, better: list[tuple[Score, Edits]]) -> list[Edits]:
        """Those first with which the most results of all cases are right."""
        better.sort(key=lambda pair: ((-pair[0][0], -pair[0][1]), cost_of(pair[1])))
        likely = [edits for _, edits in better[:MOST_SEEDS]]
        scored = [
            (score[1], edits) for edits, score in self._scores(before, likely, self._judge_each)
        ]
        return [edits for _, edits in sorted(scored, key=lambda pair: (-pair[0], cost_of(pair[1])))]

    def _needed(self, found: Found) -> Found:
        """A repair without those of its edits that it does not need."""
        edits = found.edits
        for edit in found.edits[len(self.before) :]:
            fewer = tuple(other for other in edits if other is not edit)
            right = judged(fewer, self._judge, 10.0) == (len(self.cases), 0)
            if right and self._confirmed((), fewer)[0] >= 0:
                edits = fewer
        found.edits = edits
        return found

    def _more(self, before: Edits, better: list[tuple[Score, Edits]], depth: int) -> Found | None:
        """A repair on top of one of the edits that make more right."""
        lines: set[Place] = set()
        enough = RESERVED * self.budget.left
        for edits in self._ranked(before, better):
            if place_of(edits) in lines or len(lines) >= SEEDS:
                continue
            lines.add(place_of(edits))
            found = self._repair((*before, *edits), depth - 1)
            if found is not None or self.budget.left < enough:
                return found
        return None

    def _best(
        self,
        before: Edits,
        candidates: Sequence[Edits],
        least: float = 0.0,
        most: float = inf,
    ) -> tuple[Found | None, list[tuple[Score, Edits]]]:
        """The most usual candidate that makes all right, and those that make more right.

        It ends where only `least` seconds are left, and at those that cost more than `most` where
        none was found; `tried` is how many were tried until then.
        """
        self.tried = 0
        base = judged(before, self._judge, 10.0)
        hits: list[Hit] = []
        better: list[tuple[Score, Edits]] = []
        places: Counter[Place] = Counter()
        enough = least
        for edits, score in self._scores(before, candidates, self._judge):
            self.tried += 1
            if self.budget.left < enough or cost_of(edits) > most:
                break
            if score == (len(self.cases), 0) and places[place_of(edits)] < MOST_OF_A_LINE:
                places[place_of(edits)] += 1
                confirmed = self._confirmed(before, edits)
                if confirmed == BREAKS:
                    self.refused.append((*before, *edits))
                if confirmed[0] < 0 or not self.holds((*before, *edits)):
                    continue
                if not hits:
                    most = cost_of(edits) + SLACK
                    enough = self.budget.left - EXTRA_SECONDS
                hits.append(Hit(edits, confirmed))
            elif score > base:
                better.append((score, edits))
        if not hits:
            return None, better
        return chosen(before, hits), better

    def _order(self, before: Edits) -> bool:
        """Puts the cases in the order of `in_order`; whether any is wrong."""
        with made(before):
            found = in_order(self.cases)
        self.cases = [one.case for one in found]
        self.lines, self.extreme = found[0].lines, found[0].extreme
        self.limit = max(0.1, 10 * LINE * sum(one.lines for one in found))
        return not all(one.right for one in found)

    def _judge(self) -> Score:
        for number, case in enumerate(self.cases):
            asked = case(False, nothing)
            if not asked.all:
                return number, asked.right
        return len(self.cases), 0

    def _judge_each(self) -> Score:
        """How many results of all cases are right, also those after a wrong one."""
        return 0, sum(case(True, nothing).right for case in self.cases)

    def _candidates(self, before: Edits, low: float, high: float) -> list[Edit]:
        """The edits of what ran before the first wrong result, in the order they are tried."""
        results = [0]

        def count() -> None:
            results[0] += 1

        with made(before):
            ran = traced(self.functions, lambda: quietly(self.cases[0], count), lambda: results[0])
            likely = probes(self.functions, ran)
            base = quietly(self.cases[0], nothing, True)

        def scored(judge: Callable[[], Score]) -> Iterator[tuple[Edits, Score]]:
            return self._scores(before, [(edit,) for edit in likely], judge)

        self.effects = effects_of(likely, self.cases[0], base, scored)
        with made(before):
            found = candidates(self.functions, ran, self.known, self.effects, low, high)
        self.budget.spent += EDIT * len(found)
        return found[:MOST]

    def _everywhere(self) -> list[Edit]:
        """The usual edits of all that runs in the cases, wherever a wrong result comes from."""

        def run() -> None:
            for case in self.cases:
                quietly(case, nothing, True)

        ran = traced(self.functions, run, int)
        known = self.known._replace(passed={})
        found = candidates(self.functions, ran, known, NO_EFFECTS, *EVERYWHERE)
        self.budget.spent += 2 * EDIT * len(found)  # each is compared with the others
        return found

    def _scores(
        self, before: Edits, candidates: Sequence[Edits], judge: Callable[[], Score]
    ) -> Iterator[tuple[Edits, Score]]:
        every = [(*before, *edits) for edits in candidates]
        found = scores(every, judge, self.limit, self.budget, self.lines,
                       lambda: [quietly(case, nothing, True) for case in self.cases])  # fmt: skip
        return ((candidates[index], score) for index, score in found)

    def _mending(self, before: Edits, candidates: Sequence[Edit]) -> list[tuple[Score, Edits]]:
        """The usual edits that mend a wrong result; of any case, where the first is extreme."""
        cases = self.cases if self.extreme else self.cases[:1]
        with made(before):
            base = [quietly(case, nothing, True).which for case in cases]

        def mended() -> Score:
            now = [quietly(case, nothing, True).which for case in cases]
            return 0, sum((new & ~old).bit_count() for new, old in zip(now, base, strict=True))

        usual = [(edit,) for edit in candidates if edit.cost - edit.blame * self.extreme <= USUAL]
        return [
            (score, edits) for edits, score in self._scores(before, usual, mended) if score[1] > 0
        ]

    def _confirmed(self, before: Edits, edits: Edits) -> Score:
        """What `confirm` says of edits; NOTHING where it refuses them."""
        limit = 5 * self.limit + CONFIRMING
        every = [(*before, *edits)]
        found = list(scores(every, self.confirm, limit, Budget(limit)))
        return found[0][1] if found else NOTHING


def _alone(edits: Sequence[Edit]) -> list[Edits]:
    return [(edit,) for edit in edits]
