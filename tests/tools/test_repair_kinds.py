"""Kinds of mistakes whose line the search finds, each in hand-ins that were written for it.

The oracles are the places where a right hand-in was edited.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.quick import some
from tests.tools.test_fairness import COURSES, put
from tests.tools.test_repair import lines_of_edits, near, searched, told

HW, NORM, ACT = "hw1/hw1.py", "mytorch/batchnorm.py", "mytorch/activation.py"
LOSS, LINEAR, OLD = "mytorch/loss.py", "mytorch/linear.py", "hw1.py"
VELOCITY = "layer.momentum_b = self.momentum * layer.momentum_b - self.lr * layer.db\n"
VELOCITY_W = "layer.momentum_W = self.momentum * layer.momentum_W - self.lr * layer.dW"
NEW_W = "            layer.W = layer.W + layer.momentum_W\n"
RUNNING = "self.alpha * self.running_mean + (1 - self.alpha) * self.mean"
ROOT, OF_RUNNING = "np.sqrt(self.var + self.eps)", "np.sqrt(self.running_var + self.eps)"
FUNCTIONAL, SGD, NN_NORM = (
    f"mytorch/{file}.py" for file in ("nn/functional", "optim/sgd", "nn/batchnorm")
)
BACK = "delta = self.linear_layers[i].backward(delta)"
MOVE = "self.momentums[i] = self.momentum * self.momentums[i] - self.lr * p.grad.data\n"
NEW_V = "v = self.momentums[i]\n            v = self.momentum * v - self.lr * p.grad.data\n"
DX = "return g / s + dvar * 2 * (self.x - self.mean) / m + dmean / m"
TANH = (
    "class Tanh(Activation):\n"
    "    def forward(self, x): self.state = np.tanh(x); return self.state\n"
    "    def derivative(self): return 1 - self.state ** 2\n"
)
MADE = (
    "def made(f, slope):\n    class Made(Activation):\n"
    "        def forward(self, x): self.state = f(x); return self.state\n"
    "        def derivative(self): return -slope(self.state)\n"
    "    return Made\nTanh = made(np.tanh, lambda s: 1 - s ** 2)\n"
)
Edits = Sequence[tuple[str, str, str]]
MISTAKES: dict[str, tuple[str, Edits]] = {
    "eps as in another library": ("classic2020", [(NORM, "alpha, 1e-8", "alpha, 1e-5")]),
    "eps too large": ("classic2019", [(OLD, "alpha, 1e-8", "alpha, 1e-3")]),
    "eps outside of the root": (
        "classic2020", [(NORM, f"mean) / {ROOT}", "mean) / (np.sqrt(self.var) + self.eps)")],
    ),
    "both roots forgotten": (
        "classic2019",
        [(OLD, f"{OF_RUNNING} + self", "(self.running_var + self.eps) + self"),
         (OLD, f"mean) / {ROOT}", "mean) / (self.var + self.eps)")],
    ),
    "the running mean replaced": ("classic2020", [(NORM, RUNNING, "self.mean.copy()")]),
    "a share mistyped": ("classic2019", [(OLD, "n, alpha=0.9", "n, alpha=0.99")]),
    "beta without a step": (
        "classic2020", [(HW, "            bn.beta = bn.beta - self.lr * bn.dbeta\n", "")],
    ),
    "biases without a step": (
        "classic2019", [(OLD, "; self.b[i] = self.b[i] + self.vb[i]", "")],
    ),
    "the logarithm of the labels": (
        "classic2020",
        [(LOSS, "-(y * logp).sum(axis=1)", "-(self.p * np.log(y)).sum(axis=1)")],
    ),
    "softmax without its shift": (
        "classic2019",
        [
            (OLD, "        top = x.max(axis=1, keepdims=True)\n", ""),
            (OLD, "logp = x - top - np.log(np.exp(x - top)", "logp = x - np.log(np.exp(x)"),
        ],
    ),
    "a slope at zero": ("classic2020", [(ACT, "self.state > 0", "self.state >= 0")]),
    "another dtype": (
        "classic2019", [(OLD, "(self.state > 0).astype(float)", "(self.state >= 0).astype(int)")],
    ),
    "a mode the wrong way round": (
        "classic2020", [(HW, "(x, not self.train_mode)", "(x, self.train_mode)")],
    ),
    "a mode that is never None": (
        "classic2019", [(OLD, "(x, not self.train_mode)", "(x, self.train_mode is None)")],
    ),
    "one layer too early": ("classic2019", [(OLD, "self.ins[i].T @ d", "self.ins[i - 1].T @ d")]),
    "a path of the gradient lost": (
        "classic2020",
        [(NORM, "return g / s + dvar * 2 * (self.x - self.mean) / m + dmean / m",
          "return g / s + dvar * 2 * (self.x - self.mean) / m")],
    ),
    "a velocity that is not kept": (
        "classic2020",
        [(HW, VELOCITY, VELOCITY.replace("layer.momentum_b =", "momentum_b =")),
         (HW, "layer.b + layer.momentum_b", "layer.b + momentum_b")],
    ),
    "a velocity that is another array": (
        "autograd", [(SGD, MOVE, NEW_V), (SGD, "p.data + self.momentums[i]", "p.data + v")],
    ),
    "the gradient of a layer is not kept": ("classic2020", [(HW, BACK, BACK[8:])]),
    "a product is not kept": ("classic2019", [(OLD, "d = d @ self.W[i].T", "d.dot(self.W[i].T)")]),
    "one list with two names": (
        "classic2019",
        [(OLD, "self.vW = [0 * W for W in self.W]; self.vb = [0 * b for b in self.b]",
          "self.vW = self.vb = [0.0] * self.n")],
    ),
    "one layer several times": (
        "classic2020",
        [(HW, "[BatchNorm(n) for n in hiddens[:num_bn_layers]]",
          "[BatchNorm(hiddens[0])] * num_bn_layers if hiddens else []")],
    ),
    "two names in the wrong order": (
        "autograd",
        [(FUNCTIONAL, "a, b = ctx.saved_tensors\n        return pair(ctx, g.data / b.data",
          "b, a = ctx.saved_tensors\n        return pair(ctx, g.data / b.data")],
    ),
    "a mode that is not handed on": ("classic2020", [(HW, "(x, not self.train_mode)", "(x)")]),
    "a mode that is always the same": (
        "classic2019", [(OLD, "(x, not self.train_mode)", "(x, False)")],
    ),
    "a lambda in a table": (
        "classic2020",
        [(ACT, "return 1 - self.state ** 2", "return TABLE['tanh'](self.state)"),
         (ACT, "import numpy as np\n",
          "import numpy as np\nTABLE = {'tanh': lambda s: 1 - s, 'linear': lambda s: s}\n")],
    ),
    "a class that a function has made": ("classic2020", [(ACT, TANH, MADE)]),
    "the term of the variance lost": ("classic2020", [(NORM, DX, "return g / s + dmean / m")]),
    "a variance outside of the graph": (
        "autograd",
        [(NN_NORM, "((x - mean) ** 2).mean0()", "Tensor(((x - mean) ** 2).mean0().data)")],
    ),
    "a difference divided in part": (
        "classic2020",
        [(NORM, "self.norm = (x - self.mean) / np.sqrt(self.var + self.eps)",
          "s = np.sqrt(self.var + self.eps)\n        self.norm = x - self.mean / s")],
    ),
    "the reciprocal of the first term": (
        "classic2019", [(OLD, "= 1 / (1 + np.exp(-x))", "= 1 / 1 + np.exp(-x)")],
    ),
    "a step by the last velocity": (
        "classic2020",
        [(HW, NEW_W, ""), (HW, VELOCITY_W, f"{NEW_W.strip()}\n{' ' * 12}{VELOCITY_W}")],
    ),
    "= for /=": ("autograd", [(FUNCTIONAL, "ctx.g /= len(logp)", "ctx.g = len(logp)")]),
}  # fmt: skip


@pytest.mark.slow
def test_each_kind_is_found_where_it_is(tmp_path: Path, slow: bool) -> None:
    missed = []
    for number, (name, (base, edits)) in enumerate(some(list(MISTAKES.items()), 3, slow)):
        put(base, tmp_path / str(number), edits)
        wrong = lines_of_edits(base, tmp_path / str(number), edits)
        found = told(searched(tmp_path / str(number), COURSES[base]))
        if not found or not all(near(lines, wrong) for lines in found):
            missed.append((name, found))
    assert missed == []
