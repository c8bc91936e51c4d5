"""The right answers of the bonus of spring 2024."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.autograder.course import find_course
from tests.autograder.options import EFFORT
from tests.autograder.references import load
from tests.support.course_styles import SOLUTIONS
from tests.tools.test_course_lines import edited, near, searched, told
from tests.tools.test_courses import graded, mutants, named

TWICE = """        self.t += 1
        for i in range(len(self.l)):
            layer = self.l[i]
            self.m_W[i] = self.beta1 * self.m_W[i] + (1 - self.beta1) * layer.dLdW
            self.v_W[i] = self.beta2 * self.v_W[i] + (1 - self.beta2) * layer.dLdW**2
            self.m_b[i] = self.beta1 * self.m_b[i] + (1 - self.beta1) * layer.dLdb
            self.v_b[i] = self.beta2 * self.v_b[i] + (1 - self.beta2) * layer.dLdb**2
            first, second = 1 - self.beta1**self.t, 1 - self.beta2**self.t
            m, v = self.m_W[i] / first, self.v_W[i] / second
            layer.W = layer.W - self.lr * m / (np.sqrt(v) + self.eps)
            mb, vb = self.m_b[i] / first, self.v_b[i] / second
            layer.b = layer.b - self.lr * mb / (np.sqrt(vb) + self.eps)
"""


@pytest.mark.long
@pytest.mark.slow
def test_a_mistake_that_is_made_twice_is_not_sought_where_both_come_from(tmp_path: Path) -> None:
    folder = shutil.copytree(SOLUTIONS / "cmu-s24-bonus", tmp_path / "x")
    file = folder / "mytorch" / "optim" / "adam.py"
    file.write_text(file.read_text().partition("        self.t += 1\n")[0] + TWICE)
    session = searched(folder, "cmu-s24-bonus", EFFORT)
    assert named(session) == ["eps of Adam outside the root"]
    wrong = {n for n, line in enumerate(file.read_text().splitlines(), 1) if "sqrt" in line}
    for lines, change in told(session):
        assert change or {line for _, line in lines} <= wrong


@pytest.mark.slow
def test_the_line_of_a_wrong_mask_is_found(tmp_path: Path) -> None:
    """What is asked of dropout has names in words, and comes from what is returned."""
    mutant = next(m for m in mutants("cmu-s24-bonus") if m.mistake == "mask left out of backward")
    wrong = edited(mutant, "cmu-s24-bonus", tmp_path / "x")
    found = told(searched(tmp_path / "x", "cmu-s24-bonus", EFFORT))
    assert found
    assert all(near(lines, wrong) for lines, _ in found)


@pytest.mark.parametrize(
    ("size", "points"),
    [("x.shape", 10.0), ("x.shape[1]", 5.0), ("(len(x), 1)", 5.0)],
    ids=["for each number", "for all rows", "for all columns"],
)
def test_each_number_is_dropped_by_itself(size: str, points: float, tmp_path: Path) -> None:
    folder = shutil.copytree(SOLUTIONS / "cmu-s24-bonus", tmp_path / "x")
    file = folder / "mytorch" / "nn" / "dropout.py"
    file.write_text(file.read_text().replace("1 - self.p, x.shape", f"1 - self.p, {size}"))
    results = graded(folder, find_course("cmu-s24-bonus")).results
    (score,) = (r.score for r in results if r.question.id == "3")
    assert round(score, 2) == points


IN_LIST = "self.l = model.layers[::2]"
OWN = """class Linear:
    def __init__(self, in_features, out_features):
        self.W, self.b = np.zeros((out_features, in_features)), np.zeros((out_features, 1))
"""


@pytest.mark.parametrize(
    ("head", "kept"),
    [("from mytorch.nn.linear import Linear", "isinstance(l, Linear)"),
     ("from mytorch.nn.linear import Linear as L", "isinstance(l, L)"),
     ("import mytorch.nn.linear as linear", "isinstance(l, linear.Linear)"),
     ("from mytorch.nn import linear", "type(l) is linear.Linear"),
     ("from ..nn import linear", "isinstance(l, linear.Linear)"),
     ("import mytorch.nn.linear", "isinstance(l, mytorch.nn.linear.Linear)"),
     ("import math", "type(l).__name__ == 'Linear'"),
     ("import math", "hasattr(l, 'W') and {l: True}")],
    ids=["its class", "renamed", "its module", "of the package", "relative", "in full",
         "the class's name", "as keys of a dictionary"],
)  # fmt: skip
def test_layers_are_what_they_are_in_a_network(head: str, kept: str, tmp_path: Path) -> None:
    folder = shutil.copytree(SOLUTIONS / "cmu-s24-bonus", tmp_path / "x")
    (folder / "mytorch/nn/linear.py").write_text(f"import numpy as np\n{OWN}")
    for name in ("adam", "adamW"):
        file = folder / "mytorch" / "optim" / f"{name}.py"
        text = file.read_text()
        assert IN_LIST in text
        text = text.replace(IN_LIST, f"self.l = [l for l in model.layers if {kept}]")
        file.write_text(f"{head}\n{text}")
    session = graded(folder, find_course("cmu-s24-bonus"))
    assert session.score == session.max_score


@pytest.mark.parametrize("exercise", ["adam", "adamw"])
def test_right_steps_are_those_of_the_sums(exercise: str) -> None:
    """Moments as weighted sums of all gradients until then, and not one from the other."""
    stored = load(find_course("cmu-s24-bonus"))
    for name, case in stored.cases[exercise].items():
        b1, b2, lr = (float(case[key]) for key in ("beta1", "beta2", "lr"))
        decay = float(case.get("weight_decay", 0.0))
        for key in ("W0", "b0", "W1", "b1"):
            value = np.array(case[key])
            for t in range(1, 5):
                g = [case[f"d{key}.{i}"] for i in range(t)]
                shares = (
                    [b1 ** (t - 1 - i) for i in range(t)],
                    [b2 ** (t - 1 - i) for i in range(t)],
                )
                mean, square = (
                    sum(s * gi**n for s, gi in zip(row, g, strict=True)) / sum(row)
                    for n, row in enumerate(shares, 1)
                )
                step = lr * mean / np.sqrt(square + float(case["eps"]))
                value = value * (1 - lr * decay) - step
                right = stored.answers[exercise][name][f"step/{key} after step {t}"]
                np.testing.assert_allclose(right.ravel(), value.ravel(), rtol=1e-9)
