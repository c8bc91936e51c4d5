"""A change that only makes good what is wrong elsewhere is not told for sure, or not tried.

The oracles are the lines of the mistakes, and what a person would say who reads the code.
"""

import ast
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mytorch.gradcheck.repair.cases import Asked
from mytorch.gradcheck.repair.choosing import Found
from mytorch.gradcheck.repair.edit import Edit, restated
from mytorch.gradcheck.repair.enumeration import edits
from mytorch.gradcheck.repair.search import Search
from mytorch.gradcheck.repair.tracing import key_of, traced
from tests.support.modules import module_of

X, G = np.arange(1.0, 16.0).reshape(3, 5), np.linspace(0.3, 1.7, 5)


def searched(folder: Path, code: str, right: np.ndarray, call: str) -> Found | None:
    """What is found where `call` of the code should give `right`."""
    module, found = module_of(folder, code)

    def case(thorough: bool, after_each: Callable[[], None]) -> Asked:
        given = eval(call, {"x": X.copy(), "g": G, **vars(module)})
        good = given.shape == right.shape and np.allclose(given, right)
        return Asked(int(good), good, int(good), [hash(given.tobytes()) | 1])

    return Search(found, [case], lambda: (0, 0), 10.0).run()


def lines(found: Found | None) -> set[int]:
    assert found is not None
    return {edit.line for some in (found.edits, *found.others) for edit in some}


def test_what_can_be_mended_in_one_place_is_not_mended_in_two(tmp_path: Path) -> None:
    """Lines 3 and 4 divide by the rows, and line 5 does so again: there `a + b * g` is right."""
    code = (
        "def f(x, g):\n    n = len(x)\n    a = x.mean(axis=0)\n    b = (x * x).mean(axis=0)\n"
        "    return a / n + b * g / n\n"
    )
    right = X.sum(axis=0) / 3 + (X * X).sum(axis=0) * G / 3
    found = searched(tmp_path, code, right, "f(x, g)")
    assert found is not None
    assert [edit.line for edit in found.edits] == [5]
    assert found.is_sure
    edit, given = found.edits[0], {"a": G - 2.0, "b": G * G, "g": 1.0 / G, "n": 7}
    assert edit.before == "a / n + b * g / n"
    np.testing.assert_allclose(eval(edit.after, given), G - 2.0 + G)


def test_the_other_line_for_each_of_two_edits(tmp_path: Path) -> None:
    """A mean for a sum in line 2 and 3, or a factor that lines 4 and 5 lack."""
    code = (
        "def f(x, g):\n    a = (x - 1.0).sum(axis=0)\n    b = np.sum(x * x * g, axis=0)\n"
        "    c = a * g\n    d = b - 3.0\n    return np.stack([c, d])\n"
    )
    right = np.stack([(X - 1).mean(axis=0) * G, (X * X * G).mean(axis=0) - 3])
    found = searched(tmp_path, f"import numpy as np\n{code}", right, "f(x, g)")
    assert found is not None
    assert {3, 5} <= lines(found)


@pytest.mark.slow
def test_three_edits_are_none(tmp_path: Path) -> None:
    code = "def f(x, g):\n    a = x * 7.0\n    b = g * 5.0\n    c = 9.0 - g\n    return a - b * c\n"
    right = X * 6.5 - G * 3.25 * (2.125 + G)
    found = searched(tmp_path, code, right, "f(x, g)")
    assert found is None or len(found.edits) < 3


@pytest.mark.parametrize("value", ["self.kept = kept", "self.other, self.kept = 1.0, kept"])
def test_what_an_object_is_given_is_kept_as_it_is(value: str, tmp_path: Path) -> None:
    """The sign is wrong in `f`, and not where the object keeps what it is given."""
    code = (
        f"class A:\n    def __init__(self, kept):\n        {value}\n"
        "    def f(self, x):\n        return (x + self.kept) * self.kept\n"
    )
    module, found = module_of(tmp_path, code)
    start = next(function for function in found if function.node.name == "__init__")
    trace = traced([start], lambda: module.A(2.0), int)[key_of(start)]
    changed = {edit.before for edit in edits(start, trace, {})}
    assert "kept" not in changed


def test_the_length_of_a_single_row_is_no_batch_size(tmp_path: Path) -> None:
    code = (
        "class A:\n    def __init__(self, row):\n        self.row = row\n"
        "    def f(self, x):\n        y = x + 1.0\n        return y / len(y)\n"
    )
    module, found = module_of(tmp_path, code)
    function = next(one for one in found if one.node.name == "f")
    layer = module.A(G[None])
    trace = traced([function], lambda: layer.f(X), int)[key_of(function)]
    lengths = {edit.after for edit in edits(function, trace, {}) if edit.kind == "name"}
    assert "x" in lengths
    calls = [
        edit for edit in edits(function, trace, {})
        if edit.kind == "name" and isinstance(edit.changes[0].parent, ast.Call)
    ]  # fmt: skip
    assert "self.row" not in {edit.after for edit in calls}


def test_an_edit_without_the_one_before_it_says_all_that_it_replaces(tmp_path: Path) -> None:
    """`a / b` became `a`, and that `a / n`: without the first, it is `a / b` that becomes it."""
    module, found = module_of(tmp_path, "def f(a, b, n):\n    c = a / b\n    return c * b\n")
    (function,) = found
    trace = traced(found, lambda: module.f(1.0, 2.0, 3.0), int)[key_of(function)]
    first = next(e for e in edits(function, trace, {}) if (e.before, e.after) == ("a / b", "a"))
    undo = first.make()
    after = [e for e in edits(function, trace, {}) if (e.before, e.after) == ("a", "a / n")]
    Edit.take_back(undo)
    whole = [restated(edit) for edit in after]
    assert ("a / b", "a / n") in {(edit.before, edit.after) for edit in whole}
