"""What `cifar10.py` trains: the recipes of 003, and the network that a recipe describes."""

import dataclasses
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch import (
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    LeakyReLU,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
    SoftmaxCrossEntropy,
)
from mytorch.initializers import kaiming_normal, zeros_bias_init
from mytorch.optim import SGD, Adam, AdamW, RMSprop


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A network and how it is trained; every field is an option of the command line."""

    channels: tuple[tuple[int, ...], ...]  # of each stage's convolutions; none for an MLP
    norm: str  # batch norm and ReLU after every convolution ("each"), or once a stage ("stage")
    hiddens: tuple[int, ...]
    slope: float  # of LeakyReLU, after hidden linear layers
    init: str  # of linear layers
    dropout: float  # before the last layer, and after hidden ones
    optimizer: str
    lr: float
    lr_schedule: str
    momentum: float
    weight_decay: float
    batch_size: int
    steps: int
    eval_every: int
    standardized: bool  # each colour of mean 0 and deviation 1; not the mean image subtracted


TABLE_1 = ((64,), (128,), (256, 256), (512, 512), (512, 512))
RECIPES = {
    # 003 §1.2: 45.66 % after the last step
    "mlp": Recipe(
        (), "each", (100,), 0.02, "normal-0.0001", 0, "sgd", 2e-3, "constant", 0, 0,
        200, 1_500, 100, False,
    ),
    # 003 §2: 55.07 %
    "mlp-tuned": Recipe(
        (), "each", (1_000, 1_000), 0.02, "he", 0, "sgd", 2e-3, "constant", 0, 0.1,
        400, 10_000, 500, False,
    ),
    # 003 §4, table 1
    "convnet": Recipe(
        TABLE_1, "each", (), 0, "pytorch", 0, "adam", 1e-4, "constant", 0, 0,
        32, 5_000, 500, False,
    ),
    # 003 §4, the network that its 76.95 % belongs to
    "convnet-report": Recipe(
        TABLE_1, "stage", (), 0, "pytorch", 0, "adam", 1e-4, "constant", 0, 0,
        32, 5_000, 500, False,
    ),
    # what runs where CIFAR-10 is not there
    "digits": Recipe(
        ((16,), (32,)), "each", (), 0, "pytorch", 0, "adam", 2e-3, "constant", 0, 0,
        32, 600, 100, True,
    ),
}  # fmt: skip

OPTIMIZERS: dict[str, Any] = {"sgd": SGD, "adam": Adam, "adamw": AdamW, "rmsprop": RMSprop}
HAVE_MOMENTUM = ("sgd", "rmsprop")
INITIALIZERS = ("normal-0.0001", "he", "pytorch")
Picture = tuple[int, ...]


def build(
    recipe: str | Recipe,
    dtype: npt.DTypeLike = "float32",
    rng: int | np.random.Generator = 0,
    picture: Picture | None = None,
    classes: int = 10,
) -> Network:
    """A fresh network with its criterion and its optimizer.

    It takes pictures `(batch, channels, height, width)`: of CIFAR-10, `(batch, 3, 32, 32)`, of the
    recipe "digits" `(batch, 1, 8, 8)`, or of the shape `picture`. `recipe` is one of `RECIPES` or
    its name. `rng`, a seed or a generator, draws the weights and the masks of dropout.
    """
    if isinstance(recipe, str):
        if recipe not in RECIPES:
            raise ValueError(f"build: expected one of {', '.join(RECIPES)}, got {recipe!r}")
        picture = picture or ((1, 8, 8) if recipe == "digits" else None)
        recipe = RECIPES[recipe]
    rng = np.random.default_rng(rng)
    channels, height, width = picture or (3, 32, 32)
    layers: list[Any] = []
    for stage in recipe.channels:
        for i, out in enumerate(stage):
            layers.append(Conv2d(channels, out, 3, padding=1, rng=rng, dtype=dtype))
            channels = out
            if recipe.norm == "each" or i == len(stage) - 1:
                layers += [BatchNorm2d(out, eps=1e-5, dtype=dtype), ReLU()]
        layers.append(MaxPool2d(3, stride=2, padding=1))
        height, width = (height + 1) // 2, (width + 1) // 2
    layers.append(Flatten())
    features = channels * height * width
    for units in recipe.hiddens:
        layers += [_linear(features, units, recipe.init, rng, dtype), LeakyReLU(recipe.slope)]
        layers += _dropout(recipe, rng)
        features = units
    if not recipe.hiddens:
        layers += _dropout(recipe, rng)
    layers.append(_linear(features, classes, recipe.init, rng, dtype))
    return Network(layers, SoftmaxCrossEntropy(), optimizer_of(recipe))


def optimizer_of(recipe: Recipe) -> Any:
    """The recipe's optimizer, without parameters."""
    settings = {"lr": recipe.lr, "weight_decay": recipe.weight_decay}
    if recipe.optimizer in HAVE_MOMENTUM:
        settings["momentum"] = recipe.momentum
    return OPTIMIZERS[recipe.optimizer](**settings)


def _dropout(recipe: Recipe, rng: np.random.Generator) -> list[Dropout]:
    seed = int(rng.integers(2**31)) if recipe.dropout else 0  # a stream for each layer
    return [Dropout(recipe.dropout, seed)] if recipe.dropout else []


def _linear(
    fan_in: int, fan_out: int, init: str, rng: np.random.Generator, dtype: npt.DTypeLike
) -> Linear:
    """The weights as 003 draws them; "pytorch" is uniform in `±1 / sqrt(fan_in)`, the bias too."""
    if init == "he":
        return Linear(
            fan_in, fan_out, lambda n, m: kaiming_normal(n, m, rng), zeros_bias_init, dtype
        )
    if init == "pytorch":
        bound = 1 / math.sqrt(fan_in)
        return Linear(
            fan_in,
            fan_out,
            lambda n, m: rng.uniform(-bound, bound, (n, m)),
            lambda m: rng.uniform(-bound, bound, (1, m)),
            dtype,
        )
    return Linear(fan_in, fan_out, lambda n, m: rng.normal(0, 1e-4, (n, m)), zeros_bias_init, dtype)
