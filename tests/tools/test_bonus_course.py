"""The bonus of spring 2024: Adam, AdamW and dropout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.autograder.course import find_course
from tests.autograder.references import load
from tests.support.grading import command

ADAM = """import numpy as np

class Adam:
    def __init__(self, model, lr, beta1=0.9, beta2=0.999, eps=1e-8):
        self.l = model.layers[::2]
        self.lr, self.beta1, self.beta2, self.eps, self.t = lr, beta1, beta2, eps, 0
        self.m_W = [np.zeros(l.W.shape, dtype="f") for l in self.l]
        self.v_W = [np.zeros(l.W.shape, dtype="f") for l in self.l]
        self.m_b = [np.zeros(l.b.shape, dtype="f") for l in self.l]
        self.v_b = [np.zeros(l.b.shape, dtype="f") for l in self.l]

    def step(self):
        self.t += 1
        for i, l in enumerate(self.l):
            self.m_W[i] = self.beta1 * self.m_W[i] + (1 - self.beta1) * l.dLdW
            self.v_W[i] = self.beta2 * self.v_W[i] + (1 - self.beta2) * l.dLdW**2
            self.m_b[i] = self.beta1 * self.m_b[i] + (1 - self.beta1) * l.dLdb
            self.v_b[i] = self.beta2 * self.v_b[i] + (1 - self.beta2) * l.dLdb**2
            c1, c2 = 1 - self.beta1**self.t, 1 - self.beta2**self.t
            l.W = l.W - self.lr * (self.m_W[i] / c1) / np.sqrt(self.v_W[i] / c2 + self.eps)
            l.b = l.b - self.lr * (self.m_b[i] / c1) / np.sqrt(self.v_b[i] / c2 + self.eps)
"""
ADAMW = ADAM.replace("class Adam:", "class AdamW:").replace(
    "eps=1e-8):", "eps=1e-8, weight_decay=0.01):\n        self.weight_decay = weight_decay"
).replace(
    "            l.W = l.W", "            l.W = l.W - l.W * self.lr * self.weight_decay\n"
    "            l.b = l.b - l.b * self.lr * self.weight_decay\n            l.W = l.W",
)  # fmt: skip
DROPOUT = """import numpy as np

class Dropout(object):
    def __init__(self, p=0.5):
        self.p = p

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x, train=True):
        if train:
            self.mask = np.random.binomial(1, 1 - self.p, x.shape)
            return x * self.mask / (1 - self.p)
        return x

    def backward(self, delta):
        return delta * self.mask
"""
FILES = {"mytorch/optim/adam.py": ADAM, "mytorch/optim/adamW.py": ADAMW,
         "mytorch/nn/dropout.py": DROPOUT}  # fmt: skip
OTHERS = {
    "mytorch/__init__.py": "from .nn import *\nfrom .optim import *\nfrom .models import *\n",
    "mytorch/nn/__init__.py": "from .linear import Linear\n",
    "mytorch/nn/linear.py": "class Linear:\n    pass\n",
    "mytorch/optim/__init__.py": "from .adam import Adam\nfrom .adamW import AdamW\n",
    "mytorch/models/__init__.py": "from .mlp import MLP4\n",
    "mytorch/models/mlp.py": "class MLP4:\n    pass\n",
}
WRONG = {
    "no bias correction": ("adam.py", "c1, c2 = 1 - self.beta1**self.t, 1 - self.beta2**self.t",
                           "c1, c2 = 1, 1"),
    "steps not counted": ("adam.py", "self.t += 1", "self.t = 1"),
    "eps of Adam outside the root": (
        "adam.py",
        "np.sqrt(self.v_W[i] / c2 + self.eps)\n            l.b = l.b - self.lr * (self.m_b[i] / c1)"
        " / np.sqrt(self.v_b[i] / c2 + self.eps)",
        "(np.sqrt(self.v_W[i] / c2) + self.eps)\n            l.b = l.b - self.lr * (self.m_b[i] "
        "/ c1) / (np.sqrt(self.v_b[i] / c2) + self.eps)",
    ),
    "biases not updated": ("adam.py", "l.b = l.b - self.lr", "l.b - self.lr"),
    "weight decay without the learning rate": ("adamW.py", "self.lr * self.weight_decay",
                                               "self.weight_decay"),
    "weight decay left out": ("adamW.py", "* self.weight_decay", "* 0"),
    "biases not decayed": ("adamW.py", "l.b = l.b - l.b * self", "l.b - l.b * self"),
    "kept numbers not scaled": ("dropout.py", "self.mask / (1 - self.p)", "self.mask"),
    "backward of dropout scaled": ("dropout.py", "return delta * self.mask",
                                   "return delta * self.mask / (1 - self.p)"),
    "p is the share that is kept": ("dropout.py", "(1, 1 - self.p, x.shape)\n            return x "
                                    "* self.mask / (1 - self.p)",
                                    "(1, self.p, x.shape)\n            return x * self.mask / "
                                    "self.p"),
    "mask left out of backward": ("dropout.py", "return delta * self.mask", "return delta * 1"),
    "dropout in evaluation": ("dropout.py", "if train:", "if True:"),
}  # fmt: skip


def written(folder: Path, wrong: tuple[str, str, str] | None = None) -> Path:
    for name, text in {**FILES, **OTHERS}.items():
        if wrong and name.endswith(f"/{wrong[0]}"):
            assert wrong[1] in text
            text = text.replace(*wrong[1:])
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_a_right_bonus_gets_full_points_and_is_recognised(tmp_path: Path) -> None:
    done = command("grade", str(written(tmp_path / "x")))
    assert done.stdout.startswith("course cmu-s24-bonus, found out from the files"), done.stderr
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "20 of 20 in what the course itself grades"


@pytest.mark.slow
@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_bonus_is_named(mistake: str, tmp_path: Path) -> None:
    said = find_course("cmu-s24-bonus").mistakes[mistake]
    done = command("grade", str(written(tmp_path / "x", WRONG[mistake])), "--effort", "0")
    assert done.returncode == 1
    assert said in " ".join(done.stdout.split())
    assert len([line for line in done.stdout.splitlines() if " mistake: " in line]) == 1


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
