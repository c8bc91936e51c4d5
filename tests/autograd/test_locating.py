"""The line of a wrong gradient: what the page says is what the command prints."""

import re
import shlex
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from mytorch.gradcheck import gradcheck
from mytorch.gradcheck.command import made, main
from mytorch.gradcheck.repair.cases import Asked
from mytorch.gradcheck.repair.edit import Change, Edit
from mytorch.gradcheck.repair.search import Search
from mytorch.gradcheck.repair.sources import Function, is_unwritten
from mytorch.gradcheck.repair.trying import NOTHING, Score
from tests.conftest import ROOT
from tests.support.modules import module_of

PAGE = (ROOT / "mytorch" / "gradcheck" / "README.md").read_text("utf-8")
EXAMPLES = re.findall(r"in (\w+\.py):\n\n```py\n(.*?)```\n\n```\n\$ (.*?)\n(.*?)```",
                      PAGE, re.S)  # fmt: skip
DENSE = next(code for file, code, _, _ in EXAMPLES if file == "dense.py")
X = np.random.default_rng(2).normal(size=(5, 3))


def test_there_are_three_examples() -> None:
    assert len(EXAMPLES) == 3


@pytest.mark.parametrize(("file", "code", "command", "printed"), EXAMPLES)
def test_the_page_shows_what_is_printed(
    file: str, code: str, command: str, printed: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / file).write_text(code)
    monkeypatch.chdir(tmp_path)
    assert command.startswith("python -m mytorch gradcheck ")
    assert main(shlex.split(command)[4:]) == 1
    assert capsys.readouterr().out == printed


@pytest.mark.parametrize(
    ("old", "new", "line", "change"),
    [
        ("(1 - self.out)", "(1 - self.out ** 2)", 0, ""),
        ("self.x.T @ delta / len(grad)", "self.x.T @ delta", 18, "/ len("),
        ("delta.mean(axis=0", "delta.sum(axis=0", 19, ".mean("),
        ("return delta @ self.W.T", "return grad @ self.W.T", 20, "`delta`"),
        ("return delta @ self.W.T", "return -delta @ self.W.T", 20, "`delta`"),
        ("delta.mean(axis=0, keepdims=True)", "delta.mean(axis=0)", 19, "keepdims=True"),
        ("self.dW = self.x.T", "self.dW = self.out.T", 18, "`self.x`"),
    ],
)
def test_the_line_is_that_of_the_mistake(
    old: str, new: str, line: int, change: str, tmp_path: Path
) -> None:
    right = DENSE.replace("(1 - self.out)", "(1 - self.out ** 2)")
    code = DENSE if not line else right
    assert old in code
    (tmp_path / "dense.py").write_text(code.replace(old, new))
    report = gradcheck(made(f"{tmp_path / 'dense.py'}:Dense(3, 2)"), X, locate=True)
    assert [place.line for place in report.places] == ([line] if line else [])
    assert report.passed == (not line)
    assert all(change in place.change for place in report.places)


def test_it_is_silent_where_forward_itself_is_replaced(tmp_path: Path) -> None:
    """No single change of it makes a gradient right that was never written."""
    start = DENSE.index("    def backward")
    (tmp_path / "dense.py").write_text(
        DENSE[:start] + "    def backward(self, grad):\n        return grad\n"
    )
    report = gradcheck(made(f"{tmp_path / 'dense.py'}:Dense(3, 2)"), X, locate=True)
    assert not report.passed
    assert report.places == ()


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("nowhere.py:Dense", "expected FILE:CLASS"),
        ("dense.py", "expected FILE:CLASS"),
        ("dense.py:Dence", "has no Dence"),
        ("dense.py:Dense", "with its arguments"),
    ],
)
def test_wrong_use_is_said_in_a_sentence(
    target: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "dense.py").write_text(DENSE)
    monkeypatch.chdir(tmp_path)
    assert main([target]) == 2
    assert said in capsys.readouterr().err


# ------------------------------------------------------------------ the search by itself


@pytest.fixture
def module(tmp_path: Path) -> Callable[[str], tuple[ModuleType, list[Function]]]:
    return partial(module_of, tmp_path)


Make = Callable[[str], tuple[ModuleType, list[Function]]]


def test_changes_are_taken_back(module: Make) -> None:
    _, (function,) = module("def f(a, b):\n    return a - b\n")
    (statement,) = function.node.body
    before = function.compiled()
    change = Change(statement, "value", None, statement.value.right)  # type: ignore[attr-defined]
    edit = Edit(function, (change,), 0.0, "term", statement, statement, statement)
    undo = edit.make()
    assert function.compiled() != before
    Edit.take_back(undo)
    assert function.compiled() == before


