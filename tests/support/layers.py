"""One of each layer for the tests that ask the same of all of them."""

from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch import BatchNorm, Identity, LeakyReLU, Linear, ReLU, Sigmoid, Softmax, Tanh
from mytorch.initializers import xavier_normal
from mytorch.linear import WeightInit


def xavier(rng: int | np.random.Generator) -> WeightInit:
    """Weights from a generator of their own."""
    return partial(xavier_normal, rng=np.random.default_rng(rng))


ACTIVATIONS = (Identity, Sigmoid, Tanh, ReLU, LeakyReLU, Softmax)
NAMES = ("Linear", "BatchNorm", *(cls.__name__ for cls in ACTIVATIONS))


def make(name: str, features: int, dtype: npt.DTypeLike = np.float64) -> Any:
    """A layer that takes `(batch, features)`, with parameters that are neither 0 nor 1."""
    rng = np.random.default_rng(features)
    if name == "Linear":
        return Linear(features, 3, xavier(rng), lambda n: rng.normal(size=n), dtype)
    if name == "BatchNorm":
        layer = BatchNorm(features, dtype=dtype)
        layer.gamma, layer.beta = rng.normal(size=(2, features))
        return layer
    return next(cls for cls in ACTIVATIONS if cls.__name__ == name)()
