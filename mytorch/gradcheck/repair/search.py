"""Searches the smallest change after which everything is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mytorch.gradcheck.repair.branches import choosing
from mytorch.gradcheck.repair.choosing import RIVALS, Edits, Found, Place, cost_of, place_of
from mytorch.gradcheck.repair.edit import Edit, restated
from mytorch.gradcheck.repair.repeated import pairs_of_a_line, twice
from mytorch.gradcheck.repair.trials import SLACK, USUAL, Trials
from mytorch.gradcheck.repair.trying import Score, judged

ROUNDS = (-9.0, 2.3), (2.3, 9.0)
"""What the edits of each round cost."""
FIRST = 1.5
"""What those cost at most that are tried first."""
SECOND = 1.7
"""What the own cost of an edit is at most that is tried on top of another one."""
LIKELY = 1.1
"""What a single edit costs at most of which it is not asked whether two like ones cost less."""
CAREFUL = 0.6
"""Which share of the time is used where something may not be written yet."""
SEEDS, MOST_SEEDS, SOON = 4, 60, 2
"""After how many edits that mend something a second one is searched, of how many, and after how
many at once.
"""
SINGLES, TWICE, RESERVED = 0.35, 0.12, 0.4
"""Which share of the time is left after single edits, used for the same edit twice, and left after
second ones on top of those that mend something.
"""
TOGETHER = 3.0
"""What two edits of different kinds cost at most; more unusual ones can mend anything."""
SETTLING = 3.0
"""How many seconds there are at least for what would do instead of two edits."""


class Search(Trials):
    """Repairs the code so that all cases come right, by one edit or two, usual ones first."""

    def run(self) -> Found | None:
        """The repair, one usual edit where something may not be written yet; None without any."""
        if self.known.careful:
            return self._careful()
        found = self._repair()
        return found and self._settled(self._needed(found))

    def _careful(self) -> Found | None:
        self.budget.seconds *= CAREFUL
        if not self._order(self.before):
            return None
        every = self._candidates(self.before, *ROUNDS[0])
        other = set(map(id, choosing(every)))  # what is missing in one branch needs no other one
        return self._best(self.before, _alone([e for e in every if id(e) not in other]))[0]

    def _repair(self) -> Found | None:
        """What the first of the attempts finds that finds anything."""
        return next(filter(None, self._attempts()), None)

    def _attempts(self) -> Iterator[Found | None]:
        """One usual edit; one made twice; a second one after those that mend something; any."""
        before = self.before
        if self.budget.is_over or not self._order(before):
            return
        start = self.budget.left
        every = self._candidates(before, *ROUNDS[0])
        usual = sum(edit.cost <= FIRST for edit in every)
        later = every[usual:]
        found, better = self._best(before, _alone(every), most=FIRST)
        if not before and (found is None or cost_of(found.edits) > LIKELY):
            found = self._twice(found, self.budget.left - TWICE * start)
        yield found
        yield self._soon(better)
        found, more = self._best(before, _alone(later), SINGLES * start)
        tried = self.tried
        yield found
        yield self._more(better + more)
        self._order(before)
        yield self._more(self._mending(before, every))
        self._order(before)
        yield self._best(before, _alone(later[tried:]))[0]
        yield self._best(before, pairs_of_a_line(every[:usual], USUAL))[0]
        if not before:
            found, better = self._best(before, _alone(self._candidates(before, *ROUNDS[1])))
            yield found
            yield self._more(better)

    def _twice(self, found: Found | None, least: float) -> Found | None:
        """The same edit in two places; beside an edit that costs more nothing is sure."""
        pairs = twice(self._everywhere(), self.effects)
        if found:
            pairs = [pair for pair in pairs if cost_of(pair) < cost_of(found.edits)]
        both, _ = self._best((), pairs, least)
        if both and found:
            found.others[:0] = [(edit,) for edit in both.edits]
            found.is_sure = False
        return found or both

    def _soon(self, better: list[tuple[Score, Edits]]) -> Found | None:
        """A usual edit on top of one of the best of those that make more right."""
        places: set[Place] = set()
        for edits in self._ranked(self.before, better):
            if place_of(edits) not in places and len(places) < SOON and not self.budget.is_over:
                places.add(place_of(edits))
                self._order(whole := (*self.before, *edits))
                usual = self._candidates(whole, ROUNDS[0][0], FIRST)
                found, _ = self._best(whole, _alone(usual), SINGLES * self.budget.left)
                if found is not None:
                    return found
        self._order(self.before)
        return None

    def _more(self, better: list[tuple[Score, Edits]]) -> Found | None:
        """A repair on top of one of the edits that make more right."""
        lines: set[Place] = set()
        enough = RESERVED * self.budget.left
        for edits in self._ranked(self.before, better):
            if place_of(edits) in lines or len(lines) >= SEEDS or self.budget.is_over:
                continue
            lines.add(place_of(edits))
            self._order(whole := (*self.before, *edits))
            every = self._candidates(whole, *ROUNDS[0])
            most, kind = TOGETHER - cost_of(edits), edits[0].kind
            second = [e for e in every if e.own <= SECOND and (e.cost <= most or e.kind == kind)]
            found, _ = self._best(whole, _alone(second))
            if found is not None or self.budget.left < enough:
                return found
        return None

    def _settled(self, found: Found) -> Found:
        """Of two edits the best ones: a single one that would do, or each with the other one.

        What would do instead of one is among `others`.
        """
        first = len(self.before)
        new = found.edits[first:]
        if len(new) < 2:
            return found
        self.budget.seconds = max(self.budget.seconds, self.budget.spent + SETTLING)
        if (most := cost_of(new) + SLACK) > FIRST:
            self._order(self.before)
            every = self._candidates(self.before, ROUNDS[0][0], most)
            single, _ = self._best(self.before, _alone(every))
            if single is not None:
                return single
        for edit in new:
            rest = tuple(other for other in found.edits[first:] if other is not edit)
            self._order(whole := (*self.before, *rest))
            every = self._candidates(whole, ROUNDS[0][0], edit.cost + RIVALS)
            instead, _ = self._best(whole, _alone(every))
            if instead is not None:
                best = instead.edits[-1:]
                if place_of(best) == place_of((edit,)) and cost_of(best) > edit.cost - RIVALS:
                    best = (edit,)
                others = [(*rest, *other) for other in (*instead.others, (edit,))]
                found = Found(
                    (*whole, *best), [*found.others, *others],
                    found.is_sure and instead.is_sure, found.is_placed and instead.is_placed,
                )  # fmt: skip
        return found

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
            if right and self._confirmed((), fewer)[0] >= 0 and self.holds(fewer):
                edits = fewer
        found.edits = tuple(map(restated, edits))
        return found


def _alone(edits: Sequence[Edit]) -> list[Edits]:
    return [(edit,) for edit in edits]
