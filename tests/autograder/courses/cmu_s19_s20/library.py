"""This project's own classes, which answer fresh cases, and what checks them."""

from __future__ import annotations

from collections.abc import Iterator

import mytorch
from mytorch.gradcheck import gradcheck
from tests.autograder.course import Cases

NAMES = (
    *("SoftmaxCrossEntropy", "Linear", "Identity", "Sigmoid", "Tanh", "ReLU", "BatchNorm", "MLP"),
)
CLASSES = {name: getattr(mytorch, name) for name in NAMES}


def gradient_checks(cases: Cases) -> Iterator[object]:
    """Comparisons with finite differences; one that fails is false."""
    layer = cases["linear"]["ordinary"]
    linear = mytorch.Linear(*layer["W"].shape, lambda *_: layer["W"], lambda *_: layer["b"])
    x, y = (cases["softmax_cross_entropy"]["ordinary"][name] for name in ("x", "y"))
    yield gradcheck(linear, layer["x"])
    yield gradcheck(mytorch.SoftmaxCrossEntropy(), x, y)
    yield gradcheck(mytorch.BatchNorm(4), cases["batchnorm"]["ordinary"]["x0"])
    for name in ("Sigmoid", "Tanh", "ReLU"):
        yield gradcheck(CLASSES[name](), cases[name.lower()]["ordinary"]["z"])
