"""Searches the smallest change after which everything is right."""

from __future__ import annotations

import ast
import re
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from mytorch.gradcheck.repair import enumeration
from mytorch.gradcheck.repair.edit import Change, Edit
from mytorch.gradcheck.repair.sources import Function, is_unwritten
from mytorch.gradcheck.repair.tracing import Trace, key_of, traced
from mytorch.gradcheck.repair.trying import NOTHING, Budget, Score, judged, made, scores

MOST = 25_000
"""How many candidates are made in one round."""
DEPTH = 3
"""How many edits at once are tried at most."""
LATER = 0.9
"""How much less usual a mistake is in code that ran before the last right result."""
TRUSTED = 2.0
"""How much less usual a mistake is in a class that is right when it is asked alone."""
ADDING = ("statement", "term")
"""The kinds of edits that may add what was never written."""
USUAL = 1.4
"""What an edit costs at most that is tried together with another one."""
SLACK, EXTRA_SECONDS = 0.7, 1.0
"""How much more unusual edits are still tried after a first one that works, and how long."""
MOST_OF_A_LINE = 4
"""How many edits of one line are confirmed."""
CONFIRMING = 2.0
"""How many seconds a confirmation may take."""
SEEDS = 5
"""After how many edits that mend something a second one is searched."""
WORD = re.compile(r"\w+")


class Asked(NamedTuple):
    """What one case gives: how many results are right, and whether all are.

    Only those before the first wrong one are counted, but where the case is asked thoroughly.
    """

    right: int
    all: bool


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
    repaired `before` stays. The classes and methods in `trusted` are right by
    themselves. With `careful`
    nothing is added that may only not be written yet, and nothing is searched where a method of
    the class `about` that is not written ran last. `seconds` is the budget, in time of the
    processor. Nothing is random.
    """

    def __init__(
        self,
        functions: Sequence[Function],
        cases: Sequence[Case],
        confirm: Callable[[], Score],
        seconds: float,
        before: Edits = (),
        careful: bool = False,
        trusted: Collection[str] = (),
        about: str = "",
    ) -> None:
        self.functions, self.cases, self.confirm = functions, list(cases), confirm
        self.budget = Budget(seconds)
        self.before, self.careful, self.trusted = before, careful, set(trusted)
        self.modules = {f.file: _modules(f.tree) for f in functions}
        self.about, self.limit = about, 0.1

    def run(self) -> Found | None:
        """The repair; None where there is none, or nothing is wrong."""
        return self._repair(self.before, DEPTH)

    def _repair(self, before: Edits, depth: int) -> Found | None:
        """One edit; then a second one after those that mend something; then two in one line."""
        if not self._order(before):
            return None
        candidates = self._candidates(before)
        found, better = self._best(before, [(edit,) for edit in candidates])
        if found is not None or depth <= 1 or self.budget.is_over:
            return found
        better = better or self._mending(before, candidates)
        better.sort(key=lambda pair: ((-pair[0][0], -pair[0][1]), _cost(pair[1])))
        lines: set[Place] = set()
        for _, edits in better:
            if _place(edits) in lines or len(lines) >= SEEDS:
                continue
            lines.add(_place(edits))
            found = self._repair((*before, *edits), depth - 1)
            if found is not None or self.budget.is_over:
                return found
        self._order(before)
        return self._best(before, _pairs_of_a_line(candidates))[0]

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
        """Counts the right results of the first case, those after a wrong one too."""
        return 0, self.cases[0](True, _nothing).right

    def _candidates(self, before: Edits) -> list[Edit]:
        """The edits of what ran before the first wrong result, in the order they are tried."""
        results = [0]

        def count() -> None:
            results[0] += 1

        ranked: list[Edit] = []
        with made(before):
            ran = traced(self.functions, lambda: _quietly(self.cases[0], count), lambda: results[0])
            last = max((trace.when for trace in ran.values()), default=0)
            if any(self._is_unwritten(f, ran.get(key_of(f)), last) for f in self.functions):
                return []
            for function in self.functions:
                trace = ran.get(key_of(function))
                if trace is None:
                    continue
                trusted = TRUSTED if self.trusted & {*function.outer, function.node.name} else 0.0
                for edit in enumeration.edits(function, trace, self.modules[function.file]):
                    if not (self.careful and edit.kind in ADDING):
                        edit.cost += trusted + _penalty(edit, trace, last)
                        ranked.append(edit)
        ranked.sort(key=lambda edit: edit.cost)
        return ranked[:MOST]

    def _is_unwritten(self, function: Function, trace: Trace | None, last: int) -> bool:
        own = self.about != "" and self.about in function.outer
        return own and trace is not None and trace.when >= last and is_unwritten(function.node)

    def _scores(
        self, before: Edits, candidates: Sequence[Edits], judge: Callable[[], Score]
    ) -> Iterator[tuple[Edits, Score]]:
        every = [(*before, *edits) for edits in candidates]
        for index, score in scores(every, judge, self.limit, self.budget):
            yield candidates[index], score

    def _mending(self, before: Edits, candidates: Sequence[Edit]) -> list[tuple[Score, Edits]]:
        """The usual edits that make more results of a case right, whatever comes before them."""
        base = judged(before, self._judge_all, 10.0)
        usual = [(edit,) for edit in candidates if edit.cost <= USUAL]
        return [(s, e) for e, s in self._scores(before, usual, self._judge_all) if s > base]

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
        if where is not elsewhere and where != elsewhere
    ]
    found.sort(key=itemgetter(0))
    return [(one, two) for _, one, two in found[:MOST]]


def _cost(edits: Edits) -> float:
    return sum(edit.cost for edit in edits)


def _place(edits: Edits) -> Place:
    return edits[0].function.file, edits[0].line


def _penalty(edit: Edit, trace: Trace, last: int) -> float:
    """How much less usual a mistake is at this place, by what the run says."""
    penalty = 0.0 if trace.when >= last else LATER
    if edit.function.node.name == "__init__":
        penalty += 0.3
    if edit.line in trace.raised:
        penalty -= 0.5
    if trace.missing and trace.missing & set(WORD.findall(edit.before)):
        penalty -= 0.7
    return penalty


def _quietly(case: Case, after_each: Callable[[], None]) -> Asked | None:
    try:
        return case(False, after_each)
    except Exception:
        return None


def _nothing() -> None:
    pass


def _modules(tree: ast.Module) -> dict[str, str]:
    """The modules that a file imports, and what it calls them."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name: alias.asname or alias.name for alias in node.names}
    return found
