"""Searches the smallest change after which everything is right."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from mytorch.gradcheck.repair.candidates import NOTHING_KNOWN, Known, candidates
from mytorch.gradcheck.repair.edit import Change, Edit
from mytorch.gradcheck.repair.sources import Function
from mytorch.gradcheck.repair.tracing import traced
from mytorch.gradcheck.repair.trying import NOTHING, Budget, Score, judged, made, scores

ROUNDS = ((-9.0, 2.3), (2.3, 9.0))
"""What the edits that are made at once cost."""
FIRST, LINE = 1.5, 2.4
"""What those cost at most that are tried first, and then two of them in one line together."""
MOST_PAIRS = 3_000
"""How many pairs of edits of one line are tried."""
MOST = 25_000
"""How many candidates are tried in one round."""
DEPTH = 3
"""How many edits at once are tried at most."""
USUAL = 1.4
"""What an edit costs at most that is tried together with another one."""
SLACK, EXTRA_SECONDS = 0.7, 1.0
"""How much more unusual edits are still tried after a first one that works, and how long."""
MOST_OF_A_LINE = 4
"""How many edits of one line are confirmed."""
CONFIRMING = 2.0
"""How many seconds a confirmation may take."""
SEEDS = 4
"""After how many edits that mend something a second one is searched."""
RESERVED = 0.4
"""Which share of the time is left for other edits when a second one is searched."""


class Asked(NamedTuple):
    """What one case gives: how many results are right, whether all are, and which, as bits.

    Only those before the first wrong one are counted, but where the case is asked thoroughly.
    """

    right: int
    all: bool
    which: int = 0


Case = Callable[[bool, Callable[[], None]], Asked]
"""Asks one case: whether to go on after a wrong result, and what is called after each result."""
Edits = tuple[Edit, ...]
Place = tuple[Path, int]


@dataclass
class Found:
    """A repair: edits that make everything right together, and others that the last could be."""

    edits: Edits
    others: list[Edit] = field(default_factory=list)


class Search:
    """Repairs the code of `functions` so that all `cases` come right, and `confirm` agrees.

    `confirm` says NOTHING where it does not, else how much is right then: more is better. What was
    repaired `before` stays. `seconds` is the budget, in time of the processor. Nothing is random.
    """

    def __init__(
        self,
        functions: Sequence[Function],
        cases: Sequence[Case],
        confirm: Callable[[], Score],
        seconds: float,
        before: Edits = (),
        known: Known = NOTHING_KNOWN,
    ) -> None:
        self.functions, self.cases, self.confirm = functions, list(cases), confirm
        self.budget, self.before, self.known, self.limit = Budget(seconds), before, known, 0.1

    def run(self) -> Found | None:
        """The repair; None where there is none, or nothing is wrong.

        Where something may not be written yet, only one usual edit may do.
        """
        if self.known.careful:
            self.budget.left /= DEPTH
            if not self._order(self.before):
                return None
            edits = self._candidates(self.before, ROUNDS[0][0], FIRST)
            return self._best(self.before, [(edit,) for edit in edits])[0]
        return self._repair(self.before, DEPTH)

    def _repair(self, before: Edits, depth: int) -> Found | None:
        """One usual edit; a second one after those that mend something; any; two in one line."""
        if not self._order(before):
            return None
        for low, high in ROUNDS if not before else ROUNDS[:1]:
            every = self._candidates(before, low, high)
            usual = [edit for edit in every if edit.cost <= FIRST]
            found = self._in(before, usual, depth)
            if found is not None or self.budget.is_over:
                return found
            if depth > 1:
                self._order(before)
                found = self._best(before, _pairs_of_a_line(usual))[0]
            found = found or self._in(before, every[len(usual) :], depth)
            if found is not None or self.budget.is_over:
                return found
            self._order(before)
        return None

    def _in(self, before: Edits, edits: Sequence[Edit], depth: int) -> Found | None:
        """One of these edits, or one of those that mend something with others."""
        found, better = self._best(before, [(edit,) for edit in edits])
        if found is not None or depth <= 1 or not edits or self.budget.is_over:
            return found
        found = self._more(before, better, depth) if better else None
        if found is not None or self.budget.is_over:
            return found
        self._order(before)
        return self._more(before, self._mending(before, edits), depth)

    def _more(self, before: Edits, better: list[tuple[Score, Edits]], depth: int) -> Found | None:
        """A repair on top of one of the edits that make more right."""
        better.sort(key=lambda pair: ((-pair[0][0], -pair[0][1]), _cost(pair[1])))
        lines: set[Place] = set()
        enough = RESERVED * self.budget.left
        for _, edits in better:
            if _place(edits) in lines or len(lines) >= SEEDS:
                continue
            lines.add(_place(edits))
            found = self._repair((*before, *edits), depth - 1)
            if found is not None or self.budget.left < enough:
                return found
        return None

    def _best(
        self, before: Edits, candidates: Sequence[Edits]
    ) -> tuple[Found | None, list[tuple[Score, Edits]]]:
        """The most usual candidate that makes all right, and those that make more right."""
        base = judged(before, self._judge, 10.0)
        hits: list[tuple[Score, Edits]] = []
        better: list[tuple[Score, Edits]] = []
        places: Counter[Place] = Counter()
        enough = 0.0
        for edits, score in self._scores(before, candidates, self._judge):
            if hits and (_cost(edits) > _cost(hits[0][1]) + SLACK or self.budget.left < enough):
                break
            if score == (len(self.cases), 0) and places[_place(edits)] < MOST_OF_A_LINE:
                places[_place(edits)] += 1
                confirmed = self._confirmed(before, edits)
                if confirmed == NOTHING:
                    continue
                if not hits:
                    enough = self.budget.left - EXTRA_SECONDS
                hits.append((confirmed, edits))
            elif score > base:
                better.append((score, edits))
        if not hits:
            return None, better
        most, best = min(hits, key=lambda hit: (-hit[0][0], round(_cost(hit[1]), 3)))
        others = [e[0] for s, e in hits if s == most and _place(e) != _place(best)]
        return Found((*before, *best), others), better

    def _order(self, before: Edits) -> bool:
        """Puts the case first that fails soonest, those that are right last; whether any fails."""
        timed = []
        with made(before):
            for case in self.cases:
                start = time.process_time()
                asked = _quietly(case, _nothing)
                timed.append((asked is not None and asked.all, time.process_time() - start, case))
        timed.sort(key=lambda entry: (entry[0], round(entry[1], 3)))
        self.cases = [case for _, _, case in timed]
        self.limit = max(0.1, 10 * sum(seconds for _, seconds, _ in timed))
        return not all(right for right, _, _ in timed)

    def _judge(self) -> Score:
        for number, case in enumerate(self.cases):
            asked = case(False, _nothing)
            if not asked.all:
                return number, asked.right
        return len(self.cases), 0

    def _judge_all(self) -> Score:
        """Which results of the first case are right, also those after a wrong one, as bits."""
        return 0, self.cases[0](True, _nothing).which

    def _candidates(self, before: Edits, low: float, high: float) -> list[Edit]:
        """The edits of what ran before the first wrong result, in the order they are tried."""
        results, start = [0], time.process_time()

        def count() -> None:
            results[0] += 1

        with made(before):
            ran = traced(self.functions, lambda: _quietly(self.cases[0], count), lambda: results[0])
            found = candidates(self.functions, ran, self.known, low, high)
        self.budget.left -= time.process_time() - start
        return found[:MOST]

    def _scores(
        self, before: Edits, candidates: Sequence[Edits], judge: Callable[[], Score]
    ) -> Iterator[tuple[Edits, Score]]:
        every = [(*before, *edits) for edits in candidates]
        for index, score in scores(every, judge, self.limit, self.budget):
            yield candidates[index], score

    def _mending(self, before: Edits, candidates: Sequence[Edit]) -> list[tuple[Score, Edits]]:
        """The usual edits that make more results of a case right, whatever comes before them."""
        _, base = judged(before, self._judge_all, 10.0)
        usual = [(edit,) for edit in candidates if edit.cost <= USUAL]
        scored = self._scores(before, usual, self._judge_all)
        return [((0, which.bit_count()), e) for e, (n, which) in scored if n >= 0 and which & ~base]

    def _confirmed(self, before: Edits, edits: Edits) -> Score:
        """What `confirm` says of edits; NOTHING where it refuses them."""
        limit = 5 * self.limit + CONFIRMING
        every = [(*before, *edits)]
        found = list(scores(every, self.confirm, limit, Budget(limit)))
        return found[0][1] if found else NOTHING


def _pairs_of_a_line(candidates: Iterable[Edit]) -> list[Edits]:
    """Every two usual edits of one line, the most usual first."""
    lines: dict[Place, list[tuple[Edit, float, Change]]] = {}
    for edit in candidates:
        if edit.cost <= USUAL and len(edit.changes) == 1:
            place = edit.changes[0]._replace(new=None)
            lines.setdefault(_place((edit,)), []).append((edit, edit.cost, place))
    found = [
        (cost + other, one, two)
        for edits in lines.values()
        for (one, cost, where), (two, other, elsewhere) in combinations(edits, 2)
        if cost + other <= LINE and where is not elsewhere and where != elsewhere
    ]
    found.sort(key=itemgetter(0))
    return [(one, two) for _, one, two in found[:MOST_PAIRS]]


def _cost(edits: Edits) -> float:
    return sum(edit.cost for edit in edits)


def _place(edits: Edits) -> Place:
    return edits[0].function.file, edits[0].line


def _quietly(case: Case, after_each: Callable[[], None]) -> Asked | None:
    try:
        return case(False, after_each)
    except Exception:
        return None


def _nothing() -> None:
    pass
