"""The sandbox and the drawn graph."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mytorch.graph import Graph, graph_of, to_dot
from mytorch.tensor import Tensor
from tests.conftest import ROOT

# What 002 §0.1.4 to §0.1.7 prints, in its order; None for the gradient that b does not get.
PAGE = [2, 3, 9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 3, 3, None, 1]


def sandbox(python: Callable[..., Any], *options: object) -> Any:
    return python(ROOT / "sandbox.py", *options, PYTHONPATH=str(ROOT))


def test_every_number_of_the_worked_example(python: Callable[..., Any]) -> None:
    result = sandbox(python)
    assert result.returncode == 0, result.stderr
    rows = re.findall(r"(\S+) +(\S+)  (match|MISMATCH)$", result.stdout, re.M)
    shown = [None if computed == "none" else float(computed) for _, computed, _ in rows]
    assert shown == PAGE
    assert {verdict for *_, verdict in rows} == {"match"}
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_a_wrong_gradient_is_a_mismatch(python: Callable[..., Any]) -> None:
    code = (
        "from mytorch.nn.functional import Mul\n"
        "from mytorch.tensor import Tensor\n"
        "Mul.backward = staticmethod(lambda ctx, g: (Tensor(5.0), Tensor(1.0)))\n"
        "import sandbox, sys; sys.exit(sandbox.main([]))"
    )
    result = python("-c", code, PYTHONPATH=str(ROOT))
    assert result.returncode == 1
    wrong = [line.split()[0:3] for line in result.stdout.splitlines() if "MISMATCH" in line]
    assert [row[:3] for row in wrong] == [
        ["0.1.5", "step", "7"],
        ["0.1.5", "step", "8"],
        ["0.1.7", "a.grad", "after"],
    ]


def test_the_graph_as_dot_and_as_a_picture(python: Callable[..., Any], tmp_path: Path) -> None:
    result = sandbox(python, "--dot")
    assert result.stdout.startswith("digraph {\n")
    assert '[label="d = Add"];' in result.stdout
    assert result.stdout.count("->") == 8
    result = sandbox(python, "--plot", tmp_path / "new")
    assert result.returncode == 0, result.stderr
    content = (tmp_path / "new" / "worked_example.png").read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    (tmp_path / "file").write_text("")
    result = sandbox(python, "--plot", tmp_path / "file")
    assert result.returncode == 1
    assert "file: File exists" in result.stderr


def test_a_graph_has_each_node_once() -> None:
    x, w = Tensor(2.0, requires_grad=True), Tensor(3.0)
    square = x * x
    out = square * w + square
    graph = graph_of(out, {"x": x, "square": square})
    assert graph == Graph(
        ["Add", "Mul", "square = Mul", "constant", "x"],
        [(0, 1), (0, 2), (1, 2), (1, 3), (2, 4), (2, 4)],
    )
    assert to_dot(graph).splitlines()[-2:] == ["  n2 -> n4;", "}"]


def test_without_a_graph_there_is_a_sentence() -> None:
    with pytest.raises(ValueError, match="no graph leads to this tensor"):
        graph_of(Tensor(np.ones(2)))
    x = Tensor(1.0, requires_grad=True)
    y = x * 2
    y.backward()
    with pytest.raises(ValueError, match="look at it before backward"):
        graph_of(y)
