"""Bad input: every public callable answers rightly, or says what was expected; see tests/fuzz."""

import numpy as np
import pytest

from tests.fuzz.judge import Case, judge
from tests.fuzz.table import ENTRIES, excluded, public

FEW, MANY = 900, 10_000


def cases(name: str, total: int) -> list[Case]:
    """This callable's share of `total` cases, every argument in turn."""
    entry = ENTRIES[name]
    pairs = sum(len(e.arguments) for e in ENTRIES.values())
    each = -(-total // pairs)
    return [Case(entry, argument, n) for argument in entry.arguments for n in range(each)]


@pytest.mark.parametrize("name", ENTRIES)
def test_good_input_is_taken(name: str) -> None:
    """Else a case would be right for another reason than its own."""
    entry = ENTRIES[name]
    arguments = {argument: kind.good() for argument, kind in entry.arguments.items()}
    with np.errstate(all="ignore" if entry.domain else None):
        entry.call(**arguments)


@pytest.mark.parametrize("name", ENTRIES)
def test_hostile_input(name: str, slow: bool) -> None:
    wrong = [
        f"{case}\n    {complaint}"
        for case in cases(name, MANY if slow else FEW)
        if (complaint := judge(case)) is not None
    ]
    assert not wrong, f"{len(wrong)} wrong answers\n" + "\n".join(wrong[:10])


def test_every_public_name_is_in_the_table_or_left_out_for_a_reason() -> None:
    names = set(public())
    missing = {name for name in names - ENTRIES.keys() if not excluded(name)}
    assert not missing, f"no entry in tests/fuzz for {sorted(missing)}"
