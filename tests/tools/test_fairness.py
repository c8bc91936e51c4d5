"""Right is right however it is written, a failure costs once, and nobody is accused wrongly.

The oracles are the points of the questions and what is known of each hand-in because it was edited.
"""

import json
import random
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.course import find_course
from tests.autograder.grading import Limits
from tests.autograder.references import load
from tests.autograder.results.formats import as_dictionary
from tests.autograder.results.record import Record
from tests.autograder.session import Session, grade
from tests.submission.layout import find
from tests.support.quick import some
from tests.support.style import HAND_INS, write
from tests.support.styles import STYLES
from tests.support.unwritten import WAYS, methods, unwritten

pytestmark = pytest.mark.slow
CASES = json.loads(HAND_INS.with_suffix(".json").read_text())
COURSES = {"classic2019": "1", "classic2020": "1", "autograd": "a"}

# What must be lost where a method is not written: the points of the parts that ask for it.
LOST: dict[str, dict[str, dict[str, float]]] = {
    "classic2020": {
        "Sigmoid.forward": {"3.3a": 2},
        "Sigmoid.derivative": {"3.3a": 2},
        "Tanh.forward": {"3.3b": 2},
        "Tanh.derivative": {"3.3b": 2},
        "ReLU.forward": {"3.3c": 2},
        "ReLU.derivative": {"3.3c": 2},
        "SoftmaxCrossEntropy.forward": {"2.1": 5},
        "SoftmaxCrossEntropy.derivative": {"2.1": 2},
        "Linear.forward": {"linear": 5},
        "Linear.backward": {"linear": 4},
        "BatchNorm.forward": {"3.5a": 7},
        "BatchNorm.backward": {"3.5a": 4},
        "MLP.forward": {"3.2": 6, "3.4": 30, "3.5b": 3},
        "MLP.backward": {"3.2": 3, "3.4": 20, "3.5b": 1},
        "MLP.step": {"3.2": 3, "3.4": 10, "3.5b": 1, "3.6": 10},
        "MLP.zero_grads": {"3.2": 3},
        "MLP.eval": {"3.5b": 1},
    },
    "autograd": {
        "Sub.forward": {"1.1a": 5},
        "Sub.backward": {"1.1a": 3},
        "Mul.forward": {"1.1b": 5},
        "Mul.backward": {"1.1b": 3},
        "Div.forward": {"1.1c": 5},
        "Div.backward": {"1.1c": 3},
        "backward": {"1.1a": 3, "1.1b": 3, "1.1c": 3, "1.2": 25},
        "AccumulateGrad.apply": {"1.1a": 3, "1.1b": 3, "1.1c": 3, "1.2": 25},
        "Linear.forward": {"2.1": 10},
        "BatchNorm1d.forward": {"2.4": 10},
        "CrossEntropy.backward": {"2.5": 8},
        "SGD.step": {"2.3": 10, "2.6": 10},
    },
}
ONES = [(base, name, way) for base, names in LOST.items() for name in names for way in WAYS]
PAIRS = [
    (base, first, second)
    for base, names in LOST.items()
    for first in names
    for second in names
    if first < second
]


def graded(folder: Path, base: str, seconds: float = Limits().seconds) -> Session:
    course = find_course(COURSES[base])
    return grade(find(folder), course, load(course), Limits(seconds), with_training=False)


def lost(session: Session) -> dict[str, float]:
    scores = {r.question.id: round(r.question.points - r.score, 2) for r in session.results}
    return {id: points for id, points in scores.items() if points}


def accused(session: Session) -> list[str]:
    return [d.id for result in session.results for d in result.diagnosis]


def put(base: str, target: Path, edits: Sequence[Sequence[str]] = ()) -> None:
    shutil.copytree(HAND_INS / base, target)
    for file, old, new in edits:
        text = (target / file).read_text()
        assert old in text, (file, old)
        (target / file).write_text(text.replace(old, new))


def leave_out(target: Path, name: str, way: str) -> None:
    """Takes a method out of the file that has it."""
    files = [file for file in sorted(target.rglob("*.py")) if name in list(methods(file))]
    files[0].write_text(unwritten(files[0].read_text(), name, way))


def test_hand_ins_that_were_judged_wrongly(tmp_path: Path, slow: bool) -> None:
    wrong: list[Any] = []
    for case in some(CASES, 12, slow):
        put(case["base"], tmp_path / case["id"], case["edits"])
        session = graded(tmp_path / case["id"], case["base"])
        found = lost(session), accused(session)
        if found != (case["lost"], case["named"]):
            wrong.append((case["id"], case["truth"], *found))
    assert wrong == []


