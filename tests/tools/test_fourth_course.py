"""A course that was made up is added by one folder, without touching any other file."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.support.grading import ROOT, command

FOURTH = '''
"""A course that was made up: columns are samples, the mean is in the layer, W is (out, in)."""

COMMAND = "nowhere-2030"
TITLE = "Nowhere 2030"
DESCRIPTION = "Grades the homework of a course that was made up."
LAYOUT = {"files": ("pieces.py",), "marks": (("pieces.py", r"class Dense"),)}
CONVENTIONS = {
    "samples": "columns",
    "weight": "out, in",
    "bias": "out, 1",
    "mean": "layer",
    "labels": "integers",
    "mse": 1,
    "names": {
        "Linear": "Dense", "W": "weights", "b": "offset", "dW": "grad.weights", "db": "grad.offset",
        "ReLU": "Rectifier", "CrossEntropyLoss": "SoftmaxLoss", "BatchNorm1d": "Norm",
    },
    "homes": {name: ("pieces",) for name in ("Dense", "Rectifier", "SoftmaxLoss", "Norm")},
}
POINTS = (
    ("1", "Dense layer", "linear", {"forward": 4, "backward": 4}, True),
    ("1+", "Dense layer again", "linear_more", {"start": 1, "backward": 1}, False),
    ("2", "Rectifier", "relu", {"forward": 2, "backward": 2}, True),
    ("3", "Loss", "cross_entropy", {"forward": 4, "backward": 4}, True),
    ("4", "Norm", "batchnorm", {"forward": 4, "eval": 1, "backward": 4}, True),
)
'''
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


def test_a_fourth_course_is_one_folder(tmp_path: Path) -> None:
    project = tmp_path / "project"
    leave = shutil.ignore_patterns("__pycache__", "coursework", "hand_ins", "tools", "walkthrough")
    for name in ("tests", "mytorch"):
        shutil.copytree(ROOT / name, project / name, ignore=leave)
    folder = project / "tests" / "autograder" / "courses" / "nowhere_2030"
    folder.mkdir()
    (folder / "__init__.py").write_text(FOURTH)
    assert "nowhere-2030  Nowhere 2030" in command("courses", folder=project).stdout.splitlines()
    handin = tmp_path / "hand-in"
    handin.mkdir()
    (handin / "pieces.py").write_text(PIECES)
    done = command("grade", str(handin), folder=project)
    assert done.stdout.startswith("course nowhere-2030, found out from the files"), done.stderr
    assert "29 of 29 in what the course itself grades" in done.stdout, done.stdout
    assert done.returncode == 0, done.stdout
    (handin / "pieces.py").write_text(PIECES.replace("self.x.T / n", "self.x.T").replace(
        "keepdims=True) / n}", "keepdims=True)}"))  # fmt: skip
    done = command("grade", str(handin), "--course", "nowhere-2030", folder=project)
    text = " ".join(done.stdout.split())
    assert "right in the convention of cmu-s24 and uva-2019 (the mean over the batch" in text
    assert done.returncode == 1
