"""A line is told only where nothing speaks against it: other questions, settings or lines.

The oracles are the places where the hand-ins were edited.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.autograder.repair.result import Repair
from tests.support.styles import ACT, HW1, SGD, STEP_W, STEPS
from tests.tools.test_fairness import COURSES, put
from tests.tools.test_repair import lines_of_edits, near, searched

UPDATE = "self.momentum * self.momentums[i] - self.lr * p.grad.data"
DW = "self.dW[i] = self.ins[i].T @ d / len(d); self.db[i] = d.mean(axis=0)"
SLOPE = "return (self.state > 0).astype(float)"
pytestmark = pytest.mark.slow


def told(base: str, edit: Sequence[str], folder: Path) -> list[Repair]:
    """The repairs of a hand-in with one edit, each of which names its line."""
    put(base, folder, [edit])
    wrong = lines_of_edits(base, folder, [edit])
    session = searched(folder, COURSES[base])
    found = [repair for result in session.results for repair in result.repairs if repair.line]
    for repair in found:
        lines = {(repair.file, line) for line in (repair.line, *repair.others)}
        assert near(lines, wrong), repair.sentence
    return found


def test_what_is_right_only_where_a_setting_is_zero(tmp_path: Path) -> None:
    """Without momentum, the first question, the bracket could be anything: all of it is 0."""
    wrong = "self.momentum * (self.momentums[i] - self.lr * p.grad.data)"
    found = told("autograd", (SGD, UPDATE, wrong), tmp_path / "it")
    assert found
    kept = [repair.change.rpartition("->")[2] for repair in found if repair.change]
    assert all("self.momentum`" in change or "self.momentum *" in change for change in kept)


def test_what_makes_a_right_result_of_another_question_wrong(tmp_path: Path) -> None:
    """`derivative() / len(labels)` mends both gradients, but averages those of batch norm, too."""
    wrong = "self.dW[i] = self.ins[i].T @ d; self.db[i] = d.sum(axis=0)"
    assert told("classic2019", ("hw1.py", DW, wrong), tmp_path / "it")


def test_both_ends_are_said_where_a_factor_is_taken_twice(tmp_path: Path) -> None:
    wrong = STEP_W.replace("+ ", "+ self.lr * ")
    found = told("classic2020", (HW1, STEP_W, wrong), tmp_path / "it")
    assert found
    assert all("** 0.5" not in repair.change for repair in found)


def test_a_small_number_that_only_passes_for_zero_is_not_said(tmp_path: Path) -> None:
    wrong = "return np.where(self.state > 0, 1.0, 0.01)"
    (repair,) = told("classic2020", (ACT, SLOPE, wrong), tmp_path / "it")
    assert "1e-" not in repair.change


def test_taking_another_branch_does_not_mend_the_one_that_ran(tmp_path: Path) -> None:
    """Without momentum the bias stays as it is; in the other branch all is right."""
    lines = [line.strip() for line in STEPS.splitlines()[1:]]
    indented = "".join(f"                {line}\n" for line in lines)
    branches = (
        "        for layer in self.linear_layers:\n"
        "            if self.momentum == 0:\n"
        "                layer.W = layer.W - self.lr * layer.dW\n"
        f"            else:\n{indented}"
    )
    found = told("classic2020", (HW1, STEPS, branches), tmp_path / "it")
    text = (tmp_path / "it" / HW1).read_text().splitlines()
    assert all("if self.momentum" not in text[repair.line - 1] for repair in found)


@pytest.mark.long
@pytest.mark.parametrize(
    ("old", "new"),
    [
        # right with weights of zeros, too, as the question sets them afterwards
        ("self.vW = [0 * W for W in self.W]", "self.vW = [1 * W for W in self.W]"),
        # right with `self.zero_grads()` in any method that runs before, too
        (DW, DW.replace("=", "+=", 1).replace("d.mean", "d.sum")),
        (DW, DW.replace("] =", "] +=")),
    ],
)
def test_what_is_right_for_another_reason(old: str, new: str, tmp_path: Path) -> None:
    told("classic2019", ("hw1.py", old, new), tmp_path / "it")
