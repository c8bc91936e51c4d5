"""Small networks, and what they are trained on."""

from typing import Any

import numpy as np

from mytorch import MLP, SoftmaxCrossEntropy
from mytorch.initializers import zeros_bias_init
from mytorch.nn.activations import ReLU
from mytorch.nn.batchnorm import BatchNorm1d
from mytorch.nn.linear import Linear
from mytorch.nn.sequential import Sequential
from tests.support.layers import xavier


def network(hiddens: list[int], activations: list[Any], **changes: Any) -> MLP:
    """A network of 5 inputs and 3 outputs."""
    settings = {
        "weight_init_fn": xavier(1),
        "bias_init_fn": zeros_bias_init,
        "criterion": SoftmaxCrossEntropy(),
        "lr": 0.1,
    }
    return MLP(5, 3, hiddens, activations, **{**settings, **changes})


def batch(rows: int, seed: int = 0) -> tuple[Any, Any]:
    """Rows of 5 numbers, and one-hot labels of 3 classes."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(rows, 5)), np.eye(3)[rng.integers(0, 3, rows)]


def sequential() -> Sequential:
    """Modules on tensors, from 5 inputs to 3 outputs, always with the same numbers."""
    np.random.seed(1)
    return Sequential(Linear(5, 6), BatchNorm1d(6), ReLU(), Linear(6, 3))
