"""What `train.py` trains: recipes by name, and the network that a recipe describes."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy.typing as npt

from mytorch import (
    MLP,
    Criterion,
    Dropout,
    Identity,
    LeakyReLU,
    Network,
    ReLU,
    Sigmoid,
    SoftmaxCrossEntropy,
    Tanh,
)
from mytorch import initializers as init
from mytorch.optim import SGD, Adam, AdamW, RMSprop
from mytorch.optim.schedule import CosineLR, Schedule, StepLR


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
    optimizer: str = "sgd"
    weight_decay: float = 0.0
    dropout: float = 0.0  # share of the hidden units that a step leaves out
    lr_schedule: str = "constant"  # over all epochs


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

OPTIMIZERS: dict[str, Any] = {"sgd": SGD, "adam": Adam, "adamw": AdamW, "rmsprop": RMSprop}
HAVE_MOMENTUM = ("sgd", "rmsprop")
SCHEDULES = ("constant", "cosine", "step")

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
) -> Network:
    """A fresh network for `x (N, features)` and `y (N, classes)`; cross-entropy by default.

    It is an `MLP`, whose momentum and weight decay are those of its linear layers. With dropout or
    another optimizer than SGD it is a `Network` of the same layers, and the optimizer is one for
    all that they learn.
    """
    mlp = MLP(
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
    if recipe.optimizer == "sgd" and not recipe.dropout:
        mlp.optimizer.weight_decay = recipe.weight_decay
        return mlp
    layers: list[Any] = []
    for layer in mlp.layers:
        layers.append(layer)
        if recipe.dropout and layer in mlp.activations[:-1]:
            layers.append(Dropout(recipe.dropout))
    return Network(layers, mlp.criterion, optimizer_of(recipe))


def optimizer_of(recipe: Any) -> Any:
    """The optimizer of a recipe, without parameters."""
    settings = {"lr": recipe.lr, "weight_decay": recipe.weight_decay}
    if recipe.optimizer in HAVE_MOMENTUM:
        settings["momentum"] = recipe.momentum
    return OPTIMIZERS[recipe.optimizer](**settings)


def schedule_of(name: str, optimizer: Any, length: int) -> Schedule | None:
    """The schedule `name` for so many epochs or steps; None for a constant rate."""
    if name == "cosine":
        return CosineLR(optimizer, length)
    if name == "step":
        return StepLR(optimizer, -(-length // 3))
    return None
