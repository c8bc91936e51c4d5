"""CMU 11-785, homework 1 part 1 of fall 2020: automatic differentiation (002)."""

from collections.abc import Iterable
from typing import Any

COMMAND = "a"
TITLE = "autograd"
DESCRIPTION = "Grades the autograd homework (002 §1.1 to §2.6)."
HOMES = {
    "Tensor": ("mytorch.tensor",),
    "SGD": ("mytorch.optim.sgd",),
    "nn.Linear": ("mytorch.nn.linear",),
    "nn.ReLU": ("mytorch.nn.activations",),
    "nn.BatchNorm1d": ("mytorch.nn.batchnorm",),
    "nn.CrossEntropyLoss": ("mytorch.nn.loss",),
    "mnist": ("mnist",),
}
"""The classes, and in which module each is."""

SPELLING = {
    "weight": "out, in",
    "bias": "out",
    "mean": "loss",
    "names": {"W": "weight", "b": "bias", "dW": "weight.grad", "db": "bias.grad"},
}
"""How arrays are called and shaped, and where the mean over the batch is; see `Conventions`."""


def objection(submission: Any) -> str:
    """Why a submission is not of this edition; empty if it is."""
    missing = "no mytorch/tensor.py: this is not the autograd homework"
    return "" if submission.has_autograd else missing


def modules(submission: Any, names: Iterable[str]) -> list[str]:
    """What is imported for the classes `names`: the modules that have them."""
    return list(dict.fromkeys(home for name in names for home in HOMES[name]))