def test_right_is_right_however_it_is_written(tmp_path: Path, slow: bool) -> None:
    assert len(STYLES) >= 40
    wrong: list[Any] = []
    for number, style in enumerate(some(STYLES, 10, slow)):
        write(style, tmp_path / str(number))
        session = graded(tmp_path / str(number), style.base)
        if lost(session) or accused(session):
            wrong.append((style.name, lost(session), accused(session)))
    assert wrong == []


def test_what_is_not_written_is_no_mistake(tmp_path: Path, slow: bool) -> None:
    wrong: list[Any] = []
    for number, (base, name, way) in enumerate(some(ONES, 9, slow)):
        put(base, tmp_path / str(number))
        leave_out(tmp_path / str(number), name, way)
        session = graded(tmp_path / str(number), base)
        if lost(session) != LOST[base][name] or accused(session):
            wrong.append((base, name, way, lost(session), accused(session)))
    assert wrong == []


def test_two_methods_that_are_not_written(tmp_path: Path, slow: bool) -> None:
    """Nobody is accused, and no points are given that one of them alone loses."""
    wrong: list[Any] = []
    dice = random.Random(11)
    for number, (base, *names) in enumerate(some(PAIRS, 7, slow)):
        put(base, tmp_path / str(number))
        for name in names:
            leave_out(tmp_path / str(number), name, dice.choice(list(WAYS)))
        session = graded(tmp_path / str(number), base)
        least = {id: max(LOST[base][name].get(id, 0) for name in names)
                 for name in names for id in LOST[base][name]}  # fmt: skip
        undue = [id for id, points in least.items() if lost(session).get(id, 0) < points]
        if undue or accused(session):
            wrong.append((base, *names, undue, lost(session), accused(session)))
    assert wrong == []


STEP_B = "layer.b = layer.b + layer.momentum_b"
BACKWARDS = "for i in range(self.nlayers - 1, -1, -1):"


HIDDEN = [
    ("zero_grads clears the momentum", "hw1/hw1.py", "layer.dW.fill(0.0); layer.db.fill(0.0)",
     "layer.dW.fill(0.0); layer.db.fill(0.0); layer.momentum_W.fill(0.0)", {"3.6"}),
    ("the initialiser of the bias is not asked", "mytorch/linear.py", "bias_init_fn(o)\n",
     "np.zeros((1, o))\n", {"linear"}),
    ("an average too many", "mytorch/linear.py", "self.db = delta", "self.db = 1 / n * delta",
     {"linear"}),
]  # fmt: skip
"""Mistakes that other values make good, and the questions that they cost."""


@pytest.mark.parametrize(("file", "old", "new", "costs"), [case[1:] for case in HIDDEN])
def test_a_mistake_that_other_values_make_good(
    tmp_path: Path, file: str, old: str, new: str, costs: set[str]
) -> None:
    """It costs points all the same, and what is right beside it is not accused."""
    put("classic2020", tmp_path / "it", [(file, old, new)])
    session = graded(tmp_path / "it", "classic2020")
    assert (set(lost(session)), accused(session)) == (costs, [])


@pytest.mark.parametrize("hints", [0, 1])
def test_without_hints_no_mistake_is_named(tmp_path: Path, hints: int) -> None:
    """The report and the results say what is wrong, also where that follows from a mistake."""
    put("classic2019", tmp_path / "it", [("hw1.py", " / len(d)", "")])
    course = find_course("1")
    session = grade(find(tmp_path / "it"), course, load(course), Limits(), with_training=False,
                    hints=hints)  # fmt: skip
    told = json.dumps(as_dictionary(Record("it", session)))
    assert ("every entry is 20 times" in told, "follows from" in told) == (True, True)
    assert ("average" in told) == bool(hints)


ASKED = [("bias_init_fn(o) for o", "np.zeros((1, o)) for o")]
EMPTIED = [
    ("        self.ins = []\n", "        self.ins = getattr(self, 'ins', [])\n"),
    ("d = d @ self.W[i].T\n", "d = d @ self.W[i].T\n        self.ins = []\n"),
]
"""An initialiser that is not asked, and inputs that backward alone forgets."""


@pytest.mark.parametrize(("edits", "costs"), [(ASKED, {"3.2"}), (EMPTIED, {"3.2", "3.4"})])
def test_what_shows_only_when_a_network_is_used_as_in_training(
    tmp_path: Path, edits: list[tuple[str, str]], costs: set[str]
) -> None:
    """Its weights come from the initialisers, and evaluation comes between two batches."""
    put("classic2019", tmp_path / "it", [("hw1.py", *edit) for edit in edits])
    assert set(lost(graded(tmp_path / "it", "classic2019"))) == costs


