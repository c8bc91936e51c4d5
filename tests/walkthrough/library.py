"""This project's own classes, as the walk-through calls them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch import activation, batchnorm, convolution, linear, loss, mlp, pooling
from mytorch.autograd_engine import AccumulateGrad, ContextManager
from mytorch.graph import Graph, graph_of
from mytorch.nn.functional import Add, Mul
from mytorch.tensor import Tensor
from tests.walkthrough.names import HELPERS
from tests.walkthrough.pages.autograd import MAKE


def gradient(expression: str, **values: npt.ArrayLike) -> npt.NDArray[Any]:
    """The gradient of the sum of an expression's entries for the *first* of `values`.

    Automatic differentiation finds it: the expression is computed on tensors.
    """
    tensors = {name: Tensor(np.array(value, float)) for name, value in values.items()}
    first = next(iter(tensors))
    tensors[first] = Tensor(np.array(values[first], float), requires_grad=True)
    eval(expression, {}, tensors).sum().backward()
    grad = tensors[first].grad
    assert grad is not None
    return grad.data


def jacobian(expression: str, **values: npt.ArrayLike) -> npt.NDArray[Any]:
    """The derivative of each entry of an expression for each entry of the first of `values`.

    `(entries of the expression, entries of the value)`, both in the order of their rows.
    """
    constants = {name: Tensor(np.array(value, float)) for name, value in values.items()}
    shape = eval(expression, {}, constants).shape
    units = np.eye(int(np.prod(shape))).reshape(-1, *shape)
    rows = [gradient(f"({expression}) * unit", **values, unit=unit) for unit in units]
    return np.array(rows).reshape(len(units), -1)


def worked_example(values: bool = False) -> Graph:
    """The graph of 002 §0.1: `d = a + a * b`, `e = (d + c) + 3`; with `values` at its nodes."""
    names = dict(LIBRARY)
    exec("\n".join(map(str.strip, MAKE.splitlines())), names)
    shown = {"a": "a", "c": "c", "a * b": "product", "d": "d", "d + c": "total", "e": "e"}
    graph = graph_of(names["e"], {label: names[name] for label, name in shown.items()})
    labels = list(graph.labels)
    constants = {"a * b": "b", "e": "3"}  # a graph has no names for them
    for output, source in graph.edges:
        if labels[source] == "constant":
            labels[source] = constants[labels[output].partition(" = ")[0]]
    shown["b"] = "b"
    for i, label in enumerate(labels):
        name, _, operation = label.partition(" = ")
        if values and name in shown:
            value = f"{names[shown[name]].data:g}"
            labels[i] = f"{label}\n{value}" if operation else f"{label} = {value}"
    return Graph(labels, graph.edges)


LIBRARY: dict[str, Any] = {
    **HELPERS,
    **{
        name: getattr(module, name)
        for module, names in (
            (activation, ("Identity", "Sigmoid", "Tanh", "ReLU", "LeakyReLU", "Softmax")),
            (linear, ("Linear",)),
            (batchnorm, ("BatchNorm",)),
            (convolution, ("Conv2d",)),
            (pooling, ("MaxPool2d",)),
            (loss, ("CrossEntropy", "L2", "SoftmaxCrossEntropy")),
            (mlp, ("MLP",)),
        )
        for name in names
    },
    "Tensor": Tensor,
    "Add": Add,
    "Mul": Mul,
    "ContextManager": ContextManager,
    "AccumulateGrad": AccumulateGrad,
    "gradient": gradient,
    "jacobian": jacobian,
}
