"""What makes the search for a repair short, and keeps it from false lines.

The oracles are values that are written down, and the code before it was broken.
"""

import ast
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mytorch.gradcheck.repair import budget, trying
from mytorch.gradcheck.repair.budget import Budget
from mytorch.gradcheck.repair.cases import Asked, nothing
from mytorch.gradcheck.repair.choosing import Found
from mytorch.gradcheck.repair.edit import Change, Edit
from mytorch.gradcheck.repair.enumeration import edits
from mytorch.gradcheck.repair.explain import change, right
from mytorch.gradcheck.repair.patch import edits_of, patch_of
from mytorch.gradcheck.repair.repeated import twice
from mytorch.gradcheck.repair.search import Search
from mytorch.gradcheck.repair.sensitivity import NO_EFFECTS, effects_of, penalty_inside, probes
from mytorch.gradcheck.repair.switches import Switches
from mytorch.gradcheck.repair.tracing import key_of, traced
from mytorch.gradcheck.repair.trying import Score, judged, made, scores
from tests.support.modules import module_of

CODE = """
def both(a):
    b = a * 2.0
    c = b + 1.0
    d = b * 3.0
    e = a + 7.0
    return c, d
"""


def asked(given: Sequence[float], right: Sequence[float]) -> Asked:
    agree = [abs(one - two) < 1e-9 for one, two in zip(given, right, strict=True)]
    which = sum(1 << i for i, good in enumerate(agree) if good)
    return Asked([*agree, False].index(False), all(agree), which, [hash(g) | 1 for g in given])


def test_what_a_result_depends_on(tmp_path: Path) -> None:
    """`c` is right and `d` is wrong: both need line 3, only `c` line 4, `d` line 5, none line 6."""
    module, found = module_of(tmp_path, CODE)

    def case(thorough: bool, after_each: Callable[[], None]) -> Asked:
        return asked(module.both(1.0), (3.0, 8.0))

    ran = traced(found, lambda: module.both(1.0), lambda: 0)
    likely = probes(found, ran)

    def scored(judge: Callable[[], Score]) -> Iterator[tuple[tuple[Edit, ...], Score]]:
        every = [(edit,) for edit in likely]
        for index, score in scores(every, judge, 1.0, Budget(10)):
            yield every[index], score

    effects = effects_of(likely, case, case(True, nothing), scored)
    of_line = {edit.line: effects.get(id(edit.place)) for edit in likely}
    assert of_line[3] == (True, True)
    assert of_line[4] == (False, True)
    assert of_line[5] == (True, False)
    assert of_line[6] == (False, False)
    costs = {edit.line: penalty_inside(edit.place, effects) for edit in likely}
    assert costs[5] == 0 < costs[3] < costs[6] < costs[4]


def test_the_same_mistake_in_two_lines_is_tried_at_once(tmp_path: Path) -> None:
    """Neither of the two makes any result right by itself."""
    code = (
        "import numpy as np\n"
        "def softmax(x):\n"
        "    e = np.exp(x - x.max(axis=0, keepdims=True))\n"
        "    return e / e.sum(axis=0, keepdims=True)\n"
    )
    module, found = module_of(tmp_path, code)

    def right(x: np.ndarray) -> bool:
        rows = np.array([np.exp(row - row.max()) / np.exp(row - row.max()).sum() for row in x])
        return module.softmax(x).shape == x.shape and np.allclose(module.softmax(x), rows)

    def case(thorough: bool, after_each: Callable[[], None]) -> Asked:
        good = right(np.array([[1e3, 0.0, -1e3], [-2e3, 1.0, 2.0]]))
        return Asked(int(good), good, int(good))

    repair = Search(found, [case], lambda: (int(right(np.eye(4))), 0), 20.0).run()
    assert repair is not None
    assert [change(edit) for edit in repair.edits] == ["`0` -> `1`"] * 2  # the axes
    assert [edit.line for edit in repair.edits] == [3, 4]


