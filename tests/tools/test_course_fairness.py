"""Courses by their conventions: right is right however it is written, a failure costs once."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.course import find_course
from tests.autograder.session import Session
from tests.support.course_styles import NAMES, SOLUTIONS, STYLES
from tests.support.quick import some
from tests.support.unwritten import WAYS, methods, unwritten
from tests.tools.test_courses import graded, named

pytestmark = pytest.mark.slow


def lost(session: Session) -> dict[str, float]:
    scores = {r.question.id: round(r.question.points - r.score, 2) for r in session.results}
    return {id: points for id, points in scores.items() if points}


def test_right_is_right_however_it_is_written(tmp_path: Path, slow: bool) -> None:
    assert all(sum(style.course == name for style in STYLES) >= 8 for name in NAMES)
    wrong: list[Any] = []
    for number, style in enumerate(some(STYLES, 4, slow)):
        style.write(tmp_path / str(number))
        session = graded(tmp_path / str(number), find_course(style.course))
        if lost(session) or named(session):
            wrong.append((style.course, style.name, lost(session), named(session)))
    assert wrong == []


ONCE = [
    ("cmu-s23", "mytorch/nn/linear.py", "class Linear", "class Layer", {"1", "1+"}),
    ("cmu-s23", "mytorch/nn/linear.py", "import numpy", "import (numpy", {"1", "1+"}),
    ("cmu-s23", "mytorch/nn/linear.py", "return dLdA", "return dLdA / 2", {"1"}),
    ("cmu-s23", "mytorch/nn/activation.py", "self.A > 0", "self.A >= 0", {"2d"}),
    ("cmu-s24", "mytorch/nn/linear.py", "self.W = np", "raise ValueError; self.W = np",
     {"1", "1+"}),
    ("cmu-s24", "mytorch/nn/activation.py", "class ReLU:", "class ReLU: def",
     {"2a", "2b", "2c", "2d", "2e", "2f"}),
    ("cmu-s24", "mytorch/nn/activation.py", "np.where(Z > 0, Z, 0)", "Z.no_such_thing()", {"2d"}),
    ("uva-2019", "modules.py", "self.x.T @ dout", "None", {"1.2a", "1.2a+"}),
    ("uva-2019", "modules.py", "class SoftMaxModule", "class SoftmaxModule", {"1.2c", "1.2c+"}),
    ("uva-2019", "modules.py", "np.exp(x - b)", "np.exp(x)", {"1.2c+"}),
    ("uva-2019", "modules.py", "import numpy as np", "import numpy as np (",
     {"1.2a", "1.2b", "1.2c", "1.2d", "1.2a+", "1.2b+", "1.2c+", "1.2d+"}),
]  # fmt: skip
"""Parts that fail, and the questions of their own that they cost."""


@pytest.mark.parametrize(("name", "file", "old", "new", "costs"), ONCE)
def test_a_part_that_fails_costs_once(
    name: str, file: str, old: str, new: str, costs: set[str], tmp_path: Path
) -> None:
    """The networks and the optimizer get full points on the grader's part in its place."""
    folder = shutil.copytree(SOLUTIONS / name, tmp_path / "it")
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))
    session = graded(folder, find_course(name))
    assert set(lost(session)) == costs


def test_a_loss_that_is_made_of_a_wrong_softmax_costs_nothing(tmp_path: Path) -> None:
    folder = shutil.copytree(SOLUTIONS / "cmu-s24", tmp_path / "it")
    loss, activation = (folder / "mytorch" / "nn" / f"{name}.py" for name in ("loss", "activation"))
    text = loss.read_text()
    old = "np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)"
    assert old in text
    made = text.replace(old, "Softmax().forward(A)")
    loss.write_text(f"from mytorch.nn.activation import Softmax\n{made}")
    wrong = activation.read_text().replace("np.sum(e, axis=1", "np.sum(e, axis=0")
    activation.write_text(wrong)
    session = graded(folder, find_course("cmu-s24"))
    assert set(lost(session)) == {"2f"}


WHOLE = {"forward": {"forward", "backward", "eval", "running"}, "backward": {"backward"},
         "step": {"step"}}  # fmt: skip
"""The parts of a class's own questions that a method which is not written loses."""
STATELESS = {("uva-2019", "CrossEntropyModule.forward")}
"""Its backward gets the inputs anew."""
WORKS = {("Identity.forward", "returns its input"), ("Identity.backward", "returns its input")}
"""What is right that way."""


def unwritten_methods() -> list[tuple[str, str, str, str]]:
    """Course, file, method and way, for every method that a student writes."""
    found = []
    for name in NAMES:
        for file in sorted((SOLUTIONS / name).rglob("*.py")):
            for method in methods(file):
                if "." in method and not method.endswith("__init__"):
                    place = file.relative_to(SOLUTIONS / name).as_posix()
                    found += [(name, place, method, way) for way in WAYS]
    return [case for case in found if case[2:] not in WORKS]


def undue(session: Session, course: str, method: str) -> list[str]:
    """The parts of questions about the class that a missing method must lose, and that got points.

    They are known by their names: what a method computes is asked in a part called like it.
    """
    thing, _, called = method.partition(".")
    parts = {called} if (course, method) in STATELESS else WHOLE[called]
    found = []
    for result in session.results:
        question = result.question
        if question.needs[0] == thing:
            due = sum(part.points for part in question.parts if part.name not in parts)
            found += [question.id] if result.score > due + 1e-9 else []
    return found


def test_what_is_not_written_is_no_mistake_and_earns_nothing(tmp_path: Path, slow: bool) -> None:
    wrong: list[Any] = []
    for number, (name, file, method, way) in enumerate(some(unwritten_methods(), 16, slow)):
        folder = shutil.copytree(SOLUTIONS / name, tmp_path / str(number))
        text = (folder / file).read_text()
        (folder / file).write_text(unwritten(text, method, way))
        session = graded(folder, find_course(name))
        accused = [d.id for result in session.results for d in result.diagnosis]
        others = [r.question.id for r in session.results
                  if r.score < r.question.points
                  and r.question.needs[0] != method.partition(".")[0]]  # fmt: skip
        if accused or others or undue(session, name, method):
            wrong.append((name, method, way, accused, others, undue(session, name, method)))
    assert wrong == []
