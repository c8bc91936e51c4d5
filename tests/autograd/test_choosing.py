"""Which change is said of several that make everything right.

The oracles are what a person would say who reads the code.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from mytorch.gradcheck.repair.cases import digest
from mytorch.gradcheck.repair.choosing import Edits, Hit, chosen
from mytorch.gradcheck.repair.edit import Change, Edit
from mytorch.gradcheck.repair.explain import change, described
from mytorch.gradcheck.repair.sources import Function
from mytorch.gradcheck.repair.syntax import parse
from tests.support.modules import module_of

CODE = """
def step(w, v, g, n, lr):
    g = g / n
    v = v - lr * g
    w = w + lr * v
    return w
"""


@pytest.fixture
def function(tmp_path: Path) -> Function:
    _, (found,) = module_of(tmp_path, CODE)
    return found


def edit(function: Function, line: int, after: str, cost: float) -> Edit:
    """The value of a line in another way."""
    statement = function.node.body[line - 3]
    value = statement.value  # type: ignore[attr-defined]
    new = parse(after)
    return Edit(function, [Change(statement, "value", None, new)], cost, "term", value, value, new)


def said(edits: Edits, others: Sequence[Edits]) -> list[tuple[int, list[int]]]:
    return [(one["line"], one["others"]) for one in described(edits, others, Path())]


def test_the_shorter_of_two_that_give_the_same(function: Function) -> None:
    long = edit(function, 3, "g / n * len(g)", 0.4)
    short = edit(function, 3, "g", 0.6)
    found = chosen((), [Hit((long,), (7, 5)), Hit((short,), (7, 5))])
    assert [change(one) for one in found.edits] == ["`g / n` -> `g`"]
    assert found.is_sure
    assert found.others == []


def test_what_mends_more_elsewhere_comes_first(function: Function) -> None:
    usual, better = edit(function, 3, "g", 0.2), edit(function, 4, "v - g", 0.7)
    assert chosen((), [Hit((usual,), (3, 0)), Hit((better,), (5, 9))]).edits == (better,)


def test_of_two_that_differ_elsewhere_none_is_sure(function: Function) -> None:
    """Both are right in the question, where something is 0; elsewhere only one may be."""
    one, two = edit(function, 4, "v - g", 0.7), edit(function, 4, "-lr * g", 0.8)
    found = chosen((), [Hit((one,), (3, 500)), Hit((two,), (3, 900))])
    assert not found.is_sure
    (told,) = described(found.edits, found.others, Path(), found.is_sure)
    assert (told["line"], told["change"], told["kind"]) == (4, "", "line")
    assert chosen((), [Hit((one,), (3, 500)), Hit((two,), (3, 502))]).is_sure


def test_where_many_methods_would_do_none_is_known(tmp_path: Path) -> None:
    _, found = module_of(tmp_path, "".join(CODE.replace("step", name) for name in "abc"))
    assert [function.name for function in found] == ["a", "b", "c"]
    hits = [Hit((edit(function, 3, "g", 0.5),), (1, 0)) for function in found]
    assert chosen((), hits[:2]).is_placed
    assert not chosen((), hits).is_placed
    usual = Hit((edit(found[0], 3, "g", 0.1),), (1, 0))
    assert chosen((), [usual, *hits[1:]]).is_placed


def test_each_line_is_said_with_the_one_that_would_do_instead(function: Function) -> None:
    three, four, five, six = (edit(function, line, "g", 0.5) for line in (3, 4, 5, 6))
    assert said((three, four), [(five, six)]) == [(3, [5]), (4, [6])]
    assert said((three, four), [(four, five)]) == [(3, [5]), (4, [])]
    assert said((three,), [(four,), (five,)]) == [(3, [4, 5])]


@pytest.mark.parametrize("change", [1.0, -1.0])
def test_a_digest_tells_results_apart_but_not_by_rounding(change: float) -> None:
    value = np.random.default_rng(0).normal(size=(4, 3))
    other = value.copy()
    other[2, 1] += change * 1e-3
    assert abs(digest(value) - digest(value * (1 + 1e-13))) <= 1
    assert abs(digest(value) - digest(other)) > 100
    assert digest(np.array([np.inf])) == digest(None) == 0
