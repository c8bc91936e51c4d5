"""In the child: whether a change holds on more than the question that it mends."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from mytorch.gradcheck.repair.branches import choosing
from mytorch.gradcheck.repair.cases import BREAKS, Asked, Case
from mytorch.gradcheck.repair.choosing import Edits
from mytorch.gradcheck.repair.sources import Function
from mytorch.gradcheck.repair.tracing import key_of, traced
from mytorch.gradcheck.repair.trying import NOTHING, Score, made, stoppable, timed

SECONDS = 1.0
"""How many seconds a case may take."""
MOST = 1 << 62
"""What a score may hold at most."""
ELSEWHERE, GENERAL, EXACT = 4, 2, 1
"""What counts for a change: each case of other questions that comes right, being right with other
settings and shapes, too, and exact results.
"""


class Evidence:
    """What fresh cases say of a change of the code, as it is when this is made.

    Attributes
    ----------
    right : by question the cases of `others` that are right; they must stay so.
    """

    def __init__(
        self, own: Sequence[Case], varied: Sequence[Case], others: Sequence[Sequence[Case]]
    ) -> None:
        self._own, self._varied = own, varied
        self.right = [list(filter(all_right, cases)) for cases in others]
        self._kept = [case for cases in self.right for case in cases]
        wrong = [case for cases in others for case in cases if case not in self._kept]
        self._wrong = [(case, asked(case).which) for case in wrong]

    def judge(self) -> Score:
        """Whether the own cases are right, and nothing that was right elsewhere gets wrong.

        Of two changes the one is better that makes more of what is wrong elsewhere right, then
        the one that is right with other settings, too, then the one whose results are exact. The
        second number tells apart what they give elsewhere.
        """
        own = list(map(asked, self._own))
        if not all(one.all for one in own):
            return NOTHING
        if not all(map(all_right, self._kept)):
            return BREAKS
        now = [asked(case) for case, _ in self._wrong]
        if any(old & ~new.which for (_, old), new in zip(self._wrong, now, strict=True)):
            return BREAKS
        worth = ELSEWHERE * sum(one.all for one in now) + GENERAL * self.is_general()
        worth += EXACT * all(one.exact for one in own)
        return worth, sum(one.digest for one in now) % MOST

    def helps(self) -> bool:
        """Whether more results elsewhere come right than wrong with the code as it is now."""
        now = [(old, asked(case).which) for case, old in self._wrong]
        better = sum((new & ~old).bit_count() for old, new in now)
        return better > sum((old & ~new).bit_count() for old, new in now)

    def is_general(self) -> bool:
        """Whether the code as it is now is right with other settings."""
        return all(map(all_right, self._varied))


def is_doubted(score: Score) -> bool:
    """Whether a change that is right is so by chance, as it seems."""
    return score[0] % ELSEWHERE != GENERAL + EXACT


def asked(case: Case) -> Asked:
    """What a case gives, all of it; nothing where it raises an exception or takes too long."""
    try:
        with stoppable(), timed(SECONDS):
            return case(True, lambda: None)
    except BaseException:
        return Asked(0, False)


def all_right(case: Case) -> bool:
    """Whether a case is right, and in time."""
    try:
        with stoppable(), timed(SECONDS):
            return case(False, lambda: None).all
    except BaseException:
        return False


def lines_of(functions: Sequence[Function], cases: Sequence[Case]) -> set[tuple[str, int]]:
    """The lines that run in some cases, by the key of their function."""
    ran = traced(functions, lambda: [*map(all_right, cases)], int)
    return {(key, line) for key, trace in ran.items() for line in trace.lines}


def avoids(
    functions: Sequence[Function],
    edits: Edits,
    done: Edits,
    own: Sequence[Case],
    others: Sequence[Case],
) -> bool:
    """Whether a line that ran in a question never runs after edits of conditions or values.

    Then it may be the wrong one. Lines of their own functions count; `done` are the edits that were
    made before. Where there are edits of conditions, the other ones are not made.
    """
    conditions = choosing(edits)
    if any(isinstance(edit.place, ast.stmt) for edit in edits) and not conditions:
        return False
    if conditions:
        edits = tuple(edit for edit in edits if edit in done or edit in conditions)
    changed = {key_of(edit.function) for edit in edits}
    with made(done):
        before = lines_of(functions, own)
    with made(edits):
        gone = before - lines_of(functions, own)
        gone = {(key, line) for key, line in gone if key in changed}
        return bool(gone and gone - lines_of(functions, others))
