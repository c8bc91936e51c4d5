"""What `train.py` trains: recipes by name, and the network that a recipe describes."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy.typing as npt

from mytorch import MLP, Criterion, Identity, LeakyReLU, ReLU, Sigmoid, SoftmaxCrossEntropy, Tanh
from mytorch import initializers as init


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A network and how it is trained; every field is an option of the command line."""

    hiddens: tuple[int, ...]
    activation: str
    init: str
    batch_norm: int  # how many layers, from the input on
    lr: float
    lr_decay: float  # the learning rate's factor from one epoch to the next
    momentum: float
    epochs: int
    batch_size: int
    normalized: bool  # pixels of mean 0 and deviation 1, not from 0 to 1


RECIPES = {
    # 000 §3, the sample constructor call
    "2019": Recipe((64, 64, 32), "sigmoid", "normal", 0, 0.008, 1.0, 0.9, 30, 100, False),
    # 000 §3.2, the linear classifier
    "linear": Recipe((), "identity", "normal", 0, 0.008, 1.0, 0.0, 100, 100, False),
    "strong": Recipe((512, 256), "relu", "kaiming-normal", 2, 0.05, 0.7, 0.9, 10, 100, True),
    # for tables of one's own; validation says when it is enough
    "table": Recipe((64, 32), "relu", "kaiming-normal", 0, 0.01, 1.0, 0.9, 200, 32, False),
}

ACTIVATIONS: dict[str, Callable[[], Any]] = {
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "relu": ReLU,
    "leaky-relu": LeakyReLU,
    "identity": Identity,
}

INITIALIZERS: dict[str, Any] = {
    "normal": init.random_normal_weight_init,
    "xavier-uniform": init.xavier_uniform,
    "xavier-normal": init.xavier_normal,
    "kaiming-uniform": init.kaiming_uniform,
    "kaiming-normal": init.kaiming_normal,
}


def build(
    recipe: Recipe,
    features: int,
    classes: int,
    dtype: npt.DTypeLike,
    criterion: Criterion | None = None,
) -> MLP:
    """A fresh network for `x (N, features)` and `y (N, classes)`; cross-entropy by default."""
    return MLP(
        features,
        classes,
        recipe.hiddens,
        [*(ACTIVATIONS[recipe.activation]() for _ in recipe.hiddens), Identity()],
        INITIALIZERS[recipe.init],
        init.zeros_bias_init,
        criterion or SoftmaxCrossEntropy(),
        recipe.lr,
        recipe.momentum,
        recipe.batch_norm,
        dtype,
    )