@pytest.mark.slow
def test_a_busy_machine_finds_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a search does is counted: a case that takes longer costs no more."""
    for clock, limit in (budget, "SLOWEST"), (budget, "PATIENCE"), (trying, "PATIENCE"):
        monkeypatch.setattr(clock, limit, 1000)  # on a machine that is too slow, the clock counts
    spent = []
    for name, slow in ("quick", False), ("slow", True):
        (tmp_path / name).mkdir()
        module, found = module_of(tmp_path / name, "def f(a, b):\n    return a * a - b\n")

        def case(
            thorough: bool, after_each: Callable[[], None], f: Any = module.f, n: int = 10**4 * slow
        ) -> Asked:
            sum(range(n))
            return asked([f(2.0, 3.0), f(3.0, 5.0)], [9.0, 24.0])

        search = Search(found, [case], lambda: (0, 0), 2.0)
        repair = search.run()
        assert repair is None or repair.edits
        spent.append((search.budget.spent, repair and [edit.after for edit in repair.edits]))
    assert spent[0] == spent[1]


def test_code_that_is_compiled_together_does_the_same(tmp_path: Path) -> None:
    module, (function,) = module_of(tmp_path, "def f(a, b):\n    c = a - b\n    return c * b\n")
    trace = traced([function], lambda: module.f(3.0, 4.0), int)[key_of(function)]
    candidates = [(edit,) for edit in edits(function, trace, {})]

    def judge() -> Score:
        return 0, hash(module.f(3.0, 4.0))

    switches = Switches(candidates)
    codes = [switches.chosen(i) for i in range(len(candidates))]
    assert sum(code is not None for code in codes) > 50
    for i, candidate in enumerate(candidates):
        assert judged(candidate, judge, 5.0, switches.chosen(i)) == judged(candidate, judge, 5.0)


def test_the_same_edit_of_twins_is_one_mistake(tmp_path: Path) -> None:
    """What is done to `mean` may be done to `var`, too; another edit is another mistake."""
    code = (
        "def f(x):\n    mean = x.mean\n    var = x.var\n    n = x.size\n    return mean, var, n\n"
    )
    _, (function,) = module_of(tmp_path, code)
    statements = function.node.body[:3]
    every = []
    for statement, name in zip(statements, ("mean", "var", "other"), strict=True):
        new = ast.parse(f"kept_{name} + x", mode="eval").body
        change = Change(statement, "value", None, new)
        place = statement.value  # type: ignore[attr-defined]
        every.append(Edit(function, (change,), 0.3, "term", place, place, new))
    every[2].kind = "sign"
    assert [[edit.line for edit in pair] for pair in twice(every, NO_EFFECTS)] == [[2, 3]]


def test_a_repair_can_be_made_in_another_copy_of_the_code(tmp_path: Path) -> None:
    module, found = module_of(tmp_path, "def f(a, b=2.0):\n    return a - b\n")

    def case(thorough: bool, after_each: Callable[[], None]) -> Asked:
        return asked([module.f(1.0), module.f(1.0, 5.0)], [3.0, 6.0])

    repair = Search(found, [case], lambda: (0, 0), 10.0).run()
    assert repair is not None
    patch = patch_of(repair.edits)
    (tmp_path / "other").mkdir()
    other, others = module_of(tmp_path / "other", "def f(a, b=2.0):\n    return a - b\n")
    for function, twin in zip(found, others, strict=True):
        twin.file = function.file  # as in a fork, where both are the same
    with made(edits_of(patch, others)) as valid:
        assert valid
        assert (other.f(1.0), other.f(1.0, 5.0)) == (3.0, 6.0)
    assert other.f(1.0) == -1.0


def test_a_repair_that_is_no_syntax_tree_is_not_run(tmp_path: Path) -> None:
    """Code of a submission runs in the process that keeps it."""
    _, found = module_of(tmp_path, CODE)
    patch = json.dumps({key_of(found[0]): "exit()"})
    with pytest.raises(ValueError, match="expected the name of a node of a syntax tree, got exit"):
        edits_of(patch, found)


def test_a_change_is_said_in_a_sentence(tmp_path: Path) -> None:
    _, (function,) = module_of(tmp_path, "def f(x):\n    a = x + 1\n    return a\n")
    first = function.node.body[0]

    def said(after: str) -> str:
        edit = Edit(function, (), 1.0, "statement", first, first, ast.parse(after).body)
        return right(change(edit))

    assert said("a = x") == "right with `a = x + 1` -> `a = x`"
    assert said("") == "right without `a = x + 1`"
    assert said("a = x + 1; b = a") == "right with `b = a` added after it"
    assert said("b = x; a = x + 1") == "right with `b = x` added before it"


def test_an_edit_that_is_not_needed_is_left_out(tmp_path: Path) -> None:
    module, found = module_of(tmp_path, "def f(a, b):\n    c = a - b\n    return c * 1.0\n")

    def case(thorough: bool, after_each: Callable[[], None]) -> Asked:
        return asked([module.f(1.0, 2.0)], [3.0])

    search = Search(found, [case], lambda: (0, 0), 10.0)
    repair = search.run()
    assert repair is not None
    (useful,) = repair.edits
    node = found[0].node.body[1]
    idle = Edit(found[0], (), 0.5, "operator", node, node, node)
    assert search._needed(Found((idle, useful))).edits == (useful,)


def test_a_property_that_keeps_its_result_runs_as_it_would(
    tmp_path: Path,
) -> None:
    """What is looked at while lines are noted changes nothing in the object."""
    code = (
        "class A:\n    def __init__(self):\n        self.kept = None\n        self.start()\n"
        "    def start(self):\n        self.n = 1\n"
        "    @property\n    def total(self):\n        if self.kept is None:\n"
        "            self.kept = self.n + 1\n        return self.kept\n"
    )
    module, found = module_of(tmp_path, code)
    ran = traced(found, lambda: module.A().total, int)
    total = next(f for f in found if f.name == "A.total")
    assert ran[key_of(total)].lines >= {9, 10, 11}
