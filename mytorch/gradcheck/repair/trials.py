"""Tries changes of the code on its cases: which are right, and which make more right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from math import inf

from mytorch.gradcheck.repair.budget import EDIT, LINE, Budget
from mytorch.gradcheck.repair.candidates import NOTHING_KNOWN, Known, candidates
from mytorch.gradcheck.repair.cases import BREAKS, Case, in_order, nothing, quietly
from mytorch.gradcheck.repair.choosing import Edits, Found, Hit, Place, chosen, cost_of, place_of
from mytorch.gradcheck.repair.edit import Edit
from mytorch.gradcheck.repair.sensitivity import NO_EFFECTS, Effects, effects_of, probes
from mytorch.gradcheck.repair.sources import Function
from mytorch.gradcheck.repair.tracing import traced
from mytorch.gradcheck.repair.trying import NOTHING, Score, judged, made, scores

EVERYWHERE = -9.0, 1.3
"""What the edits cost that are tried in two places."""
MOST = 25_000
"""How many candidates are tried in one round."""
USUAL = 1.4
"""What the own cost of an edit is at most that is tried before another one: two unusual ones can
mend anything.
"""
SLACK, DOUBT, EXTRA_SECONDS = 0.7, 0.8, 1.0
"""How much more unusual edits are still tried after a first one that works, how much more besides
where that one is in doubt, and how long.
"""
MOST_OF_A_LINE = 10
"""How many edits of one line are confirmed."""
CONFIRMING = 2.0
"""How many seconds a confirmation may take."""


class Trials:
    """Changes of `functions`, which are tried on `cases`, and on what `confirm` asks.

    `confirm` says NOTHING where it does not agree, BREAKS where only something else gets wrong
    (such edits are `refused`), else how much is right then, where more is better, and a number of
    what is given besides: changes with different ones are not the same; where that is `doubted`,
    the search goes on for longer. `holds` may refuse what is confirmed. What was repaired `before`
    stays. `seconds` is the budget, in time of the processor.
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
        doubted: Callable[[Score], bool] = lambda score: False,
    ) -> None:
        self.functions, self.cases, self.confirm = functions, list(cases), confirm
        self.budget, self.before, self.known = Budget(seconds), before, known
        self.limit, self.lines, self.extreme, self.holds = 0.1, 0, False, holds
        self.doubted = doubted
        self.effects: Effects = NO_EFFECTS
        self.refused: list[Edits] = []

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
                    # where an exception is raised, the mistake may be before it
                    most = max(cost_of(edits), sum(one.own for one in edits)) + SLACK
                    most += DOUBT * self.doubted(confirmed)
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

    def _confirmed(self, before: Edits, edits: Edits) -> Score:
        """What `confirm` says of edits; NOTHING where it refuses them."""
        limit = 5 * self.limit + CONFIRMING
        every = [(*before, *edits)]
        found = list(scores(every, self.confirm, limit, Budget(limit)))
        return found[0][1] if found else NOTHING

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
