"""What is written is not called unwritten, and which mistake it is, is named.

The oracles are the edits of hand-ins that are right without them.
"""

from pathlib import Path

import pytest

from tests.support.style import Edit
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
PATHS = """def backward(fn, grad):
    if fn is None: return
    grads = fn.apply(grad)
    if not fn.next_functions: return
    if not isinstance(grads, tuple): grads = (grads,)
    for parent, g in zip(fn.next_functions, grads):
        if parent is not None: backward(parent, g)
"""
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


def engine(kept: str) -> list[Edit]:
    shared = "a.node = getattr(a, 'node', None) or AccumulateGrad(a)"
    return [
        (ENGINE, PATHS, NODES.replace("KEEP", kept)),
        (ENGINE, "elif a.is_leaf: node.next_functions.append(AccumulateGrad(a))",
         f"elif a.is_leaf:\n                {shared}\n"
         "                node.next_functions.append(a.node)"),
    ]  # fmt: skip


def test_a_step_that_does_nothing_in_one_question_only_is_written(tmp_path: Path) -> None:
    put("classic2019", tmp_path / "it", SCALED)
    session = graded(tmp_path / "it", "classic2019")
    assert [d.message for r in session.results for d in r.unwritten] == []
    said = {d.id: d.message for r in session.results for d in r.diagnosis}
    assert set(said) == {"gradient times the momentum", "step does nothing here"}
    assert ": in this question, not in 3." in said["step does nothing here"]


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
    session = graded(tmp_path / "it", "classic2020")
    assert set(lost(session)) == {"3.3b"}
    assert [d.message for r in session.results for d in r.unwritten] == []