def test_two_mistakes_are_found_one_after_the_other(module: Make) -> None:
    made_module, found = module("def f(a, b):\n    c = a - b\n    return c, c * b\n")

    def case(thorough: bool, after_each: Callable[[], None]) -> Asked:
        one, two = made_module.f(2.0, 3.0)
        right = [abs(one - 5) < 1e-9, abs(two - 2.5 * 2 / 3) < 1e-9]
        return Asked(right.index(False) if False in right else 2, all(right))

    def confirm() -> Score:
        one, two = made_module.f(7.0, 2.0)
        return (0, 0) if abs(one - 9) + abs(two - 4.5) < 1e-9 else NOTHING

    repair = Search(found, [case], confirm, 20.0).run()
    assert repair is not None
    assert {(edit.line, edit.after) for edit in repair.edits} == {(2, "a + b"), (3, "c / b")}


@pytest.mark.parametrize(
    ("body", "unwritten"),
    [
        ("raise NotImplementedError", True),
        ("pass", True),
        ("'''Says what to do.'''\n    return None", True),
        ("return x", True),
        ("return np.zeros_like(x)", True),
        ("return Tensor(np.zeros_like(x))", True),
        ("if isinstance(x, Tensor):\n        return np.zeros_like(x)\n    return x", True),
        ("return x + 1", False),
        ("return self.x", False),
        ("return 1.0", False),
        ("self.x = x\n    return x", False),
    ],
)
def test_what_is_not_written_is_recognised(module: Make, body: str, unwritten: bool) -> None:
    _, (function,) = module(f"def f(self, x):\n    {body}\n")
    assert is_unwritten(function.node) is unwritten


# ------------------------------------------------------------------ what is missing as a whole

RIGHT = """
import numpy as np


class Layer:
    def __init__(self, n):
        self.gamma, self.beta = np.full((1, n), 1.5), np.full((1, n), 0.5)
        self.mean, self.alpha, self.x = np.zeros((1, n)), 0.9, np.zeros((1, n))
        self.dgamma = np.zeros((1, n))

    def forward(self, x):
        self.x = x
        batch = x.mean(axis=0, keepdims=True)
        self.mean = self.alpha * self.mean + (1 - self.alpha) * batch
        out = self.gamma * (x - batch) + self.beta
        return out

    def backward(self, grad):
        self.dgamma = (grad * self.x).sum(axis=0, keepdims=True)
        return grad * self.gamma


class Chain:
    def __init__(self, n):
        self.layers = [Layer(n), Layer(n)]

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad):
        for i in range(len(self.layers) - 1, -1, -1):
            grad = grad * 2
            grad = self.layers[i].backward(grad)
        return grad
"""


def results(module: ModuleType, seed: int) -> list[Any]:
    dice = np.random.default_rng(seed)
    x, grad = dice.normal(size=(2, 4, 3))
    layer, chain = module.Layer(3), module.Chain(3)
    found = [layer.forward(x), layer.mean, layer.backward(grad), layer.dgamma]
    return [*found, chain.forward(x), chain.backward(grad), chain.layers[0].dgamma]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("        self.x = x\n        batch", "        batch"),
        ("        self.mean = self.alpha * self.mean + (1 - self.alpha) * batch\n", ""),
        ("batch) + self.beta", "batch)"),
        ("self.gamma * (x - batch) + self.beta", "x - batch"),
        ("return grad * self.gamma", "dx = grad * self.gamma"),
        ("        batch = x.mean", "        return x\n        batch = x.mean"),
        ("            grad = self.layers[i].backward(grad)\n", ""),
        ("return grad * self.gamma", "return grad"),
        ("        self.dgamma = (grad * self.x).sum(axis=0, keepdims=True)\n", ""),
        ("= self.alpha * self.mean + (1 - self.alpha) * batch", "= batch"),
    ],
)
def test_the_place_of_what_is_missing(module: Make, old: str, new: str) -> None:
    """The oracle is the code before something was taken out of it."""
    assert RIGHT.count(old) == 1
    line = RIGHT[: RIGHT.index(old)].count("\n") + 1
    complete = ModuleType("complete")
    exec(RIGHT, vars(complete))
    broken, found = module(RIGHT.replace(old, new))

    def case_of(seed: int) -> Callable[[bool, Callable[[], None]], Asked]:
        right = results(complete, seed)

        def case(thorough: bool, after_each: Callable[[], None]) -> Asked:
            given = results(broken, seed)
            agree = [
                one is not None and np.shape(one) == np.shape(two) and bool(np.allclose(one, two))
                for one, two in zip(given, right, strict=True)
            ]
            return Asked([*agree, False].index(False), all(agree))

        return case

    fresh = case_of(2)

    def confirm() -> Score:
        return (0, 0) if fresh(False, lambda: None).all else NOTHING

    repair = Search(found, [case_of(1)], confirm, 60.0).run()
    assert repair is not None
    assert all(abs(edit.line - line) <= 1 for edit in repair.edits)