def test_what_is_unchanged_after_an_exception_is_no_evidence(tmp_path: Path) -> None:
    """Gamma and beta stay as they are because step raises before it comes to them."""
    put("classic2020", tmp_path / "it", [("hw1/hw1.py", STEP_B, f"{STEP_B}; layer.nothing")])
    results = graded(tmp_path / "it", "classic2020").results
    assert [d.message for result in results for d in (*result.diagnosis, *result.unwritten)] == []


def test_what_is_zero_in_one_layer_only_is_written(tmp_path: Path) -> None:
    """The loop of backward ends before the first layer: `dW` of an MLP with one layer is zero."""
    edit = "hw1/hw1.py", BACKWARDS, BACKWARDS.replace("-1, -1)", "0, -1)")
    put("classic2020", tmp_path / "it", [edit])
    results = graded(tmp_path / "it", "classic2020").results
    said = {result.question.id: [d.message for d in result.unwritten] for result in results}
    assert said["3.2"] == [
        "perhaps not written yet: backward/dW[0] is all zeros, backward/db[0] is all zeros"
    ]
    assert said["3.4"] == []


def test_what_is_written_in_a_wrong_line_is_not_to_be_written(tmp_path: Path) -> None:
    """Where the line is found, nobody guesses that the method is not written yet."""
    edit = "hw1/hw1.py", BACKWARDS, BACKWARDS.replace("-1, -1)", "0, -1)")
    put("classic2020", tmp_path / "it", [edit])
    course = find_course("1")
    submission = find(tmp_path / "it")
    session = grade(submission, course, load(course), Limits(), only=["3.2"], with_training=False,
                    effort=20.0)  # fmt: skip
    (result,) = session.results
    assert [(r.method, r.change) for r in result.repairs] == [("MLP.backward", "`0` -> `-1`")]
    assert (result.unwritten, result.to_write) == ([], ())


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("mytorch/activation.py", "import numpy as np", "import numpy as np\nwhile True: pass",
         "was stopped after 2 s; put what trains or waits under `if __name__ =="),
        ("mytorch/activation.py", "import numpy as np", "import numpy as np, time\ntime.sleep(60)",
         "`time.sleep(60)` was stopped after 2 s"),
        ("mytorch/linear.py", "import numpy as np", "import numpy as np\ndef train():\n"
         "    while True:\n        try: pass\n        except: pass\ntrain()",
         "`train()` was stopped after 2 s"),
        ("mytorch/linear.py", "import numpy as np", "import numpy as np, os\nos._exit(0)",
         "`os._exit(0)`: SystemExit: it ended the process"),
        ("hw1/hw1.py", "import numpy as np", "import numpy as np\nMLP(1).train()",
         "`MLP(1).train()`: TypeError: MLP.__init__() missing"),
        ("mytorch/loss.py", "import numpy as np", "import numpy as np\nimport torch.nothing",
         "there is no package torch"),
        ("hw1/hw1.py", "import numpy as np", "import numpy as np\nimport matplotlib\n"
         "matplotlib.use('TkAgg')\nraise SystemExit", "`raise SystemExit`: SystemExit"),
    ],
)  # fmt: skip
def test_what_happens_outside_of_all_functions_is_noted(
    tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    put("classic2020", tmp_path / "it", [(file, old, new)])
    session = graded(tmp_path / "it", "classic2020")
    assert (lost(session), accused(session)) == ({}, [])
    assert said in "\n".join(session.notes)


def test_a_file_that_python_cannot_read_costs_its_own_questions(tmp_path: Path) -> None:
    put("classic2020", tmp_path / "it", [("mytorch/loss.py", "import numpy", "def broken(:\n")])
    session = graded(tmp_path / "it", "classic2020")
    assert lost(session) == {"2.1": 5}
    assert any("mytorch/loss.py, line 1: invalid syntax" in note for note in session.notes)


def test_a_file_in_utf_16_is_read_and_noted(tmp_path: Path) -> None:
    put("classic2020", tmp_path / "it")
    file = tmp_path / "it" / "mytorch" / "linear.py"
    file.write_text(file.read_text(), encoding="utf-16")
    session = graded(tmp_path / "it", "classic2020")
    assert lost(session) == {}
    assert session.notes == [
        "mytorch/linear.py, line 1: the file is saved as UTF-16; save it as UTF-8"
    ]
