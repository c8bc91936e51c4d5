"""CMU 11-785, homework 1 part 1 of fall 2020: automatic differentiation (002)."""

COMMAND = "a"
TITLE = "autograd"
DESCRIPTION = "Grades the autograd homework (002 §1.1 to §2.6)."

HOMES = {
    "Tensor": "mytorch.tensor",
    "SGD": "mytorch.optim.sgd",
    "nn.Linear": "mytorch.nn.linear",
    "nn.ReLU": "mytorch.nn.activations",
    "nn.BatchNorm1d": "mytorch.nn.batchnorm",
    "nn.CrossEntropyLoss": "mytorch.nn.loss",
    "mnist": "mnist",
}
"""In which module a class is."""


def objection(submission: object) -> str:
    """Why a submission is not of this edition; empty if it is."""
    if getattr(submission, "has_autograd", False):
        return ""
    return "no mytorch/tensor.py: this is not the autograd homework"
