"""A course that was made up is added by one folder, without touching any other file."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.support.grading import ROOT, command

FOURTH = """
# A course that was made up: columns are samples, the mean is in the layer, W is (out, in).

title = "Nowhere 2030"
year = 2030
description = "Grades the homework of a course that was made up."

[layout]
files = ["pieces.py"]
marks = [{file = "pieces.py", pattern = 'class Dense'}]

[homes]
Dense = ["pieces"]
Rectifier = ["pieces"]
SoftmaxLoss = ["pieces"]
Norm = ["pieces"]

[conventions]
samples = "columns"
weight = "out, in"
bias = "out, 1"
mean = "layer"
labels = "integers"
mse = 1

[conventions.names]
Linear = "Dense"
W = "weights"
b = "offset"
dW = "grad.weights"
db = "grad.offset"
ReLU = "Rectifier"
CrossEntropyLoss = "SoftmaxLoss"
BatchNorm1d = "Norm"

[[questions]]
id = "1"
title = "Dense layer"
exercise = "linear"
points = {forward = 4, backward = 4}

[[questions]]
id = "1+"
title = "Dense layer again"
exercise = "linear_more"
points = {start = 1, backward = 1}
graded = false

[[questions]]
id = "2"
title = "Rectifier"
exercise = "relu"
points = {forward = 2, backward = 2}

[[questions]]
id = "3"
title = "Loss"
exercise = "cross_entropy"
points = {forward = 4, backward = 4}

[[questions]]
id = "4"
title = "Norm"
exercise = "batchnorm"
points = {forward = 4, eval = 1, backward = 4}
"""
PIECES = """
import numpy as np

class Dense:
    def __init__(self, inputs, outputs):
        self.weights, self.offset = np.zeros((outputs, inputs)), np.zeros((outputs, 1))

    def forward(self, x):
        self.x = x
        return self.weights @ x + self.offset

    def backward(self, d):
        n = d.shape[1]
        self.grad = {"weights": d @ self.x.T / n, "offset": d.sum(axis=1, keepdims=True) / n}
        return self.weights.T @ d

class Rectifier:
    def forward(self, z):
        self.on = z > 0
        return z * self.on

    def backward(self, d):
        return d * self.on

class SoftmaxLoss:
    def forward(self, x, labels):
        e = np.exp(x)
        self.p, self.labels = e / e.sum(axis=0), labels
        return -np.log(self.p[labels, range(len(labels))]).mean()

    def backward(self):
        d = self.p.copy()
        d[self.labels, range(len(self.labels))] -= 1
        return d

class Norm:
    def __init__(self, n):
        self.gamma, self.beta = np.ones((n, 1)), np.zeros((n, 1))
        self.running_mean, self.running_var = np.zeros((n, 1)), np.ones((n, 1))

    def forward(self, x, eval=False):
        m, v = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
        if eval:
            m, v = self.running_mean, self.running_var
        self.root = np.sqrt(v + 1e-8)
        self.n = (x - m) / self.root
        return self.gamma * self.n + self.beta

    def backward(self, d):
        d, n = self.gamma * d, self.n
        mean, share = d.mean(axis=1, keepdims=True), (d * n).mean(axis=1, keepdims=True)
        return (d - mean - n * share) / self.root
