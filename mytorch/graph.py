"""The graph behind a tensor, as nodes and edges and as DOT text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mytorch.autograd_engine import AccumulateGrad, Node
from mytorch.tensor import Tensor


class Graph(NamedTuple):
    """A graph: the label of each node by its number, and pairs `(output, input)` of numbers."""

    labels: list[str]
    edges: list[tuple[int, int]]


def graph_of(output: Tensor, names: Mapping[str, Tensor] | None = None) -> Graph:
    """The operations and leaves that `output` was computed from, each once, `output` first.

    `names` gives names to tensors. An input without gradient is a node of its own, "constant".
    Raises ValueError where there is no graph; after `backward` there is none any more.
    """
    if output.grad_fn is None or output.grad_fn.released:
        raise ValueError(
            "graph_of: no graph leads to this tensor; look at it before backward(), "
            "or call backward(retain_graph=True)"
        )
    known = {id(_key(t.grad_fn or t)): name for name, t in (names or {}).items()}
    labels: list[str] = []
    edges: list[tuple[int, int]] = []
    numbers: dict[int, int] = {}

    def number(node: Node | None) -> int:
        key = None if node is None else id(_key(node))
        if key is not None and key in numbers:
            return numbers[key]
        labels.append(_label(node, known.get(key, "") if key else ""))
        if key is not None:
            numbers[key] = len(labels) - 1
        return len(labels) - 1

    number(output.grad_fn)
    unexplored, explored = [output.grad_fn], {id(output.grad_fn)}
    while unexplored:
        node = unexplored.pop(0)
        for source in node.next_functions:
            edges.append((number(node), number(source)))
            if source is not None and id(source) not in explored:
                explored.add(id(source))
                unexplored.append(source)
    return Graph(labels, edges)


def to_dot(graph: Graph) -> str:
    """DOT text for Graphviz; arrows show the way of the gradients."""
    lines = ["digraph {", "  rankdir=RL;", "  node [shape=box];"]
    signs = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})
    quoted = [label.translate(signs) for label in graph.labels]
    lines += [f'  n{i} [label="{label}"];' for i, label in enumerate(quoted)]
    lines += [f"  n{a} -> n{b};" for a, b in graph.edges]
    return "\n".join([*lines, "}"])


def _key(node: object) -> object:
    """What a node stands for: all paths to a leaf end in the same place."""
    return node.variable if isinstance(node, AccumulateGrad) else node


def _label(node: Node | None, name: str) -> str:
    if node is None:
        return "constant"
    if isinstance(node, AccumulateGrad):
        shape = node.variable.shape
        return f"{name or 'leaf'} {shape}" if shape else name or "leaf"
    return f"{name} = {node.function.__name__}" if name else node.function.__name__


__all__ = ["Graph", "graph_of", "to_dot"]
