"""Candidates run in forks: what one of them does harms neither the search nor the next ones.

The oracles are values that are written down.
"""

import ast
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

from mytorch.gradcheck.repair.budget import Budget
from mytorch.gradcheck.repair.edit import Change, Edit
from mytorch.gradcheck.repair.enumeration import edits
from mytorch.gradcheck.repair.sources import Function
from mytorch.gradcheck.repair.syntax import parse, statements
from mytorch.gradcheck.repair.tracing import key_of, traced
from mytorch.gradcheck.repair.trying import BETWEEN, NOTHING, Score, scores
from tests.support.modules import module_of

Make = Callable[[str], tuple[ModuleType, list[Function]]]


@pytest.fixture
def module(tmp_path: Path) -> Make:
    return partial(module_of, tmp_path)


@pytest.mark.slow
def test_a_candidate_that_loops_or_fills_the_memory_costs_nothing(module: Make) -> None:
    code = "def f(n):\n    while n < 10:\n        n += 1\n    return n\n"
    made_module, (function,) = module(code)
    trace = traced([function], lambda: made_module.f(1), lambda: 0)[key_of(function)]
    every = [(edit,) for edit in edits(function, trace, {})]
    assert any(edit.after == "n -= 1" for (edit,) in every)  # it never ends

    def judge() -> Score:
        return int(made_module.f(1)), 0

    found = dict(scores(every, judge, 0.05, Budget(60)))
    assert found[[edit.after for (edit,) in every].index("n -= 1")] == NOTHING
    assert max(found) == len(every) - 1  # the others had their turn
    assert made_module.f(1) == 10  # here nothing has changed


def test_code_that_ends_its_process_costs_its_own_turn(module: Make) -> None:
    _, (function,) = module("import os\ndef f(n):\n    return n\n")
    (statement,) = function.node.body
    over = Edit(function, (), 0.0, "term", statement, [statement], [statement])
    turns = iter([3])

    def judge() -> Score:
        if next(turns, 0) == 3:
            import os

            os._exit(1)
        return 1, 0

    assert dict(scores([(over,)] * 3, judge, 0.5, Budget(30))) == {}
    assert dict(scores([(over,)] * 3, lambda: (1, 0), 0.5, Budget(30))) == {
        0: (1, 0), 1: (1, 0), 2: (1, 0),
    }  # fmt: skip


def test_what_a_candidate_spoils_is_not_held_against_all_others(module: Make) -> None:
    """`KEPT[0] = x` changes what all calls share: with it the others would be wrong, too."""
    code = "KEPT = [1]\ndef f(x):\n    y = x + 1\n    return y * KEPT[0]\n"
    made_module, (function,) = module(code)
    statement = function.node.body[0]
    target = ast.parse("KEPT[0] = x").body[0].targets[0]  # type: ignore[attr-defined]
    worse = ast.Assign([*statement.targets, target], statement.value)  # type: ignore[attr-defined]
    body = [worse, *function.node.body[1:]]
    change = Change(function.node, "body", None, body)
    spoiling = Edit(function, (change,), 0.0, "statement", statement, [statement], [worse])
    harmless = Edit(function, (), 0.0, "term", statement, [statement], [statement])
    every = [(harmless,), (spoiling,), *[(harmless,)] * 300]

    def judge() -> Score:
        return int(made_module.f(2)), 0

    found = dict(scores(every, judge, 0.5, Budget(30), state=lambda: made_module.f(2)))
    assert [found[i] for i in (0, 1)] == [(3, 0), (9, 0)]
    assert {found[i] for i in range(BETWEEN, len(every))} == {(3, 0)}
    without = dict(scores(every, judge, 0.5, Budget(30)))
    assert {without[i] for i in range(BETWEEN, len(every))} == {(9, 0)}


def test_the_place_of_an_edit_is_where_it_is_made(module: Make) -> None:
    """The same new code in two lines: what is pointed at is the line of the edit that is made."""
    code = "def f(x):\n    a = x\n    b = x\n    return a * b\n"
    _, (function,) = module(code)
    for line, statement in ((3, function.node.body[1]), (2, function.node.body[0])):
        value = statement.value  # type: ignore[attr-defined]
        change = Change(statement, "value", None, parse("x + 1"))
        undo = Edit(function, (change,), 0.0, "term", value, value, change.new).make()
        assert {n.lineno for n in ast.walk(change.new) if isinstance(n, ast.expr)} == {line}
        Edit.take_back(undo)
    for added in statements("x = 1"):
        whole = [added, *function.node.body]
        change = Change(function.node, "body", None, whole)
        last = function.node.body[2]
        undo = Edit(function, (change,), 0.0, "statement", last, [last], [added, last]).make()
        assert (added.lineno, function.node.body[1].lineno) == (4, 2)
        Edit.take_back(undo)