"""


@pytest.fixture
def handin(tmp_path: Path) -> Path:
    folder = tmp_path / "hand-in"
    folder.mkdir()
    (folder / "pieces.py").write_text(PIECES)
    return folder


def put(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "course.toml").write_text(FOURTH)
    return folder


@pytest.mark.slow
def test_a_fourth_course_is_one_folder(tmp_path: Path, handin: Path) -> None:
    project = tmp_path / "project"
    leave = shutil.ignore_patterns("coursework", "hand_ins", "tools", "walkthrough")
    for name in ("tests", "mytorch"):
        shutil.copytree(ROOT / name, project / name, ignore=leave)
    put(project / "tests" / "autograder" / "courses" / "nowhere_2030")
    listed = command("courses", folder=project).stdout.splitlines()
    assert "nowhere-2030  2030  Nowhere 2030" in listed
    done = command("grade", str(handin), folder=project)
    assert done.stdout.startswith("course nowhere-2030, found out from the files"), done.stderr
    assert "29 of 29 in what the course itself grades" in done.stdout, done.stdout
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_a_course_may_lie_anywhere(tmp_path: Path, handin: Path) -> None:
    course = put(tmp_path / "a course" / "nowhere_2030")
    done = command("grade", str(handin), "--course", str(course))
    assert done.stdout.startswith("course nowhere-2030, as --course says"), done.stderr
    assert "29 of 29 in what the course itself grades" in done.stdout, done.stdout
    (handin / "pieces.py").write_text(PIECES.replace("self.x.T / n", "self.x.T").replace(
        "keepdims=True) / n}", "keepdims=True)}"))  # fmt: skip
    done = command("grade", str(handin), "--course", str(course))
    text = " ".join(done.stdout.split())
    assert "right in the convention of cmu-s24 and uva-2019 (the mean over the batch" in text
    assert done.returncode == 1


@pytest.mark.slow
def test_its_handout_and_its_hand_in_need_a_solution_besides(tmp_path: Path, handin: Path) -> None:
    """A right homework has full points in the handout, too, though it keeps no `dgamma`."""
    course = put(tmp_path / "a course" / "nowhere_2030")
    handout = [sys.executable, "-m", "tests.autograder.handing", "handout", "--course", str(course)]
    done = subprocess.run([*handout, str(tmp_path / "x")], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, "has no solution/" in done.stderr) == (2, True)
    shutil.copytree(handin, course / "solution")
    subprocess.run([*handout, str(tmp_path / "new")], cwd=ROOT, check=True)
    readme = (tmp_path / "new" / "README.md").read_text()
    assert (
        "| 4 Norm | 9 | `pieces.py` | `Norm.__init__`, `Norm.forward`, `Norm.backward` |" in readme
    )
    assert "sandbox.py" not in readme  # there are no worked numbers
    done = command("nowhere-2030", folder=tmp_path / "new")
    assert "Write first: pieces.py: Dense.__init__" in done.stdout, done.stderr
    shutil.copy(handin / "pieces.py", tmp_path / "new")
    done = command("nowhere-2030", folder=tmp_path / "new")
    assert done.stdout.splitlines()[-1] == "29 of 29 in what the course itself grades"
    packing = [sys.executable, "-m", "tests.autograder.handing", "handin", "--name", "ada"]
    done = subprocess.run(packing, cwd=tmp_path / "new", capture_output=True, text=True)
    assert done.stdout.endswith("bytes, 1 file\n"), done.stderr
    with tarfile.open(tmp_path / "new" / "ada.tar") as archive:
        assert archive.getnames() == ["pieces.py"]


def test_the_exam_of_a_course_elsewhere_may_be_its_own(tmp_path: Path, handin: Path) -> None:
    """Its modules stand in the place of the shared ones; here they ask the half only."""
    course = put(tmp_path / "nowhere_2030")
    (course / "cases.py").write_text(
        "from tests.autograder.course import find_course\n"
        "from tests.autograder.shared import cases\n\n"
        "def draw(seed):\n"
        "    shared = cases.draw(find_course('nowhere-2030').conventions, seed)\n"
        "    return {name: {'ordinary': next(iter(c.values()))} for name, c in shared.items()}\n"
    )
    out = tmp_path / "result.json"
    done = command("grade", str(handin), "--course", str(course), "--json", str(out))
    assert done.returncode == 0, done.stderr
    checks = [c["name"] for q in json.loads(out.read_text())["questions"] for c in q["checks"]]
    assert {name.partition(":")[0] for name in checks} == {"ordinary"}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('title = "Nowhere 2030"\n', "", "title: this entry is missing"),
        ("year = 2030", 'year = "2030"', "year: expected a year such as 2024, got '2030'"),
        (
            "\n[layout]",
            'hint = "x"\n[layout]',
            "hint: this entry is not known; did you mean hints",
        ),
        ('mean = "layer"', 'mean = "batch"', "[conventions] mean: expected 'layer' or 'loss', got"),
        ("mse = 1", "mse = true", "[conventions] mse: expected a number that is not negative"),
        (
            '["pieces.py"]',
            '["pieces.py"]\n[handin]\narchive = "x.rar"',
            "[handin] archive: expected the name of a .tar or .zip file",
        ),
        ("mse = 1", "msee = 1", "[conventions] msee: this entry is not known; did you mean mse?"),
        (
            "'class Dense'",
            "'class (Dense'",
            "[layout] marks: expected a regular expression",
        ),
        ("graded = false", "graded = 0", "[questions 2] graded: expected true or false, got 0"),
        ('id = "1+"', 'id = "1"', "two questions have the id '1'; each needs its own"),
        (
            'exercise = "relu"',
            'exercise = "rely"',
            "question 2: no exercise rely; there are",
        ),
        ("{start = 1, b", "{begin = 1, b", "linear_more has no part begin; it has start, forward"),
        ('Norm = ["pieces"]\n', "", "question 4: [homes] lacks Norm, which it is about"),
        ('[[questions]]\nid = "4"', "[[questions", "course.toml is no TOML file: "),
    ],
)
def test_a_file_that_is_not_right_is_refused_in_a_sentence(
    old: str, new: str, says: str, tmp_path: Path, handin: Path
) -> None:
    course = put(tmp_path / "nowhere_2030")
    assert FOURTH.count(old) == 1
    (course / "course.toml").write_text(FOURTH.replace(old, new))
    done = command("grade", str(handin), "--course", str(course))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("grade: nowhere_2030/course.toml")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
