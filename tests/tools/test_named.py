"""What is written is not called unwritten, and which mistake it is, is named.

The oracles are the edits of hand-ins that are right without them.
"""

from pathlib import Path

import pytest

from tests.support.style import HAND_INS, Edit
from tests.support.styles import ACT, ENGINE, FUNCTIONAL
from tests.tools.test_fairness import accused, graded, lost, put

pytestmark = pytest.mark.slow
VW = "self.vW[i] = self.momentum * self.vW[i] - self.lr * self.dW[i]"
VB = "self.vb[i] = self.momentum * self.vb[i] - self.lr * self.db[i]"
SCALED: list[Edit] = [
    ("hw1.py", VW, "self.vW[i] = self.momentum * (self.vW[i] - self.lr * self.dW[i])"),
    ("hw1.py", VB, "self.vb[i] = self.momentum * (self.vb[i] - self.lr * self.db[i])"),
]
"""Where the momentum is 0, no step changes anything."""
SOURCE = (HAND_INS / "autograd" / ENGINE).read_text()
PATHS = SOURCE[SOURCE.index("def backward") : SOURCE.index("class Function")]
"""Every path by itself."""
NODES = """def backward(fn, grad):
    users, todo = {fn: 0}, [fn]
    while todo:
        for parent in filter(None, todo.pop().next_functions):
            if parent not in users: users[parent] = 0; todo.append(parent)
            users[parent] += 1
    grads, ready = {fn: grad}, [fn]
    while ready:
        node = ready.pop()
        parts = node.apply(grads[node])
        for parent, g in zip(node.next_functions, parts if isinstance(parts, tuple) else (parts,)):
            if parent is None: continue
            KEEP
            users[parent] -= 1
            if not users[parent]: ready.append(parent)
"""
"""Every node once, when all its users have passed on their gradients."""
SUM = "grads[parent] = tensor.Tensor(grads[parent].data + g.data) if parent in grads else g"

ADDED = (
    "v.grad = tensor.Tensor(g.data.copy()) if v.grad is None else "
    "tensor.Tensor(v.grad.data + g.data)"
)


def engine(kept: str) -> list[Edit]:
    shared = "a.node = getattr(a, 'node', None) or AccumulateGrad(a)"
    return [
        (ENGINE, PATHS, NODES.replace("KEEP", kept)),
        (ENGINE, "elif a.is_leaf: node.next_functions.append(AccumulateGrad(a))",
         f"elif a.is_leaf:\n                {shared}\n"
         "                node.next_functions.append(a.node)"),
    ]  # fmt: skip


HW1 = "hw1/hw1.py"
STEP = "            layer.W = layer.W + layer.momentum_W\n"
STEP_B = "            layer.b = layer.b + layer.momentum_b\n"
NO_BIASES: list[Edit] = [(HW1, STEP_B, "")]
NO_MOMENTUM: list[Edit] = [
    (HW1, f"layer.momentum_{name} = self.momentum * layer.momentum_{name} -",
     f"layer.momentum_{name} = -") for name in "Wb"
]  # fmt: skip
NO_STEP: list[Edit] = [(HW1, STEP + STEP_B, "            pass\n")]
"""Gamma and beta are moved all the same."""
DERIVATIVE = "            delta = delta * self.activations[i].derivative()\n"
NORM = "            if i < self.num_bn_layers: delta = self.bn_layers[i].backward(delta)\n"
TWICE: list[Edit] = [(HW1, DERIVATIVE, DERIVATIVE.replace("()", "() ** 2"))]
SWAPPED: list[Edit] = [(HW1, DERIVATIVE + NORM, NORM + DERIVATIVE)]
NO_NORM: list[Edit] = [(HW1, NORM, "")]
SQUARED = "activation's derivative applied twice in the MLP"


def test_a_step_that_does_nothing_in_one_question_only_is_written(tmp_path: Path) -> None:
    put("classic2019", tmp_path / "it", SCALED)
    session = graded(tmp_path / "it", "classic2019")
    assert [d.message for r in session.results for d in r.unwritten] == []
    said = {(r.question.id, d.id): d.message for r in session.results for d in r.diagnosis}
    assert set(said) == {("3.2", "step does nothing here"), ("3.4", "step does nothing here"),
                         ("3.6", "gradient times the momentum")}  # fmt: skip
    for question in ("3.2", "3.4"):
        assert said[question, "step does nothing here"].endswith(": in this question, not in 3.6")


@pytest.mark.parametrize(
    ("edits", "undone", "named"),
    [
        (NO_BIASES + NO_MOMENTUM, {"biases not updated": "3.2 3.4 3.6",
                                   "momentum never accumulated": "3.6"}, set()),
        (NO_BIASES + TWICE, {"biases not updated": "3.2 3.4 3.6"}, {SQUARED}),
        (NO_MOMENTUM + TWICE, {"momentum never accumulated": "3.6"}, {SQUARED}),
        (NO_STEP, {"step does nothing": "3.2 3.4"}, set()),
        (NO_STEP + TWICE, {"step does nothing": "3.2 3.4"}, {SQUARED}),
        (NO_STEP + SWAPPED, {"step does nothing": "3.2 3.4"}, set()),
        (NO_STEP + NO_NORM, {"step does nothing": "3.2 3.4"}, set()),
    ],
    ids=["biases and momentum", "biases, wrong backward", "momentum, wrong backward",
         "linear layers' step", "step, wrong backward", "step, wrong order", "step, no norm"],
)  # fmt: skip
def test_what_is_undone_beside_something_else_accuses_nobody(
    edits: list[Edit], undone: dict[str, str], named: set[str], tmp_path: Path
) -> None:
    put("classic2020", tmp_path / "it", edits)
    session = graded(tmp_path / "it", "classic2020")
    found = {(d.id, r.question.id) for r in session.results for d in r.unwritten}
    assert {(name, id) for name, ids in undone.items() for id in ids.split()} <= found
    assert set(accused(session)) == named


def test_an_engine_that_adds_a_nodes_gradients_is_right(tmp_path: Path) -> None:
    put("autograd", tmp_path / "it", engine(SUM))
    session = graded(tmp_path / "it", "autograd")
    assert (lost(session), accused(session)) == ({}, [])


@pytest.mark.parametrize("kept", ["grads[parent] = g", "grads.setdefault(parent, g)"])
def test_one_gradient_of_several_that_come_to_a_tensor(kept: str, tmp_path: Path) -> None:
    put("autograd", tmp_path / "it", engine(kept))
    session = graded(tmp_path / "it", "autograd")
    assert set(lost(session)) == {"1.2"}
    assert {name.partition(":")[0] for name in accused(session)} == {"gradients of a pass"}


@pytest.mark.parametrize(
    ("kept", "said"),
    [("v.grad = tensor.Tensor(g.data.copy())", "the last"),
     ("v.grad = tensor.Tensor(g.data.copy()) if v.grad is None else v.grad", "the first")],
)  # fmt: skip
def test_one_gradient_of_several_that_come_to_a_leaf(kept: str, said: str, tmp_path: Path) -> None:
    put("autograd", tmp_path / "it", [(ENGINE, ADDED, kept)])
    session = graded(tmp_path / "it", "autograd")
    assert set(lost(session)) == {"1.2"}
    assert accused(session) == [f"gradient of a leaf: {said} kept"]


def test_a_gradient_that_is_not_divided_as_its_loss_is(tmp_path: Path) -> None:
    put("autograd", tmp_path / "it", [(FUNCTIONAL, "ctx.g[rows] -= 1; ctx.g /= len(logp)",
                                       "ctx.g[rows] -= 1")])  # fmt: skip
    session = graded(tmp_path / "it", "autograd")
    assert set(lost(session)) == {"2.5"}
    assert accused(session) == ["gradient of the cross-entropy summed"]


def test_a_loop_without_an_end_is_not_unwritten(tmp_path: Path) -> None:
    tanh = "def forward(self, x): self.state = np.tanh(x); return self.state"
    endless = f"def forward(self, x):\n        while True: pass\n    {tanh.replace('forward', 'g')}"
    put("classic2020", tmp_path / "it", [(ACT, tanh, endless)])
    session = graded(tmp_path / "it", "classic2020", seconds=1.0)
    assert set(lost(session)) == {"3.3b"}
    assert [d.message for r in session.results for d in r.unwritten] == []
